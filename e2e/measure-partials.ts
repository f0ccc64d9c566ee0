/**
 * Measures HetCache's partial steps on the test bed and prints the tables of docs/benchmarks/partial-steps.md.
 *   node --import tsx e2e/measure-partials.ts HOME quality|ablation|seconds [MODEL CLIP MASK PROMPT]
 * HOME: of `hetcut`, with the test bed imported as `testbed` and calibrated as the page says. With MODEL … PROMPT another model on
 * one clip. PSNR is inside the mask, against the uncached run of the same seed; its mean is over runs, `pooled` over all
 * pixels of them. Seconds, of calls full and partial in turn, are those of a quiet machine only.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  choicesOf,
  mostPartialShare,
  type ScheduleChoice,
} from '../src-shared/core/caches/calibrated-schedule.ts';
import type { MethodSpec, ModelCalibration } from '../src-shared/core/caches/index.ts';
import { partialCost } from '../src-shared/core/estimate/index.ts';
import { addErrors, noError, psnrOf } from '../src-shared/core/metrics/index.ts';
import { partitionTokens } from '../src-shared/core/tokens/index.ts';
import {
  compareWindows,
  encodeBenchWindow,
  runBenchWindow,
  videoBytes,
} from '../src-main/engine/generate/bench-windows.ts';
import { readWindowFrames } from '../src-main/engine/generate/generate-clip.ts';
import { createDenoiser, keptFormsOf } from '../src-main/engine/network/denoiser.ts';
import { measureTimeDrift } from '../src-main/engine/network/drift-probe.ts';
import { encodePrompts } from '../src-main/host/encode-prompts.ts';
import { loadModel } from '../src-main/host/load-model.ts';
import { openWindows } from '../src-main/host/open-windows.ts';
import { openWorkFolder } from '../src-main/jobs/work-folder.ts';
import { createMedia } from '../src-main/media/index.ts';
import { openModelFolder } from '../src-main/models/index.ts';
import { createOrt } from '../src-main/ort/index.ts';
import { openCameraTracker } from '../src-main/vision/index.ts';
import { root } from './hetcut.ts';

const print = (line: string): void => void process.stdout.write(`${line}\n`);
const [home, what, ...other] = process.argv.slice(2);
if (home === undefined || !['quality', 'ablation', 'seconds'].includes(what)) {
  throw new Error('usage: measure-partials.ts HOME quality|ablation|seconds [MODEL CLIP MASK PROMPT]');
}
const seeds = [0, 1, 2, 3, 4, 5];
const { signal } = new AbortController();
const sessions = createOrt();
const model = await openModelFolder(home, other[0] ?? 'testbed');
const loaded = loadModel(sessions, model);
const {
  recommendedSteps: steps,
  flowShift,
  guidanceScale,
  strength,
  textTokens,
  negativePrompt,
} = model.settings;
const scheduler = model.scheduler.create({ steps, ...(flowShift !== undefined && { flowShift }) });
const drift = await measureTimeDrift(loaded.transformer, scheduler.timesteps);
const calibrated = model.calibration.schedules?.find(
  (schedule) => schedule.guidanceScale === guidanceScale && schedule.timesteps.length === steps,
);
const sampling = { scheduler, drift, guidanceScale, strength, clock: () => performance.now() / 1000, signal };
const { spec } = loaded.transformer;

interface BenchClip {
  readonly name: string;
  readonly clipPath: string;
  readonly maskPath: string;
  readonly prompt: string;
}

async function clips(): Promise<BenchClip[]> {
  if (other.length > 0) {
    const [, clipPath, maskPath, prompt] = other;
    return [{ name: clipPath, clipPath, maskPath, prompt }];
  }
  const folder = join(root, 'models/testbed/clips');
  const prompts = JSON.parse(await readFile(join(folder, 'prompts.json'), 'utf8')) as Record<string, string>;
  return ['bench-5', 'bench-24', 'bench-44'].map((name) => ({
    name,
    clipPath: join(folder, `${name}.mp4`),
    maskPath: join(folder, `${name}.json`),
    prompt: prompts[name],
  }));
}

/** The first window of a clip, ready to be run, with its uncached runs when they are asked for. */
async function open({ clipPath, maskPath, prompt }: BenchClip) {
  const patches = openWorkFolder(join(home, 'work', `partials-${process.pid}`));
  const media = await createMedia();
  const parts = {
    media,
    model,
    patches,
    openTracker: openCameraTracker,
    signal,
    onProgress: () => undefined,
  };
  const { source, services, plan, patchOf } = await openWindows({ clipPath, maskPath }, parts);
  const [window] = plan.windows;
  const frames = await readWindowFrames({ source, services }, window, patchOf);
  await patches.clear();
  const words = guidanceScale === 1 ? [prompt] : [prompt, negativePrompt];
  const texts = await encodePrompts(home, sessions, model, words);
  const generator = { ...loaded, texts, textTokens };
  const bench = await encodeBenchWindow(generator, window, frames, sampling);
  const { picture, referenceFrames } = bench.encoded;
  const partition = partitionTokens(picture.mask, picture, {
    referenceFrames,
    geometry: model.family.geometry,
    marginTokens: { space: 0, time: 0 },
  });
  const { generative, margin, context } = partition;
  const counts = { generative: generative.length, margin: margin.length, context: context.length };
  const run = (method: MethodSpec, seed: number, calibration: ModelCalibration) =>
    runBenchWindow(generator, bench, method, { ...sampling, calibration, seed });
  const uncached = new Map<number, Uint8Array>();
  const reference = async (seed: number): Promise<Uint8Array> => {
    const known = uncached.get(seed);
    if (known !== undefined) return known;
    const { video } = await run({ name: 'full', options: {} }, seed, {});
    const bytes = videoBytes(video);
    uncached.set(seed, bytes);
    return bytes;
  };
  return {
    generator,
    bench,
    partition,
    hole: generative.length / partition.count,
    cost: partialCost(spec, counts, 0, textTokens),
    /** What a method is off by over the seeds, and what it costs of full calls. */
    async measure(letters: string, options: MethodSpec['options']) {
      // A calibration of one schedule: whatever the options of the method are, it is run.
      const point = { calls: steps, letters, error: 0 };
      const { partial: _, ...rest } = calibrated!;
      const calibration = {
        schedules: [
          { ...rest, points: Array.from({ length: steps }, (_, i) => ({ ...point, calls: i + 1 })) },
        ],
      };
      const method = { name: 'hetcache', options: { delta: 1, ...options } };
      let all = noError;
      let decibels = 0;
      let flops = 0;
      for (const seed of seeds) {
        const result = await run(method, seed, calibration);
        const { mask } = compareWindows(bench, videoBytes(result.video), await reference(seed));
        all = addErrors(all, mask);
        decibels += psnrOf(mask);
        flops += result.steps.reduce((sum, step) => sum + step.flops, 0) / result.steps[0].flops;
      }
      const count = seeds.length;
      return { cost: flops / count, mean: decibels / count, pooled: psnrOf(all) };
    },
  };
}

