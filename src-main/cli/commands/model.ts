import { resolve } from 'node:path';
import { InvalidArgumentError, Option, type Command } from 'commander';
import { usageError } from '../../../src-shared/core/errors/index.ts';
import type { Precision, TextPrecision } from '../../../src-shared/core/graph/index.ts';
import {
  importModel,
  importSegmenter,
  isSegmenterFolder,
  listModels,
  listSegmenters,
  removeSegmenter,
  removeModel,
  synthConfigs,
  synthModel,
  verifyModel,
  type ImportRequest,
  type LoraRequest,
  type ModelSummary,
  type SynthSizes,
  type SynthText,
} from '../../models/index.ts';
import { bundledIds, isBundled } from '../../../src-shared/project/index.ts';
import { openSegmenter } from '../../engine/segment/network-segmenter.ts';
import { createOrt } from '../../ort/index.ts';
import type { CliContext } from '../context.ts';
import { registerCalibrate } from './calibrate.ts';
import { registerGet } from './model-get.ts';
import { wholeNumber } from './edit.ts';
import { usualPrecision } from './usual-precision.ts';

interface PartRow {
  readonly name: string;
  readonly bytes: number;
  readonly seconds?: number;
  readonly sha256: string;
}

const inMb = (bytes: number): string => `${(bytes / 1e6).toFixed(1)} MB`;

function partLines(parts: readonly PartRow[]): string[] {
  return parts.map(({ name, bytes, seconds, sha256 }) => {
    const time = seconds === undefined ? '' : `${seconds.toFixed(1).padStart(7)} s`;
    return `  ${name.padEnd(13)}${inMb(bytes).padStart(12)}${time}  ${sha256.slice(0, 16)}…`;
  });
}

interface ImportFlags {
  readonly id: string;
  readonly precision?: Precision;
  readonly textPrecision?: TextPrecision;
  readonly vaePrecision?: Precision;
  readonly replace?: boolean;
  readonly acceptLicence?: boolean;
  readonly transformer?: string;
  readonly vae?: string;
  readonly textEncoder?: string;
  readonly tokenizer?: string;
  readonly lora: readonly LoraRequest[];
  readonly steps?: number;
  readonly guidance?: number;
}

/** `FILE` or `FILE:0.8`. */
function addLora(text: string, before: readonly LoraRequest[]): LoraRequest[] {
  const [, path, strength = '1'] = /^(.+?)(?::(-?\d+(?:\.\d+)?))?$/.exec(text) ?? [];
  if (path === undefined)
    throw new InvalidArgumentError(`--lora is a file, or file:strength, not "${text}".`);
  return [...before, { path, strength: Number(strength) }];
}

function guidanceScale(text: string): number {
  const value = Number(text);
  if (!(value >= 1 && value <= 100)) {
    throw new InvalidArgumentError(`--guidance is a number from 1 to 100, not "${text}".`);
  }
  return value;
}

/** A folder, or single files. */
function sourceOf(
  dir: string | undefined,
  { transformer, vae, textEncoder, tokenizer }: ImportFlags,
): Pick<ImportRequest, 'sourceDir' | 'files'> {
  const named = transformer !== undefined || vae !== undefined || textEncoder !== undefined;
  if (dir !== undefined && !named && tokenizer === undefined) return { sourceDir: dir };
  if (dir !== undefined || transformer === undefined || vae === undefined) {
    throw usageError(
      'import-source',
      'Give either a folder, or the single files --transformer and --vae.',
      'hetcut model import DIR --id ID, or hetcut model import --transformer FILE --vae FILE --text-encoder FILE --tokenizer FILE --id ID.',
    );
  }
  return {
    sourceDir: transformer,
    files: {
      transformer,
      vae,
      ...(textEncoder === undefined ? {} : { textEncoder }),
      ...(tokenizer === undefined ? {} : { tokenizer }),
    },
  };
}

/** Opens the graphs of a segmenter once. */
async function checkSegmenter(folder: string): Promise<void> {
  const network = await openSegmenter(folder, createOrt({ cpuFallback: true }));
  await network.release();
}

