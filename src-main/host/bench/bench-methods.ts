import { createHash } from 'node:crypto';
import { cpus, totalmem } from 'node:os';
import {
  deriveRows,
  differenceOf,
  jsonPsnr,
  type BenchMachine,
  type BenchReport,
  type BenchSession,
  type MeasuredRow,
  type RunSeconds,
} from '../../../src-shared/core/bench/index.ts';
import type { StepKind } from '../../../src-shared/core/caches/index.ts';
import { cancelledError } from '../../../src-shared/core/errors/index.ts';
import { forecastSteps } from '../../../src-shared/core/estimate/index.ts';
import { addErrors, noError, psnrOf } from '../../../src-shared/core/metrics/index.ts';
import { type BenchSpec, type BenchStore } from '../../bench/index.ts';
import {
  addRegionErrors,
  compareWindows,
  encodeBenchWindow,
  noRegionErrors,
  regionFigures,
  runBenchWindow,
  truthError,
  videoBytes,
  type BenchResult,
  type BenchWindow,
} from '../../engine/generate/bench-windows.ts';
import type { OpenCameraTracker } from '../../engine/plate/camera-tracker.ts';
import { measureTimeDrift } from '../../engine/network/drift-probe.ts';
import type { LoadedModel } from '../../engine/edit-services.ts';
import type { ClipInfo, Media } from '../../engine/frames.ts';
import { readWindowFrames, compositeWindow } from '../../engine/generate/generate-clip.ts';
import type { Generator, SamplingOptions } from '../../engine/generate/generate-window.ts';
import type { ModelFolder } from '../../engine/network/model-folder.ts';
import type { PatchStore } from '../../engine/composite/patch-store.ts';
import type { OnProgress } from '../../engine/progress.ts';
import { rangeIn } from '../../engine/scan/clip-range.ts';
import { openTruth } from '../../engine/export/quality-meter.ts';
import { openWindows } from '../open-windows.ts';

export interface MethodBenchRequest {
  readonly clipPath: string;
  readonly maskPath: string;
  readonly truthPath?: string;
  /** The rows besides the uncached run. */
  readonly specs: readonly BenchSpec[];
  /** For models that follow prompts. */
  readonly prompt: string;
  /** Of the uncached run, and of every row that does not say otherwise. */
  readonly steps: number;
  readonly seed: number;
  /** Most windows of the clip that are run, from the first. */
  readonly maxWindows: number;
  /** How often each row is run; the median counts. */
  readonly repeats: number;
  /** ISO 8601 day of the report. */
  readonly date: string;
}

export interface MethodBenchParts {
  readonly media: Media;
  readonly model: ModelFolder;
  readonly loaded: LoadedModel;
  readonly texts: readonly Float32Array[];
  readonly guidanceScale: number;
  readonly store: BenchStore;
  /** Where the windows' patches are kept while they are prepared. */
  readonly patches: PatchStore;
  readonly openTracker: OpenCameraTracker;
  readonly matmulPeakGflops: number;
  readonly onnxRuntime: string;
  readonly provider: string;
  readonly signal: AbortSignal;
  readonly onProgress: OnProgress;
  readonly onNote: (text: string) => void;
}

const clock = (): number => performance.now() / 1000;
const fullSpec = { label: '', method: { name: 'full', options: {} }, asked: {} } as const satisfies BenchSpec;

const twofoldReuse = {
  method: { name: 'taylorseer', options: { interval: 2, order: 0 } },
} as const;

/** Everything that the rows of one benchmark share. */
class MethodBench {
  readonly #request: MethodBenchRequest;
  readonly #parts: MethodBenchParts;
  readonly #generator: Generator;
  #windows: BenchWindow[] = [];
  /** The uncached results, as bytes. */
  #references: Uint8Array[] = [];
  #clip!: ClipInfo;

  constructor(request: MethodBenchRequest, parts: MethodBenchParts) {
    this.#request = request;
    this.#parts = parts;
    const { loaded, texts, model } = parts;
    this.#generator = { ...loaded, texts, textTokens: model.settings.textTokens };
  }

