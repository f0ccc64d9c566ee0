import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { cpus, tmpdir, totalmem } from 'node:os';
import { join, resolve } from 'node:path';
import { InvalidArgumentError, Option, type Command } from 'commander';
import { gpuMarkdown, type ClipSize, type GpuBenchReport } from '../../../src-shared/core/bench/index.ts';
import { HetcutError, usageError } from '../../../src-shared/core/errors/index.ts';
import { tokenEdgePx } from '../../../src-shared/core/control/index.ts';
import type { ModelFolder } from '../../engine/network/model-folder.ts';
import { surveyCards } from '../../gpu/index.ts';
import { benchGpu } from '../../host/bench/bench-gpu.ts';
import type { GpuBenchPlan } from '../../host/bench/bench-gpu-parts.ts';
import { watchCard, watchProcess } from '../../host/bench/memory-watch.ts';
import { memoryBudget } from '../../host/memory-budget.ts';
import { writeFileAtomic } from '../../jobs/atomic-write.ts';
import { importModel, openModel, synthConfigs, synthModel } from '../../models/index.ts';
import { createOrt } from '../../ort/index.ts';
import type { CliContext } from '../context.ts';
import { requireReadable, wholeNumber } from './edit.ts';

interface GpuFlags {
  readonly toy?: boolean;
  readonly model?: string;
  readonly golden?: string;
  readonly sizes?: readonly ClipSize[];
  readonly methodSize?: ClipSize;
  readonly steps: readonly number[];
  readonly methods: string;
  readonly runs: number;
  readonly text: 'full' | 'small' | 'none';
  readonly out: string;
}

const size = (frames: number, height: number, width: number): ClipSize => ({ frames, height, width });

/** The sizes of the paper's tables and of the plan's budgets; toy: the same numbers of frames, or about, of little. */
const realSizes = [size(33, 480, 832), size(57, 480, 832), size(81, 480, 832), size(25, 720, 1280)];
const toySizes = [size(9, 64, 112), size(13, 64, 112), size(21, 64, 112), size(9, 96, 160)];

function clipSize(text: string): ClipSize {
  const [, ...sides] = /^(\d+)[x×](\d+)[x×](\d+)$/.exec(text.trim()) ?? [];
  if (sides.length !== 3) {
    throw new InvalidArgumentError(`a size is FRAMESxHEIGHTxWIDTH, such as 33x480x832, not "${text}".`);
  }
  const [frames, height, width] = sides.map(Number);
  return { frames, height, width };
}

function stepList(text: string): number[] {
  return text.split(',').map(wholeNumber('--steps', 2, 1000));
}

/** Throws where a clip does not divide into the model's tokens. */
function requireSizes(sizes: readonly ClipSize[], { family }: ModelFolder): void {
  const edge = tokenEdgePx(family.geometry);
  const stride = family.geometry.temporalStride;
  for (const { frames, height, width } of sizes) {
    if (height % edge === 0 && width % edge === 0 && frames % stride === 1 && height > 0 && width > 0)
      continue;
    throw usageError(
      'bench-size',
      `${frames}x${height}x${width} does not divide into tokens: ${family.name} takes 1 + ${stride}·k frames and sides of ${edge}·k pixels.`,
      'Choose other --sizes and --method-size.',
    );
  }
}

/** A model of random weights, in a home of its own that is gone afterwards. */
async function withSynthetic<T>(
  { toy, text }: GpuFlags,
  precision: 'fp32' | 'fp16',
  context: CliContext,
  use: (model: ModelFolder) => Promise<T>,
): Promise<T> {
  const { signal, onProgress } = context;
  const home = await mkdtemp(join(tmpdir(), 'hetcut-bench-gpu-'));
  const config = toy === true ? 'wan-vace' : 'wan2.1-vace-1.3b';
  try {
    const source = join(home, 'source');
    const hooks = { signal, onProgress };
    await synthModel(
      {
        sizes: synthConfigs[config],
        text: toy === true && text !== 'none' ? 'small' : text,
        outDir: source,
        type: precision === 'fp16' ? 'F16' : 'F32',
        seed: 0,
      },
      hooks,
    );
    const id = `synthetic-${config}`;
    await importModel(
      { sourceDir: source, id, precision, home, replace: false, textPrecision: 'int8' },
      hooks,
    );
    await rm(source, { recursive: true, force: true });
    return await use(await openModel(home, id, hooks));
  } finally {
    await rm(home, { recursive: true, force: true });
  }
}