function registerImport(model: Command, context: CliContext): void {
  model
    .command('import')
    .description('Imports a model that you have: builds its graphs and converts its weights.')
    .argument(
      '[dir]',
      'folder with model_index.json, transformer/, vae/, …, the models folder of ComfyUI, or a segmenter of five graphs',
    )
    .requiredOption('--id <id>', 'its name in HetCut')
    .option('--transformer <file>', 'single file of the network, safetensors or GGUF, as ComfyUI has it')
    .option('--vae <file>', 'single file of the VAE')
    .option('--text-encoder <file>', 'single file of the text encoder')
    .option('--tokenizer <file>', 'tokenizer.json of the text encoder; prompts need it')
    .option('--lora <file[:strength]>', 'merged into the network; several are added up', addLora, [])
    .option(
      '--steps <n>',
      'its usual steps, such as a few-step LoRA asks for',
      wholeNumber('--steps', 1, 1000),
    )
    .option('--guidance <g>', 'its usual guidance, 1 or more', guidanceScale)
    .addOption(
      new Option(
        '--precision <p>',
        'fp16 is half the size and meant for GPUs; fp32 is exact; default: fp16 where a GPU computes, else fp32',
      ).choices(['fp32', 'fp16']),
    )
    .option('--replace', 'replace an imported model of that id')
    .option('--accept-licence', 'the licence was read, where it restricts the use')
    .addOption(
      new Option(
        '--text-precision <p>',
        'of the text encoder: int8 and int4 are small; default: int8 with fp16, fp32 with fp32',
      ).choices(['fp32', 'fp16', 'int8', 'int4']),
    )
    .addOption(
      new Option('--vae-precision <p>', 'of the VAE; default: that of the model').choices(['fp32', 'fp16']),
    )
    .action(async (dir: string | undefined, flags: ImportFlags) => {
      const { home, signal, onProgress } = context;
      if (dir !== undefined && (await isSegmenterFolder(resolve(dir)))) {
        const { id, path, bytes } = await importSegmenter(
          { home, dir: resolve(dir), id: flags.id, replace: flags.replace === true },
          checkSegmenter,
        );
        const text = `${id}, a segmenter (${inMb(bytes)}), in ${path}`;
        context.answer({ id, kind: 'segmenter', path, bytes }, text);
        return;
      }
      const { manifest, path, warnings } = await importModel(
        {
          ...sourceOf(dir, flags),
          loras: flags.lora,
          settings: {
            ...(flags.steps === undefined ? {} : { recommendedSteps: flags.steps }),
            ...(flags.guidance === undefined ? {} : { guidanceScale: flags.guidance }),
          },
          id: flags.id,
          precision: flags.precision ?? (await usualPrecision()),
          ...(flags.textPrecision === undefined ? {} : { textPrecision: flags.textPrecision }),
          ...(flags.vaePrecision === undefined ? {} : { vaePrecision: flags.vaePrecision }),
          home,
          replace: flags.replace === true,
          acceptLicence: flags.acceptLicence === true,
        },
        { signal, onProgress },
      );
      warnings.forEach((warning) => context.note(warning));
      const { id, precision } = manifest;
      const parts = manifest.parts.map(({ name, bytes, seconds, sha256 }) => ({
        name,
        bytes,
        seconds,
        sha256,
      }));
      const text = [`${id} (${precision}) in ${path}`, ...partLines(parts)].join('\n');
      context.answer({ id, precision, path, parts, warnings }, text);
    });
}

function listText(models: readonly ModelSummary[]): string {
  if (models.length === 0) return `No models yet: ${bundledIds.join(' and ')} are imported on first use.`;
  return models
    .map(({ id, manifest, bytes, problem }) =>
      problem === undefined
        ? `${id.padEnd(24)}${manifest?.precision ?? ''}${inMb(bytes).padStart(12)}  ${isBundled(id) ? 'comes with HetCut: ' : ''}${manifest?.settings.description ?? ''}`
        : `${id.padEnd(24)}${problem}`,
    )
    .join('\n');
}

function registerStore(model: Command, context: CliContext): void {
  model
    .command('list')
    .description('Shows the imported models.')
    .action(async () => {
      const models = await listModels(context.home);
      const rows = models.map(({ id, path, manifest, bytes, problem }) => ({
        id,
        path,
        bytes,
        bundled: isBundled(id),
        ...(manifest === undefined ? {} : { precision: manifest.precision, family: manifest.family }),
        ...(problem === undefined ? {} : { problem }),
      }));
      const segmenters = await listSegmenters(context.home);
      const text = segmenters.map(
        ({ id, bytes, problem }) => `${id.padEnd(24)}segmenter${inMb(bytes).padStart(12)}  ${problem ?? ''}`,
      );
      context.answer({ models: rows, segmenters }, [listText(models), ...text].join('\n'));
    });
  model
    .command('verify')
    .description('Reads every byte of a model again and compares it with what was imported.')
    .argument('<id>')
    .action(async (id: string) => {
      const { signal, onProgress } = context;
      const result = await verifyModel(context.home, id, { signal, onProgress });
      context.answer({ ok: true, ...result }, [`${id} is whole.`, ...partLines(result.parts)].join('\n'));
    });
  model
    .command('remove')
    .description('Deletes a model.')
    .argument('<id>')
    .action(async (id: string) => {
      if (!(await removeSegmenter(context.home, id))) await removeModel(context.home, id);
      context.answer({ id, removed: true }, `${id} is deleted.`);
    });
}