  async run(): Promise<BenchReport> {
    const { specs } = this.#request;
    const { store, onNote } = this.#parts;
    await this.#requireRunnable(specs);
    const sessions: BenchSession[] = [...(await store.readSessions())];
    const session = sessions.length;
    const full = await this.#prepare(session);
    const atStart = full.runs;
    await store.writeSessions([...sessions, { fullRuns: atStart }]);
    const others: MeasuredRow[] = [];
    for (const [index, spec] of specs.entries()) {
      const options = { ...spec.asked };
      const known = await store.readRow(spec.method.name, options);
      if (known !== null) onNote(`${spec.method.name} ${spec.label}: measured before`);
      const row = known ?? (await this.#measure(spec, session, index));
      if (known === null) await store.writeRow(row);
      others.push(row);
    }
    // A machine that slowed down on the way shows in the second time; both are in the report.
    const again = await this.#measure(fullSpec, session, specs.length);
    const current = { fullRuns: [...atStart, ...again.runs] };
    await store.writeSessions([...sessions, current]);
    sessions.push(current);
    return this.#report(full, others, sessions, await this.#twofoldReuse());
  }

  /** Throws for a row that this model cannot run (magcache without a calibration) before any other is. */
  async #requireRunnable(specs: readonly BenchSpec[]): Promise<void> {
    const { scheduler, drift, calibration } = await this.#sampling(this.#request.steps);
    const { steps, timesteps, sigmas } = scheduler;
    const run = { steps, timesteps, sigmas, drift, calibration, streams: 1, guidanceScale: 1 };
    for (const { method } of specs)
      forecastSteps({ ...run, method }, { generative: 1, margin: 0, context: 0 });
  }

