import { execFileSync } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { EditResult } from '../src-main/engine/edit-job.ts';
import { runJob, type JobHooks } from '../src-main/host/run-job.ts';
import { createMedia, findBinaries } from '../src-main/media/index.ts';
import type { BenchReport } from '../src-shared/core/bench/index.ts';
import {
  cacheMethods,
  resolveMethod,
  type MethodName,
  type MethodSpec,
} from '../src-shared/core/caches/index.ts';
import { presets } from '../src-shared/core/presets/index.ts';
import { hetcut, prepareHome, root, startHetcut } from './hetcut.ts';
import '../src-main/media/testing/use-npm-binaries.ts';

/** 3 latent frames of 4 × 4 tokens: 48, of which a hole of 16 × 16 pixels on the grid takes 3. */
const clip = { width: 64, height: 64, frames: 9, tokens: 48 };
const steps = 8;

let home: string;
let folder: string;
let ffmpegPath: string;
const file = (name: string): string => join(folder, name);
const ffmpeg = (...args: string[]): string =>
  execFileSync(ffmpegPath, ['-v', 'error', '-y', ...args], { encoding: 'utf8' });

/** A mask of the clip's size, white where the boxes x, y, width, height are. */
function makeMask(name: string, ...boxes: [number, number, number, number][]): void {
  const draw = boxes.map(([x, y, w, h]) => `drawbox=x=${x}:y=${y}:w=${w}:h=${h}:color=white:t=fill`);
  const black = `color=black:size=${clip.width}x${clip.height}`;
  const filter = [...draw, 'format=gray'].join(',');
  ffmpeg('-f', 'lavfi', '-i', black, '-frames:v', '1', '-vf', filter, file(name));
}

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'hetcut-home-'));
  prepareHome(home);
  folder = await mkdtemp(join(tmpdir(), 'hetcut-caches-'));
  ffmpegPath = (await findBinaries(process.env)).ffmpeg.path;
  const moving = `testsrc2=size=${clip.width}x${clip.height}:rate=25`;
  const coded = ['-frames:v', String(clip.frames), '-pix_fmt', 'yuv420p', '-c:v', 'ffv1'];
  ffmpeg('-f', 'lavfi', '-i', moving, ...coded, file('clip.mkv'));
  makeMask('mask.png', [16, 32, 16, 16]);
  makeMask('one-token.png', [36, 20, 4, 4]);
  makeMask('nearly-all.png', [0, 0, 64, 62], [0, 62, 60, 2]);
});
afterAll(async () => {
  for (const made of [home, folder]) await rm(made, { recursive: true, force: true });
});

const job = (out: string, mask: string, more: readonly string[]): string[] => [
  'remove',
  file('clip.mkv'),
  '--mask',
  file(mask),
  '--plate',
  'off',
  '--out',
  file(out),
  '--lossless',
  '--json',
  ...more,
];

async function removed(out: string, more: readonly string[], mask = 'mask.png'): Promise<EditResult> {
  const run = await hetcut(job(out, mask, more), home);
  expect({ code: run.code, answer: run.code === 0 ? '' : run.stdout }).toEqual({ code: 0, answer: '' });
  return run.json() as unknown as EditResult;
}

/** The same without a command line: quicker by what it takes to start two processes. */
const ranHere = (
  out: string,
  method: MethodSpec,
  mask = 'mask.png',
  hooks: Partial<JobHooks> = {},
): Promise<EditResult> =>
  runJob(
    {
      kind: 'remove',
      clipPath: file('clip.mkv'),
      maskPath: file(mask),
      outputPath: file(out),
      modelId: 'starter',
      prompt: '',
      negativePrompt: '',
      steps,
      preset: 'quality',
      method: resolveMethod(method),
      seed: 0,
      plate: { kind: 'off' },
      fill: 'auto',
      encode: { quality: 'lossless' },
      fresh: false,
    },
    home,
    {
      signal: new AbortController().signal,
      onProgress: () => undefined,
      onNote: () => undefined,
      onPartialFile: () => undefined,
      ...hooks,
    },
  );