interface SynthFlags {
  out: string;
  layers?: number;
  heads?: number;
  headDim?: number;
  ffn?: number;
  textDim?: number;
  freqDim?: number;
  vaceLayers?: number[];
  vaeBase?: number;
  vaeResBlocks?: number;
  text: SynthText;
  textLayers?: number;
  dtype: 'bf16' | 'fp16' | 'fp32';
  seed: number;
}

function layerList(text: string): number[] {
  const layers = text.split(',').map(Number);
  if (!layers.every((layer) => Number.isInteger(layer) && layer >= 0)) {
    throw new InvalidArgumentError(`--vace-layers is a list such as 0,2,4, not "${text}".`);
  }
  return layers;
}

/** The named sizes with what the flags change. Fewer layers keep the hints that still have a block. */
function sizesFor(name: string, flags: SynthFlags): SynthSizes {
  if (!Object.hasOwn(synthConfigs, name)) {
    const names = Object.keys(synthConfigs).join(', ');
    throw usageError('synth-config', `There is no configuration ${name}.`, `Choose one of ${names}.`);
  }
  const named = synthConfigs[name];
  const layers = flags.layers ?? named.layers;
  return {
    ...named,
    ...(flags.textLayers === undefined ? {} : { textLayers: flags.textLayers }),
    layers,
    heads: flags.heads ?? named.heads,
    headDim: flags.headDim ?? named.headDim,
    ffn: flags.ffn ?? named.ffn,
    textDim: flags.textDim ?? named.textDim,
    freqDim: flags.freqDim ?? named.freqDim,
    vaceLayers: flags.vaceLayers ?? named.vaceLayers.filter((layer) => layer < layers),
    vaeBase: flags.vaeBase ?? named.vaeBase,
    vaeResBlocks: flags.vaeResBlocks ?? named.vaeResBlocks,
  };
}

function registerSynth(model: Command, context: CliContext): void {
  const size = (name: string): ((text: string) => number) => wholeNumber(name, 1, 1_000_000);
  model
    .command('synth')
    .description('Writes a model of random weights in a real size, to measure what the real one would cost.')
    .argument('<config>', Object.keys(synthConfigs).join(', '))
    .requiredOption('--out <dir>', 'a folder that does not exist yet')
    .option('--layers <n>', 'main blocks', size('--layers'))
    .option('--heads <n>', 'attention heads', size('--heads'))
    .option('--head-dim <n>', 'size of a head', size('--head-dim'))
    .option('--ffn <n>', 'inner size of the feed-forward', size('--ffn'))
    .option('--text-dim <n>', 'size of the text embeddings', size('--text-dim'))
    .option('--freq-dim <n>', 'size of the timestep sinusoid', size('--freq-dim'))
    .option('--vace-layers <list>', 'main blocks that receive a hint, such as 0,2', layerList)
    .option('--vae-base <n>', 'channels of the first VAE stage', size('--vae-base'))
    .option('--vae-res-blocks <n>', 'residual blocks of a VAE stage', size('--vae-res-blocks'))
    .addOption(
      new Option('--text <size>', 'text encoder: xxl (11 GB in bf16), a small one, or none')
        .choices(['full', 'small', 'none'])
        .default('full'),
    )
    .option('--text-layers <n>', 'layers of the full one', size('--text-layers'))
    .addOption(new Option('--dtype <type>', 'on disk').choices(['bf16', 'fp16', 'fp32']).default('bf16'))
    .option('--seed <n>', 'same seed, same weights', wholeNumber('--seed', 0, 2 ** 32 - 1), 0)
    .action(async (config: string, flags: SynthFlags) => {
      const { signal, onProgress } = context;
      const type = ({ bf16: 'BF16', fp16: 'F16', fp32: 'F32' } as const)[flags.dtype];
      const { text, seed } = flags;
      const result = await synthModel(
        { sizes: sizesFor(config, flags), text, outDir: flags.out, type, seed },
        { signal, onProgress },
      );
      const { path, parameters, bytes, seconds } = result;
      context.answer(
        { config, ...result },
        `${path}: ${(parameters / 1e6).toFixed(1)} million parameters, ${inMb(bytes)}, ${seconds.toFixed(1)} s`,
      );
    });
}

export function registerModel(program: Command, context: CliContext): void {
  const model = program.command('model').description('Imports, lists, checks and makes models.');
  registerGet(model, context);
  registerImport(model, context);
  registerStore(model, context);
  registerSynth(model, context);
  registerCalibrate(model, context);
}