  /** Reads the windows and runs them uncached: the reference of all rows. */
  async #prepare(session: number): Promise<MeasuredRow> {
    const { clipPath, maskPath, truthPath, maxWindows } = this.#request;
    const { media, model, signal, patches, openTracker, onProgress } = this.#parts;
    const { source, services, plan, patchOf } = await openWindows(
      { clipPath, maskPath },
      { media, model, patches, openTracker, signal, onProgress },
    );
    this.#clip = source.info;
    const nextTruth =
      truthPath === undefined
        ? undefined
        : await openTruth(media, truthPath, source.info, rangeIn(source.info, undefined), signal);
    const windows = plan.windows.slice(0, maxWindows);
    const sampling = await this.#sampling(this.#request.steps);
    const results: BenchResult[] = [];
    let truthFrame = 0;
    for (const window of windows) {
      const frames = await readWindowFrames({ source, services }, window, patchOf);
      const encoded = await encodeBenchWindow(this.#generator, window, frames, sampling);
      const truth: Uint8Array[] = [];
      for (; nextTruth !== undefined && truthFrame < window.endFrame; truthFrame++) {
        const picture = await nextTruth();
        const t = truthFrame - window.startFrame;
        if (t >= 0) truth[t] = cropBytes(picture, source.info, window.crop);
      }
      const bench = { ...encoded, ...(nextTruth !== undefined && { truth }) };
      const result = await runBenchWindow(this.#generator, bench, fullSpec.method, sampling);
      await compositeWindow({ source, services }, window, frames, result);
      this.#windows.push(bench);
      this.#references.push(videoBytes(result.video));
      results.push(result);
      onProgress({ stage: 'sample', step: this.#windows.length, steps: windows.length, unit: 'windows' });
    }
    await patches.clear();
    return this.#rowOf(fullSpec, [results], session);
  }

  async #sampling(steps: number): Promise<Omit<SamplingOptions, 'method' | 'noiseStream'>> {
    const { model, guidanceScale, signal, loaded } = this.#parts;
    const { flowShift, strength } = model.settings;
    const scheduler = model.scheduler.create({ steps, ...(flowShift !== undefined && { flowShift }) });
    return {
      scheduler,
      drift: await measureTimeDrift(loaded.transformer, scheduler.timesteps),
      calibration: model.calibration,
      guidanceScale,
      strength,
      seed: this.#request.seed,
      clock,
      signal,
    };
  }

  async #measure(spec: BenchSpec, session: number, index: number): Promise<MeasuredRow> {
    const { repeats, specs } = this.#request;
    const { signal, onProgress } = this.#parts;
    const sampling = await this.#sampling(spec.steps ?? this.#request.steps);
    const runs: BenchResult[][] = [];
    for (let repeat = 0; repeat < repeats; repeat++) {
      const results: BenchResult[] = [];
      for (const window of this.#windows) {
        if (signal.aborted) throw cancelledError();
        results.push(await runBenchWindow(this.#generator, window, spec.method, sampling));
      }
      runs.push(results);
      onProgress({
        stage: 'sample',
        step: index + 1,
        steps: specs.length + 1,
        unit: `rows, ${spec.method.name} ${spec.label}`,
      });
    }
    return this.#rowOf(spec, runs, session);
  }

  #rowOf(spec: BenchSpec, runs: readonly (readonly BenchResult[])[], session: number): MeasuredRow {
    const [results] = runs;
    let regions = noRegionErrors;
    let truth = noError;
    results.forEach(({ video }, i) => {
      const window = this.#windows[i];
      regions = addRegionErrors(regions, compareWindows(window, videoBytes(video), this.#references[i]));
      truth = addErrors(truth, truthError(window, video) ?? noError);
    });
    const steps = results.flatMap((result) => result.steps);
    const calls: Record<StepKind, number> = { full: 0, partial: 0, reuse: 0 };
    for (const { kind } of steps) calls[kind]++;
    return {
      method: spec.method.name,
      label: spec.label,
      options: spec.asked,
      calls,
      flops: steps.reduce((sum, { flops }) => sum + flops, 0),
      runs: runs.map((run) => this.#seconds(run)),
      peakMemoryMb: process.memoryUsage.rss() / 2 ** 20,
      vsFull: differenceOf(regionFigures(regions)),
      vsTruth: truth.samples === 0 ? null : { maskPsnr: jsonPsnr(psnrOf(truth)) },
      session,
    };
  }

  #seconds(results: readonly BenchResult[]): RunSeconds {
    const steps = results.flatMap((result) => result.steps);
    const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
    return {
      network: sum(steps.map(({ networkSec }) => networkSec)),
      selection: sum(steps.map(({ selectionSec }) => selectionSec)),
      bookkeeping: sum(steps.map(({ restSec }) => restSec)),
      encode: sum(this.#windows.map(({ encodeSec }) => encodeSec)),
      decode: sum(results.map(({ decodeSec }) => decodeSec)),
    };
  }

  /** How far the result is off where every second call is left out: how hard this model is to cache. */
  async #twofoldReuse(): Promise<number | null> {
    const sampling = await this.#sampling(this.#request.steps);
    const { method } = twofoldReuse;
    let regions = noRegionErrors;
    for (const [i, window] of this.#windows.entries()) {
      const { video } = await runBenchWindow(this.#generator, window, method, sampling);
      regions = addRegionErrors(regions, compareWindows(window, videoBytes(video), this.#references[i]));
    }
    return jsonPsnr(regionFigures(regions).maskPsnr);
  }

  #report(
    full: MeasuredRow,
    others: readonly MeasuredRow[],
    sessions: readonly BenchSession[],
    twofoldReusePsnr: number | null,
  ): BenchReport {
    const { clipPath, maskPath, steps, seed, date, prompt } = this.#request;
    const [first] = this.#windows;
    const tokens = first.encoded.control.length / this.#generator.transformer.spec.controlLength;
    return {
      date,
      machine: this.#machine(),
      model: this.#parts.model.id,
      clip: nameOf(clipPath),
      mask: nameOf(maskPath),
      frames: this.#clip.ptsSec.length,
      windows: this.#windows.length,
      tokensPerWindow: tokens,
      steps,
      seed,
      guidanceScale: this.#parts.guidanceScale,
      prompt,
      twofoldReusePsnr,
      sessions,
      rows: deriveRows(full, others, sessions),
    };
  }

  #machine(): BenchMachine {
    const { onnxRuntime, provider, matmulPeakGflops } = this.#parts;
    return {
      cpu: cpus()[0]?.model ?? 'unknown',
      cores: cpus().length,
      memoryGb: Math.round(totalmem() / 2 ** 30),
      os: `${process.platform} ${process.arch}`,
      node: process.versions.node,
      onnxRuntime,
      provider,
      matmulPeakGflops,
    };
  }
}

/** Folder and file: enough to know the clip again, and nothing of the machine. */
function nameOf(path: string): string {
  return path.split(/[\\/]/).slice(-2).join('/');
}

/** Part of an RGB picture [height, width, 3]; what is outside of it is black, and never compared. */
function cropBytes(
  rgb: Uint8Array,
  { width, height }: { readonly width: number; readonly height: number },
  crop: { readonly x: number; readonly y: number; readonly width: number; readonly height: number },
): Uint8Array {
  const part = new Uint8Array(3 * crop.width * crop.height);
  for (let y = Math.max(0, -crop.y); y < crop.height && y + crop.y < height; y++) {
    const left = Math.max(0, -crop.x);
    const right = Math.min(crop.width, width - crop.x);
    const from = 3 * ((y + crop.y) * width + crop.x);
    part.set(rgb.subarray(from + 3 * left, from + 3 * right), 3 * (y * crop.width + left));
  }
  return part;
}

/** Names a benchmark: the same request continues where it stopped, a changed one starts again. */
export function benchKey(
  request: MethodBenchRequest,
  fingerprint: string,
  stamps: readonly string[],
): string {
  const { steps, seed, maxWindows, repeats, prompt } = request;
  const text = JSON.stringify([prompt, steps, seed, maxWindows, repeats, fingerprint, stamps]);
  return createHash('sha256').update(text).digest('hex').slice(0, 24);
}

/** Runs every row on the same windows, prepared by the uncached run, in one process. */
export function benchMethods(request: MethodBenchRequest, parts: MethodBenchParts): Promise<BenchReport> {
  return new MethodBench(request, parts).run();
}