async function runBenchGpu(flags: GpuFlags, context: CliContext): Promise<void> {
  const { signal, onProgress, note } = context;
  const golden = flags.golden === undefined ? undefined : resolve(flags.golden);
  if (golden !== undefined) await requireReadable([['golden', golden]]);
  const toy = flags.toy === true;
  // NVIDIA's libraries round the operands of float32 products to ten bits unless they are told not to: parity is of fp32.
  process.env['NVIDIA_TF32_OVERRIDE'] ??= '0';
  const sessions = createOrt();
  const runtime = await sessions.describeRuntime();
  const { provider } = runtime;
  if (provider === 'cpu' && !toy) {
    throw new HetcutError('gpu-absent', 'There is no graphics card here that ONNX Runtime can use.', {
      hint: '`hetcut gpu status` says why. `hetcut bench gpu --toy` runs all of it at toy size on the processor.',
    });
  }
  const plan: GpuBenchPlan = {
    sizes: flags.sizes ?? (toy ? toySizes : realSizes),
    runs: flags.runs,
    methodSize: flags.methodSize ?? (toy ? toySizes[0] : realSizes[2]),
    steps: flags.steps,
    methods: flags.methods.split(','),
  };
  const precision = provider === 'cpu' ? 'fp32' : 'fp16';
  const card = provider === 'cpu' ? undefined : (await surveyCards()).cards[0];
  const memory = card === undefined ? watchProcess() : watchCard();
  const measure = async (model: ModelFolder, synthetic: boolean): Promise<GpuBenchReport> => {
    requireSizes([...plan.sizes, plan.methodSize], model);
    const result = await benchGpu(plan, {
      sessions,
      provider,
      model,
      ...(golden === undefined ? {} : { golden }),
      budget: await memoryBudget(sessions),
      memory,
      signal,
      onNote: note,
    });
    return {
      date: new Date().toISOString().slice(0, 10),
      toy,
      machine: {
        cpu: cpus()[0]?.model ?? 'unknown',
        cores: cpus().length,
        memoryGb: Math.round(totalmem() / 2 ** 30),
        os: `${process.platform} ${process.arch}`,
        onnxRuntime: runtime.version,
        provider,
        ...(card === undefined
          ? {}
          : {
              card: {
                name: card.name,
                ...(card.driver === undefined ? {} : { driver: card.driver }),
                ...(card.memoryBytes === undefined ? {} : { memoryGb: card.memoryBytes / 2 ** 30 }),
              },
            }),
      },
      model: { id: model.id, synthetic, precision: model.precision },
      methodSize: plan.methodSize,
      ...result,
    };
  };
  try {
    const report =
      flags.model === undefined
        ? await withSynthetic(flags, precision, context, (model) => measure(model, true))
        : await measure(await openModel(context.home, flags.model, { signal, onProgress }), false);
    const folder = resolve(flags.out);
    await mkdir(folder, { recursive: true });
    const markdown = join(folder, 'report.md');
    const text = gpuMarkdown(report);
    await writeFileAtomic(markdown, text);
    await writeFileAtomic(join(folder, 'report.json'), `${JSON.stringify(report, null, 2)}\n`);
    if (report.parity.some(({ failed }) => failed > 0)) context.markFailed();
    context.answer(report, `${text}\nreport: ${markdown}`);
  } finally {
    memory.stop();
  }
}

/** The subcommand `bench gpu`. */
export function registerBenchGpu(bench: Command, context: CliContext): void {
  bench
    .command('gpu')
    .description(
      'A graphics card: parity, network calls as a share of its peak, VAE, text, cache methods and memory, as a report.',
    )
    .option(
      '--toy',
      'a small model and small clips, on the processor too: shows that it runs, measures nothing',
    )
    .option(
      '--model <id>',
      'an imported model; default: random weights in the size of Wan2.1-VACE-1.3B, fp16',
    )
    .option('--golden <dir>', 'reference vectors for the parity on this provider')
    .option('--sizes <list>', 'clips of calls and VAE, FRAMESxHEIGHTxWIDTH, divided by commas', (text) =>
      text.split(',').map(clipSize),
    )
    .option('--method-size <size>', 'clip of the cache methods', clipSize)
    .option('--steps <list>', 'steps of the cache methods', stepList, [20, 50])
    .option(
      '--methods <list>',
      'rows as in bench methods',
      'teacache:delta=0.1,easycache:delta=0.05,magcache,hetcache@balanced,hetcache@fast',
    )
    .option('--runs <n>', 'timed calls of each size; the median counts', wholeNumber('--runs', 1, 100), 3)
    .addOption(
      new Option('--text <size>', 'text encoder of the random model, in int8')
        .choices(['full', 'small', 'none'])
        .default('full'),
    )
    .option('--out <folder>', 'where report.md and report.json go', join('out', 'bench-gpu'))
    .action((flags: GpuFlags) => runBenchGpu(flags, context));
}
