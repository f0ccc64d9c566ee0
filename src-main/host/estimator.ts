import { stat } from 'node:fs/promises';
import { HetcutError } from '../../src-shared/core/errors/index.ts';
import { createMethod, type TimeDrift } from '../../src-shared/core/caches/index.ts';
import {
  countTokens,
  tokensOfFrame,
  type CostModel,
  type FrameTokens,
  type TokenCounts,
} from '../../src-shared/core/estimate/index.ts';
import type { Rect } from '../../src-shared/core/plan/index.ts';
import { rangeIn, rangeOfClip, rangeOfMasks } from '../engine/scan/clip-range.ts';
import { measureTimeDrift } from '../engine/network/drift-probe.ts';
import { estimateEdit, type EditEstimate } from '../engine/plan/edit-estimate.ts';
import type { EditRequest } from '../engine/edit-job.ts';
import type { LoadedModel } from '../engine/edit-services.ts';
import type { ClipInfo, MaskSource, Media } from '../engine/frames.ts';
import { checkPlate } from '../engine/plate/plate-file.ts';
import { forecastPlan, noDrift, samplingOf } from '../engine/plan/job-plan.ts';
import { usesNetwork } from '../engine/plan/fill-means.ts';
import { scanMask, type MaskScan } from '../engine/scan/mask-scan.ts';
import type { ModelFolder } from '../engine/network/model-folder.ts';
import { checkClip } from '../engine/run-edit.ts';
import { fileStamp } from '../jobs/file-stamp.ts';
import { openPlateCoverageCache } from '../jobs/plate-coverage-cache.ts';
import { modelFiles, openModel } from '../models/index.ts';
import { createOrt } from '../ort/index.ts';
import { countUnknownTexts } from './encode-prompts.ts';
import { loadModel } from './load-model.ts';
import { machineCosts } from './machine-costs.ts';
import { memoryBudget } from './memory-budget.ts';
import type { JobHooks } from './run-job.ts';

/** Clip and mask, read once: the slow part of an estimate. Valid until one of the two files changes. */
interface ScannedClip {
  readonly clip: ClipInfo;
  readonly scan: MaskScan;
}

/** A model with its small graph for the drift, open. Valid until its folder's manifest or calibration changes. */
interface OpenedModel {
  readonly folder: ModelFolder;
  readonly network: LoadedModel;
  /** By timesteps. */
  readonly drifts: Map<string, Promise<TimeDrift>>;
  /** The measuring that is under way, with the network and without. */
  readonly measuring: Map<boolean, Promise<CostModel>>;
}

/** Scans that are kept: the masks of the last few edits that were looked at. */
const keptScans = 8;
/** Plates that are known to fit their clip. */
const keptPlates = 16;

export interface Estimator {
  /**
   * What a job is likely to take on this machine, which is measured where that has not been done yet. Clip and mask are
   * read once for as long as neither file changes; everything else takes milliseconds. A call for another clip or mask
   * ends the reading for an older one, whose call then fails with `superseded`.
   */
  estimate(job: EditRequest): Promise<EditEstimate>;
  /**
   * The tokens that frame `frame` of the clip is generated with, as far as that can be estimated; null where nothing of it
   * is generated, or where it is outside the job's range. Of what `estimate` has read; fails as that does.
   */
  partition(job: EditRequest, frame: number): Promise<FramePartition | null>;
  /** Stops what is under way and frees the model. */
  close(): Promise<void>;
}

/** The tokens of a frame, and what they are tokens of. */
export interface FramePartition {
  /** The part of the clip's picture that the grid divides evenly; it may reach beyond the picture. */
  readonly crop: Rect;
  readonly tokens: FrameTokens;
  /** In the whole window. */
  readonly counts: TokenCounts;
}

/** Lets other work of the process in between two masks: drawing them never waits for anything. */
function breathing(mask: MaskSource): MaskSource {
  return {
    frameCount: mask.frameCount,
    async *masks(startFrame, endFrame, signal) {
      for await (const picture of mask.masks(startFrame, endFrame, signal)) {
        await new Promise((resume) => setImmediate(resume));
        signal?.throwIfAborted();
        yield picture;
      }
    },
  };
}

function superseded(): HetcutError {
  return new HetcutError('superseded', 'Another estimate was asked for in the meantime.', {
    hint: 'Ask again.',
  });
}

/** Of a file that may not be there. */
async function stampOrNone(path: string): Promise<string> {
  return stat(path).then(
    ({ size, mtimeMs }) => `${size} ${mtimeMs}`,
    () => 'none',
  );
}