/** All decoded pictures of a result, as one hash per frame. */
const frameHashes = (name: string): string =>
  ffmpeg('-i', file(name), '-map', '0:v:0', '-f', 'framemd5', '-').replace(/^#.*\n/gm, '');

const sum = ({ full, partial, reuse }: EditResult['calls']): number => full + partial + reuse;

/** A method's name and options as arguments. */
const asked = (method: string, options: Readonly<Record<string, string | number>> = {}): string[] => [
  '--method',
  method,
  ...Object.entries(options).flatMap(([name, value]) => ['--option', `${name}=${value}`]),
];

const cached = (Object.keys(cacheMethods) as MethodName[]).filter((name) => name !== 'full');
const withSteps = ['--steps', String(steps)];

/** Where the defaults find nothing to skip in so few steps. */
const skipping: Partial<Record<MethodName, Readonly<Record<string, number>>>> = {
  fastcache: { delta: 0.3 },
  hetcache: { delta: 0.4 },
};

describe('remove --method', () => {
  let uncached: EditResult;
  beforeAll(async () => {
    uncached = await removed('full.mkv', [...asked('full'), ...withSteps]);
  });

  it('full computes every step', () => {
    expect(uncached).toMatchObject({ method: 'full', methodOptions: {}, steps, windows: 1, flopsSaved: 0 });
    expect(uncached.calls).toEqual({ full: steps, partial: 0, reuse: 0 });
  });

  it.each(cached)('%s saves calls, and leaves a whole file', async (name) => {
    const given = skipping[name] ?? {};
    // HetCache comes with what the preset says but for its pace, every other method with its own defaults.
    const { keep, clusters } = presets.quality;
    const start = name === 'hetcache' ? { keep, clusters } : {};
    const { options } = resolveMethod({ name, options: { ...start, ...given } });
    // One with options, and the usual one, from the command line: it reads all of them alike.
    const result = ['hetcache', 'fastcache'].includes(name)
      ? await removed(`${name}.mkv`, [...asked(name, given), ...withSteps])
      : await ranHere(`${name}.mkv`, { name, options });
    expect(result).toMatchObject({ method: name, methodOptions: options, steps, windows: 1 });
    expect(sum(result.calls)).toBe(result.windows * steps);
    expect(result.calls.full).toBeLessThan(steps);
    expect(result.flops).toBeLessThan(uncached.flops);
    expect(result.quality).toMatchObject({ outsideMaxDiff: 0, outputOutsideMaxDiff: 0 });
    const made = await (await createMedia()).probe(file(`${name}.mkv`));
    expect([made.width, made.height, made.ptsSec.length]).toEqual([clip.width, clip.height, clip.frames]);
    expect(frameHashes(`${name}.mkv`)).not.toBe(frameHashes('full.mkv'));
  });

  // The contract suite asks it of every method; here, on the starter's own graphs, of one that continues where it stopped,
  // and of the one that goes back to where its attention outputs are all computed again.
  it.each([
    ['hetcache', 5],
    ['pab', 2],
  ] as const)('%s goes on in the middle of a window', async (name, kept) => {
    const { options } = resolveMethod({ name, options: {} });
    const whole = await ranHere(`${name}-whole.mkv`, { name, options });
    const again = (onSample: (step: number) => void, signal = new AbortController().signal) =>
      ranHere(`${name}-resumed.mkv`, { name, options }, 'mask.png', {
        signal,
        onProgress: ({ stage, step }) => stage === 'sample' && onSample(step),
      });
    const abort = new AbortController();
    const stopped = again((step) => step === 5 && abort.abort(), abort.signal);
    await expect(stopped).rejects.toMatchObject({ code: 'cancelled' });
    const seen: number[] = [];
    const resumed = await again((step) => seen.push(step));
    expect(seen).toEqual([2, 3, 4, 5, 6, 7, 8].filter((step) => step >= kept));
    const { calls, flops } = whole;
    expect(resumed).toMatchObject({ calls, flops, resumedWindows: 0, resumedSteps: kept });
    expect(frameHashes(`${name}-resumed.mkv`)).toBe(frameHashes(`${name}-whole.mkv`));
    expect(await readdir(join(home, 'work'))).toEqual([]);
  });

  it.each(cached)('%s at its threshold 0 is the uncached run, bit for bit', async (name) => {
    const { exact } = cacheMethods[name];
    const result = await ranHere(`${name}-exact.mkv`, { name, options: exact });
    expect(result.methodOptions).toMatchObject(exact);
    expect(result.calls).toEqual({ full: steps, partial: 0, reuse: 0 });
    expect(frameHashes(`${name}-exact.mkv`)).toBe(frameHashes('full.mkv'));
  });
});

describe('the presets', () => {
  it('run HetCache, each on fewer operations than the one before', async () => {
    const results: EditResult[] = [];
    for (const preset of ['quality', 'balanced', 'fast'] as const) {
      const result = await removed(`${preset}.mkv`, ['--preset', preset, '--steps', '20']);
      expect(result).toMatchObject({
        method: 'hetcache',
        methodOptions: presets[preset],
        steps: 20,
      });
      expect(sum(result.calls)).toBe(20 * result.windows);
      results.push(result);
    }
    const [quality, balanced, fast] = results.map(({ flops }) => flops);
    expect(balanced).toBeLessThan(quality);
    expect(fast).toBeLessThan(balanced);
  });
});

describe('hetcache falls back', () => {
  /** Partial steps wherever tokens can be dropped at all, whatever the defaults are. */
  const eager = (options: Readonly<Record<string, number | string>> = {}): MethodSpec => ({
    name: 'hetcache',
    options: {
      partial: 'drop',
      rho: 100,
      delta: 0.02,
      warmup: 0,
      keep: 0.5,
      margin: 1,
      marginTime: 1,
      partialAbove: 0,
      weighting: 'none',
      ...options,
    },
  });

  it('to as many clusters as there are context tokens', async () => {
    const many = await ranHere('many.mkv', eager({ clusters: 1024 }));
    expect(many.calls.partial).toBeGreaterThan(0);
    await ranHere('as-many.mkv', eager({ clusters: clip.tokens }));
    expect(frameHashes('many.mkv')).toBe(frameHashes('as-many.mkv'));
  });

  it('to full steps where the margin leaves no context', async () => {
    const { calls } = await ranHere('context.mkv', eager());
    const wide = await ranHere('no-context.mkv', eager({ margin: 64 }));
    expect(calls.partial).toBeGreaterThan(0);
    expect(wide.calls).toEqual({ full: calls.full + calls.partial, partial: 0, reuse: calls.reuse });
  });

  it('to full steps where the mask covers all but a few pixels', async () => {
    const { calls, quality } = await ranHere('nearly-all.mkv', eager(), 'nearly-all.png');
    expect(calls.partial).toBe(0);
    expect(calls.full).toBeGreaterThan(0);
    expect(quality.outputOutsideMaxDiff).toBe(0);
  });

  it.each([
    ['all of the context makes full steps', 1],
    ['none of it makes steps of one token per latent frame', 0],
  ])('on nothing with a hole of one token: keeping %s', async (_what, keep) => {
    const method = eager({ keep, margin: 0, marginTime: 0 });
    const { calls, flops, quality } = await ranHere(`one-token-${keep}.mkv`, method, 'one-token.png');
    const full = await ranHere('one-token-full.mkv', { name: 'full', options: {} }, 'one-token.png');
    expect(sum(calls)).toBe(steps);
    if (keep === 0) {
      expect(calls.partial).toBeGreaterThan(0);
      expect(flops).toBeLessThan(full.flops);
    } else {
      expect(calls).toEqual(full.calls);
      expect(frameHashes(`one-token-${keep}.mkv`)).toBe(frameHashes('one-token-full.mkv'));
    }
    expect(quality.outputOutsideMaxDiff).toBe(0);
  });
});

describe('magcache on a model that was never calibrated', () => {
  it('says what to run, before anything is run, and works after that', async () => {
    const source = join(root, 'e2e/fixtures/golden/E_pipeline');
    expect((await hetcut(['model', 'import', source, '--id', 'raw', '--json'], home)).code).toBe(0);
    const wanted = { ok: false, code: 'magcache-uncalibrated', hint: 'Run: hetcut model calibrate ID.' };
    const magcache = job('raw.mkv', 'mask.png', [...asked('magcache'), ...withSteps, '--model', 'raw']);
    const refused = await hetcut(magcache, home);
    expect(refused.code).toBe(2);
    expect(refused.json()).toMatchObject(wanted);
    expect(await readdir(folder)).not.toContain('raw.mkv');

    const rows = ['--methods', 'pab,magcache', '--model', 'raw', '--steps', '4'];
    const bench = await hetcut(benchOf('raw-bench', rows), home);
    expect(bench.code).toBe(2);
    expect(bench.json()).toMatchObject(wanted);
    expect(bench.stderr).not.toMatch(/rows, pab/);
    expect(await readdir(folder)).not.toContain('raw-bench');

    const on = ['--clip', file('clip.mkv'), '--mask', file('mask.png'), '--steps', '4', '--json'];
    expect((await hetcut(['model', 'calibrate', 'raw', ...on], home)).code).toBe(0);
    const result = (await hetcut(magcache, home)).json() as unknown as EditResult;
    expect(result).toMatchObject({ method: 'magcache', model: 'raw', steps });
    expect(sum(result.calls)).toBe(steps);
  });
});

const benchOf = (out: string, more: readonly string[]): string[] => [
  'bench',
  'methods',
  file('clip.mkv'),
  '--mask',
  file('mask.png'),
  '--out',
  file(out),
  '--json',
  ...more,
];

describe('bench methods', () => {
  /** Enough that the rows after the first take longer than it takes to interrupt them. */
  const benchSteps = 24;
  const rows = ['teacache', 'taylorseer:interval=3', 'hetcache@fast', 'full:share=0.5'];
  const args = (): string[] =>
    benchOf('bench', [
      '--truth',
      file('clip.mkv'),
      '--methods',
      rows.join(','),
      '--steps',
      String(benchSteps),
    ]);

  /** Ctrl-C as soon as the first row is measured; what stderr said until then. */
  async function brokenOff(more: readonly string[]): Promise<string> {
    const run = startHetcut([...args(), ...more], home);
    await run.saw('rows, teacache');
    run.child.kill('SIGINT');
    const ended = await run.ended;
    expect(ended.code).toBe(130);
    expect(ended.json()).toMatchObject({ ok: false, code: 'cancelled' });
    expect(await readdir(folder)).not.toContain('bench');
    return ended.stderr;
  }

  it('continues where Ctrl-C stopped it, or starts over, and reports every row', async () => {
    expect(await brokenOff([])).not.toMatch(/measured before/);
    expect(await brokenOff(['--fresh'])).not.toMatch(/measured before/);

    const run = await hetcut(args(), home);
    expect(run.code).toBe(0);
    const notes = run.stderr.split('\n').filter((line) => line.includes('"note"'));
    // How far the second go came is the clock's to say; its first row it has.
    expect(notes[0]).toMatch(/teacache.*measured before/);
    const report = run.json() as unknown as BenchReport & { readonly paths: unknown };
    // The go before --fresh is forgotten.
    expect(report.sessions.map(({ fullRuns }) => fullRuns.length)).toEqual([1, 2]);
    expect(report).toMatchObject({
      model: 'starter',
      steps: benchSteps,
      windows: 1,
      tokensPerWindow: clip.tokens,
    });
    expect(report.machine.cores).toBeGreaterThan(0);
    expect(report.rows.map(({ method, options }) => ({ method, options }))).toEqual([
      { method: 'full', options: {} },
      { method: 'teacache', options: {} },
      { method: 'taylorseer', options: { interval: 3 } },
      { method: 'hetcache', options: { setting: 'fast' } },
      { method: 'full', options: { share: 0.5 } },
    ]);
    const [full, ...others] = report.rows;
    expect(full).toMatchObject({ speedup: 1, flopsSaved: 0, realisedShare: null });
    expect(full.vsFull).toMatchObject({ identical: true, maskPsnr: null });
    for (const row of others) {
      expect(sum(row.calls)).toBe(row.options['share'] === 0.5 ? benchSteps / 2 : benchSteps);
      expect(row.flops).toBeLessThan(full.flops);
      expect(row.flopsSaved).toBeCloseTo(1 - row.flops / full.flops, 12);
      expect(row.seconds).toBeGreaterThan(0);
      expect(row.speedup).toBeGreaterThan(0);
      expect(row.realisedShare).toEqual(expect.any(Number));
      const { maskPsnr, marginPsnr, outsidePsnr } = row.vsFull;
      for (const psnr of [maskPsnr, marginPsnr, outsidePsnr, row.vsTruth?.maskPsnr]) {
        expect(psnr).toEqual(expect.any(Number));
      }
    }
    expect(others.map(({ session }) => session)[0]).toBe(0);
    expect((await readdir(file('bench'))).sort()).toEqual([
      'calls.png',
      'quality.png',
      'report.json',
      'report.md',
      'time.png',
    ]);
    const { paths: _paths, ...written } = report;
    expect(JSON.parse(await readFile(join(file('bench'), 'report.json'), 'utf8'))).toEqual(written);
    const text = await readFile(join(file('bench'), 'report.md'), 'utf8');
    expect(text).toMatch(/Measured in 2 sessions/);
    expect(text).toMatch(/Session 1: .*broken off/);
    for (const plot of ['calls', 'quality', 'time']) {
      const { width, height } = await (await createMedia()).readPicture(join(file('bench'), `${plot}.png`));
      expect(Math.min(width, height)).toBeGreaterThan(200);
      expect(text).toContain(`${plot}.png`);
    }
    // Nothing is kept of a finished benchmark.
    expect(await readdir(join(home, 'bench'))).toEqual([]);
  });
});