type Opened = Awaited<ReturnType<typeof open>>;

/** The best of a list that costs at most so much. */
const bestWithin = (choices: readonly ScheduleChoice[], cost: number): ScheduleChoice =>
  choices.filter((one) => one.cost <= cost).reduce((best, one) => (one.error < best.error ? one : best));
const requireCalibrated = () => {
  if (calibrated === undefined)
    throw new Error(`${model.id} is not calibrated for its own steps and guidance`);
  return calibrated;
};
const calls = (letters: string): string => {
  const partial = letters.split('P').length - 1;
  return `${letters.split('F').length - 1}${partial === 0 ? '' : ` + ${partial}`}`;
};
const figures = ({ cost, mean, pooled }: Awaited<ReturnType<Opened['measure']>>): string =>
  `${cost.toFixed(2)} | ${mean.toFixed(1)} | ${pooled.toFixed(1)}`;

async function quality({ name }: BenchClip, clip: Opened): Promise<void> {
  print(
    `\n${name}: ${(100 * clip.hole).toFixed(0)} % of the tokens, a partial step costs ${clip.cost.toFixed(2)}\n`,
  );
  print(
    '| budget | full steps alone: cost | mean dB | pooled | with partial: calls | cost | mean dB | pooled |',
  );
  print('| ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |');
  const schedule = requireCalibrated();
  const share = Math.min(clip.cost, mostPartialShare);
  for (const budget of [5, 6, 7, 8, 9, 10, 11, 12, 14, 16]) {
    const full = bestWithin(choicesOf(schedule), budget);
    const kv = bestWithin(choicesOf(schedule, share), budget);
    const alone = await clip.measure(full.letters, { partial: 'none' });
    const both = await clip.measure(kv.letters, { partial: 'kv' });
    print(`| ${budget} | ${figures(alone)} | ${calls(kv.letters)} | ${figures(both)} |`);
  }
}