class CachedEstimator implements Estimator {
  readonly #home: string;
  readonly #hooks: Omit<JobHooks, 'onPartialFile'>;
  readonly #sessions = createOrt();
  readonly #media: Media;
  readonly #closing = new AbortController();
  readonly #signal: AbortSignal;
  readonly #clock = (): number => performance.now() / 1000;
  /** By the stamps of both files and the range; the longest unused first. */
  readonly #scans = new Map<string, Promise<ScannedClip>>();
  /** The clip that was read last: its frames' times take longer to read than most masks. */
  #clip: { readonly stamp: string; readonly info: Promise<ClipInfo> } | undefined;
  /** Given plates that fit, by the stamps of plate and clip and the frames that are needed. */
  readonly #plates = new Set<string>();
  #asked = 0;
  #scanning: { readonly number: number; readonly key: string; readonly abort: AbortController } | undefined;
  #model: { readonly key: string; readonly opened: Promise<OpenedModel> } | undefined;

  constructor(home: string, media: Media, hooks: Omit<JobHooks, 'onPartialFile'>) {
    this.#home = home;
    this.#media = media;
    this.#hooks = hooks;
    this.#signal = AbortSignal.any([hooks.signal, this.#closing.signal]);
  }

  async estimate(job: EditRequest): Promise<EditEstimate> {
    const { clip, scan } = await this.#scanned(job);
    await this.#checkPlate(job, clip);
    const { folder, network, drifts, measuring } = await this.#opened(job.modelId);
    const withNetwork = usesNetwork(job, folder);
    const budget = withNetwork ? await memoryBudget(this.#sessions) : undefined;
    return estimateEdit(job, folder, {
      clip,
      scan,
      costs: await this.#costs(folder, withNetwork, measuring),
      cachedCoverage: await openPlateCoverageCache(this.#home).recall(job),
      drift: withNetwork
        ? await this.#drift(network, drifts, samplingOf(job, folder).scheduler.timesteps)
        : noDrift,
      ...(budget !== undefined && { budget }),
      unknownTexts: withNetwork
        ? await countUnknownTexts(this.#home, folder, samplingOf(job, folder).prompts)
        : 0,
    });
  }

  async partition(job: EditRequest, frame: number): Promise<FramePartition | null> {
    const { clip, scan } = await this.#scanned(job);
    const { folder } = await this.#opened(job.modelId);
    const cachedCoverage = await openPlateCoverageCache(this.#home).recall(job);
    const { open, plan } = forecastPlan(job, scan, clip, folder, cachedCoverage);
    const inRange = frame - (job.range?.startFrame ?? 0);
    const window = plan.windows.find(
      ({ startFrame, knownFrames, endFrame }) => inRange >= startFrame + knownFrames && inRange < endFrame,
    );
    if (window === undefined) return null;
    const { margin } = createMethod(job.method).needs;
    const { geometry } = folder.family;
    const { startFrame, endFrame, ...tokens } = tokensOfFrame(open, window, inRange, margin, geometry);
    const first = frame - inRange;
    return {
      crop: window.crop,
      tokens: { ...tokens, startFrame: first + startFrame, endFrame: first + endFrame },
      counts: countTokens(open, window, margin, geometry),
    };
  }

  async close(): Promise<void> {
    this.#closing.abort();
    await Promise.allSettled(this.#scans.values());
    const model = await this.#model?.opened.catch(() => undefined);
    if (model === undefined) return;
    await Promise.allSettled([...model.drifts.values(), ...model.measuring.values()]);
    await model.network.release();
  }

  async #scanned(job: EditRequest): Promise<ScannedClip> {
    const number = ++this.#asked;
    // Files that are missing are reported by the media layer, in its words.
    const stampOf = (path: string): Promise<string> => fileStamp(path).catch(() => `${path} missing`);
    const [clipStamp, maskStamp] = await Promise.all([stampOf(job.clipPath), stampOf(job.maskPath)]);
    const { startFrame, endFrame } = job.range ?? { startFrame: 'start', endFrame: 'end' };
    const key = [clipStamp, maskStamp, startFrame, endFrame].join('\n');
    const known = this.#scans.get(key);
    if (known !== undefined) {
      this.#scans.delete(key);
      this.#scans.set(key, known);
      return known;
    }
    if (this.#scanning !== undefined) {
      if (this.#scanning.number > number) throw superseded();
      this.#scanning.abort.abort();
      this.#scans.delete(this.#scanning.key);
    }
    const abort = new AbortController();
    const scanning = { number, key, abort };
    this.#scanning = scanning;
    const signals = AbortSignal.any([this.#signal, abort.signal]);
    const scan = this.#scan(job, clipStamp, signals).catch((error: unknown) => {
      if (this.#scans.get(key) === scan) this.#scans.delete(key);
      throw abort.signal.aborted ? superseded() : error;
    });
    this.#scans.set(key, scan);
    const [oldest] = this.#scans.keys();
    if (this.#scans.size > keptScans) this.#scans.delete(oldest);
    try {
      return await scan;
    } finally {
      if (this.#scanning === scanning) this.#scanning = undefined;
    }
  }

  /** Checks clip and mask as a job does, and reads the mask. Throws what the job would throw of them. */
  async #scan(
    { clipPath, maskPath, range: asked }: EditRequest,
    clipStamp: string,
    signal: AbortSignal,
  ): Promise<ScannedClip> {
    const media = this.#media;
    const whole = await this.#probed(clipPath, clipStamp);
    signal.throwIfAborted();
    checkClip(whole);
    const range = rangeIn(whole, asked);
    const clip = rangeOfClip(whole, range);
    const mask = rangeOfMasks(await media.openMask(maskPath, whole, signal), range);
    return { clip, scan: await scanMask(breathing(mask), clip, signal) };
  }

  #probed(path: string, stamp: string): Promise<ClipInfo> {
    if (this.#clip?.stamp !== stamp) {
      const clip = { stamp, info: this.#media.probe(path, this.#signal) };
      clip.info.catch(() => {
        if (this.#clip === clip) this.#clip = undefined;
      });
      this.#clip = clip;
    }
    return this.#clip.info;
  }

  /** Throws what the job would throw of a plate that is given; one that fits is looked at once. */
  async #checkPlate({ plate, clipPath, range }: EditRequest, clip: ClipInfo): Promise<void> {
    if (plate.kind !== 'file') return;
    const endFrame = range?.endFrame ?? clip.ptsSec.length;
    const stamps = await Promise.all([plate.path, clipPath].map(stampOrNone));
    const key = [plate.path, clipPath, ...stamps, endFrame].join('\n');
    if (this.#plates.has(key)) return;
    await checkPlate(this.#media, plate, clip, endFrame, this.#signal);
    this.#plates.add(key);
    const [oldest] = this.#plates;
    if (this.#plates.size > keptPlates) this.#plates.delete(oldest);
  }

  async #opened(modelId: string): Promise<OpenedModel> {
    const stamps = await Promise.all(modelFiles(this.#home, modelId).map(stampOrNone));
    const key = [modelId, ...stamps].join('\n');
    if (this.#model?.key === key) return this.#model.opened;
    const before = this.#model?.opened;
    const opened = openModel(this.#home, modelId, {
      signal: this.#signal,
      onProgress: this.#hooks.onProgress,
    }).then((folder): OpenedModel => ({
      folder,
      network: loadModel(this.#sessions, folder),
      drifts: new Map(),
      measuring: new Map(),
    }));
    this.#model = { key, opened };
    opened.catch(() => {
      if (this.#model?.opened === opened) this.#model = undefined;
    });
    void before?.then(
      async ({ network, drifts }) => {
        await Promise.allSettled(drifts.values());
        await network.release();
      },
      () => undefined,
    );
    const result = await opened;
    // The import of the starter has written the files that the key is made of.
    if (stamps.includes('none') && this.#model?.opened === opened) {
      const written = await Promise.all(modelFiles(this.#home, modelId).map(stampOrNone));
      this.#model = { key: [modelId, ...written].join('\n'), opened };
    }
    return result;
  }

  /** Read again each time: jobs refine them. */
  async #costs(
    model: ModelFolder,
    withNetwork: boolean,
    measuring: OpenedModel['measuring'],
  ): Promise<CostModel> {
    const machine = machineCosts({
      home: this.#home,
      sessions: this.#sessions,
      model,
      clock: this.#clock,
      signal: this.#signal,
      onNote: this.#hooks.onNote,
    });
    const known = await machine.loadCosts(withNetwork);
    if (known !== undefined) return known;
    const running = measuring.get(withNetwork) ?? machine.measureCosts(withNetwork);
    measuring.set(withNetwork, running);
    return running.finally(() => measuring.delete(withNetwork));
  }

  #drift(
    { transformer }: LoadedModel,
    drifts: OpenedModel['drifts'],
    timesteps: Float32Array,
  ): Promise<TimeDrift> {
    const key = timesteps.join(' ');
    const drift = drifts.get(key) ?? measureTimeDrift(transformer, timesteps);
    drifts.set(key, drift);
    drift.catch(() => drifts.delete(key));
    return drift;
  }
}

/** An estimator that keeps what it has read. `hooks.signal` ends everything under way. */
export function createEstimator(
  home: string,
  media: Media,
  hooks: Omit<JobHooks, 'onPartialFile'>,
): Estimator {
  return new CachedEstimator(home, media, hooks);
}