/** The same schedule with partial steps of every kind. */
const ablations: readonly (readonly [string, MethodSpec['options']])[] = [
  ['kv, forecast', { partial: 'kv' }],
  ['kv, as it was', { partial: 'kv', ahead: 'last' }],
  ['kv, forecast, eight bits', { partial: 'kv', caches: 'int8' }],
  ['kv, margin 1', { partial: 'kv', margin: 1 }],
  ['kv, margin 2 and 1 frame', { partial: 'kv', margin: 2, marginTime: 1 }],
  ['kv, r 0.3', { partial: 'kv', keep: 0.3 }],
  ['kv, r 0.7', { partial: 'kv', keep: 0.7 }],
  ['drop, r 0', { partial: 'drop', context: 'analytic' }],
  ...(['uniform', 'clusters', 'importance', 'clusters+importance'] as const).map(
    (selection) => [`drop, r 0.7, ${selection}`, { partial: 'drop', keep: 0.7, selection }] as const,
  ),
  ['drop, r 0.3, clusters+importance', { partial: 'drop', keep: 0.3 }],
  ['drop, r 0.7, margin 2 and 1 frame', { partial: 'drop', keep: 0.7, margin: 2, marginTime: 1 }],
];

async function ablation({ name }: BenchClip, clip: Opened): Promise<void> {
  const schedule = requireCalibrated();
  const { letters } = bestWithin(choicesOf(schedule, Math.min(clip.cost, mostPartialShare)), 8.5);
  print(
    `\n${name}: ${(100 * clip.hole).toFixed(0)} % of the tokens, ${calls(letters)} calls: \`${letters}\`\n`,
  );
  print('| partial steps | cost | mean dB | pooled |');
  print('| --- | ---: | ---: | ---: |');
  const replaced = await clip.measure(letters.replaceAll('P', 'F'), { partial: 'none' });
  print(`| full in their place | ${figures(replaced)} |`);
  for (const [label, options] of ablations)
    print(`| ${label} | ${figures(await clip.measure(letters, options))} |`);
  const alone = await clip.measure(bestWithin(choicesOf(schedule), 8.5).letters, { partial: 'none' });
  print(`| none: the best of full steps alone | ${figures(alone)} |`);
}

async function seconds({ name }: BenchClip, clip: Opened): Promise<void> {
  const { generator, bench, partition } = clip;
  const { texts } = generator;
  const { control } = bench.encoded;
  const rope = spec.rope(partition.grid);
  const sample = new Float32Array(partition.count * spec.tokenLength).map((_, i) => Math.sin(i));
  const call = { sample, timestep: scheduler.timesteps[scheduler.steps >> 1] };
  const middle = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[values.length >> 1];
  print(
    `\n${name}: ${partition.count} tokens, ${(100 * clip.hole).toFixed(0)} % hole, ${texts.length} streams\n`,
  );
  print(
    '| kept | full call | full call that keeps | partial call | share of a full call | of its operations | realised |',
  );
  print('| --- | ---: | ---: | ---: | ---: | ---: | ---: |');
  for (const form of keptFormsOf(model.transformer.graphs)) {
    const conditions = { control, rope, texts, textTokens };
    const denoiser = createDenoiser(loaded.transformer, conditions, { cached: { form, keep: 0 } });
    const plain = createDenoiser(loaded.transformer, conditions);
    const { generative: tokens, context } = partition;
    const part = { tokens, cached: { tokens: context, reach: 0.5 } };
    const kinds = {
      full: () => plain.run(call),
      keeping: () => denoiser.run({ ...call, keep: context }),
      partial: () => denoiser.run({ ...call, part }),
    };
    const times = { full: [] as number[], keeping: [] as number[], partial: [] as number[] };
    for (let round = -2; round < 15; round++) {
      for (const kind of ['full', 'keeping', 'partial'] as const) {
        const start = performance.now();
        await kinds[kind]();
        if (round >= 0) times[kind].push((performance.now() - start) / 1000);
      }
    }
    const [full, keeping, partial] = [middle(times.full), middle(times.keeping), middle(times.partial)];
    const share = partial / full;
    const realised = (1 - share) / (1 - clip.cost);
    const shown = [full, keeping, partial].map((value) => `${(1000 * value).toFixed(1)} ms`);
    print(
      `| ${form} | ${shown.join(' | ')} | ${share.toFixed(2)} | ${clip.cost.toFixed(2)} | ${realised.toFixed(2)} |`,
    );
  }
}

for (const clip of await clips()) {
  const opened = await open(clip);
  await { quality, ablation, seconds }[what as 'quality' | 'ablation' | 'seconds'](clip, opened);
}
await loaded.release();
