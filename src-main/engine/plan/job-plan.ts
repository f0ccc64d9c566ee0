import {
  conditionsOf,
  createMethod,
  fewSteps,
  type CacheNeeds,
  type KeptForm,
  type TimeDrift,
} from '../../../src-shared/core/caches/index.ts';
import {
  allTokens,
  countTokens,
  coveredCells,
  forecastSteps,
  hasFixedSchedule,
  keptContextBytes,
  partialCost,
  refineCosts,
  rememberKinds,
  scheduleKey,
  type CostModel,
  type StageSeconds,
  likelyOpen,
  type EditWork,
  type MaskCoverage,
  type PlannedStep,
  type ScheduleFacts,
  type ForecastStep,
  type TokenCounts,
  type WindowWork,
} from '../../../src-shared/core/estimate/index.ts';
import { tokenEdgePx } from '../../../src-shared/core/control/index.ts';
import type { FloatType } from '../../../src-shared/core/graph/index.ts';
import type { TransformerSpec } from '../../../src-shared/core/families/index.ts';
import {
  planWindows,
  type EditPlan,
  type EditWindow,
  type PlanLimits,
} from '../../../src-shared/core/plan/index.ts';
import { presetRun } from '../../../src-shared/core/presets/index.ts';
import { firstStepFor, type Scheduler } from '../../../src-shared/core/schedulers/index.ts';
import type { MarginTokens } from '../../../src-shared/core/tokens/index.ts';
import type { EditRequest } from '../edit-job.ts';
import type { ClipInfo } from '../frames.ts';
import { keptFrameBytes } from '../scan/kept-pictures.ts';
import type { MaskScan } from '../scan/mask-scan.ts';
import { keptFormFor, keptFormsOf } from '../network/denoiser.ts';
import type { ModelFolder } from '../network/model-folder.ts';
import type { StepRecord } from '../generate/sampling-loop.ts';
import { chooseVaePass, passMemory } from '../network/vae-pass.ts';
import { wordsOf } from '../text/job-words.ts';
import { chooseMemory, type MemoryBudget, type MemoryChoice } from './memory-choice.ts';
import { isStanding, isTextured, plateOf, usesNetwork } from './fill-means.ts';
import { scheduleInfo, type PartialFacts, type ScheduleInfo } from './schedule-info.ts';

/** Sampler and guidance of a job. */
export interface SamplerChoice {
  readonly scheduler: Scheduler;
  readonly guidanceScale: number;
  /** One text for each stream of a call; see `wordsOf`. */
  readonly prompts: readonly string[];
  /** Of the whole run; a strength below 1 leaves some out. */
  readonly steps: number;
}

/** Sampler and guidance of a job on its model. */
export function samplingOf(job: EditRequest, model: ModelFolder): SamplerChoice {
  const { settings, scheduler } = model;
  const { steps } = presetRun(job.preset, settings.recommendedSteps, job.steps);
  const shift = settings.flowShift === undefined ? {} : { flowShift: settings.flowShift };
  return { scheduler: scheduler.create({ steps, ...shift }), steps, ...wordsOf(job, settings) };
}

/** How large the working pictures of a run are, where not as the model recommends. */
export interface WorkingChoice extends Pick<EditRequest, 'workingSize'> {
  /** Of the working size's pixels, where none is asked for; what a preset leaves of them. */
  readonly pixelShare?: number;
  /** Smaller crops are enlarged so many times at most. */
  readonly mostScale?: number;
}

/** A thing that is generated once is painted in more detail than a small mask has, so many times at most. */
const mostEnlarged = 3;

/** What a window may be: as large as the model takes it, or as the job asks for. */
export function limitsOf(
  { settings, family: { geometry } }: ModelFolder,
  { workingSize, pixelShare = 1, mostScale = 1 }: WorkingChoice = {},
): PlanLimits {
  const { maxWindowFrames, overlapFrames } = settings;
  const workingPixels =
    workingSize === undefined ? Math.round(settings.workingPixels * pixelShare) : workingSize ** 2;
  const { temporalStride } = geometry;
  const spatialMultiple = tokenEdgePx(geometry);
  return { spatialMultiple, temporalStride, maxWindowFrames, workingPixels, overlapFrames, mostScale };
}

/** What is open of a job, and the windows it is generated in. */
export interface OpenPlan {
  readonly open: MaskCoverage;
  readonly plan: EditPlan;
}

/** The working size of a job. */
export function workingChoice(
  job: Pick<EditRequest, 'kind' | 'plate' | 'fill' | 'preset' | 'steps' | 'workingSize'>,
  model: ModelFolder,
): WorkingChoice {
  const { preset, steps, workingSize } = job;
  const { pixelShare } = presetRun(preset, model.settings.recommendedSteps, steps);
  return {
    pixelShare,
    ...(workingSize !== undefined && { workingSize }),
    ...(isStanding(job, model) && { mostScale: mostEnlarged }),
  };
}

/** The windows of a job of which `open` is to be generated. */
export function planOpen(job: EditRequest, open: MaskCoverage, clip: ClipInfo, model: ModelFolder): OpenPlan {
  return usesNetwork(job, model) ? windowsOf(job, open, clip, model) : { open, plan: { windows: [] } };
}

function windowsOf(job: EditRequest, open: MaskCoverage, clip: ClipInfo, model: ModelFolder): OpenPlan {
  const boxes = open.frames.map((frame) => frame?.box ?? null);
  return { open, plan: planWindows(boxes, clip, limitsOf(model, workingChoice(job, model))) };
}

/**
 * The plan as it is likely to be once the plate stage has run: without a plate that is the plan of the mask, else of
 * what an earlier job found open (`cachedCoverage`), else a forecast from the mask alone.
 */
export function forecastPlan(
  job: EditRequest,
  scan: MaskScan,
  clip: ClipInfo,
  model: ModelFolder,
  cachedCoverage: MaskCoverage | undefined,
): OpenPlan {
  const { kind } = plateOf(job, model);
  if (isStanding(job, model)) return planOpen(job, fullestFrame(scan.coverage), clip, model);
  if (job.kind === 'edit' || kind === 'off' || kind === 'file')
    return planOpen(job, scan.coverage, clip, model);
  const open = cachedCoverage ?? likelyOpen(scan.coverage, windowsOf(job, scan.coverage, clip, model).plan);
  return planOpen(job, open, clip, model);
}

/** The coverage with nothing but the frame of which the most is covered: of cuts nothing is known before the camera is followed. */
function fullestFrame({ grid, frames }: MaskCoverage): MaskCoverage {
  const counts = frames.map((frame) => (frame === null ? 0 : coveredCells(frame)));
  const fullest = counts.indexOf(Math.max(...counts));
  return { grid, frames: frames.map((frame, index) => (index === fullest ? frame : null)) };
}

/** What a job's schedule depends on. */
export function scheduleFacts(
  job: EditRequest,
  model: ModelFolder,
  costs: CostModel,
  drift: TimeDrift,
): ScheduleFacts {
  const seenKinds = costs.seenKinds[scheduleKey(job.method, samplingOf(job, model).steps)];
  return { drift, ...(seenKinds === undefined ? {} : { seenKinds }) };
}

/** For jobs that use no network. */
export const noDrift: TimeDrift = { embedding: new Float32Array(0), projection: new Float32Array(0) };

/** The costs with what a finished job has taught: `done` took `measured` seconds. */
export function learnFrom(
  job: EditRequest,
  model: ModelFolder,
  costs: CostModel,
  done: EditWork,
  measured: StageSeconds,
): CostModel {
  const refined = refineCosts(costs, done, measured);
  if (done.windows.length === 0 || hasFixedSchedule(job.method)) return refined;
  const key = scheduleKey(job.method, samplingOf(job, model).steps);
  return rememberKinds(
    refined,
    key,
    done.windows[0].steps.map(({ kind }) => kind),
  );
}

/** Where the calls of a job go; undefined where none are made, or by another method than HetCache. */
export function jobSchedule(
  job: EditRequest,
  model: ModelFolder,
  { windows }: Pick<EditWork, 'windows'>,
): ScheduleInfo | undefined {
  if (!usesNetwork(job, model) || windows.length === 0) return undefined;
  const { calibration, settings } = model;
  const few = job.steps === undefined && settings.recommendedSteps <= fewSteps;
  const { partialCost: cost, keptBytes } = windows.reduce((a, b) => (b.tokens > a.tokens ? b : a));
  const known = cost === undefined ? {} : { partialCost: cost };
  const run = { ...scheduledRun(job, model), calibration, ...known };
  const noForm = keptFormsOf(model.transformer.graphs).length === 0 ? 'graph' : 'memory';
  const facts: PartialFacts = { keptBytes, ...(cost === undefined ? { missing: noForm } : { cost }) };
  const mayLookBack = createMethod(job.method).needs.cached !== undefined;
  return scheduleInfo(job.method, run, model, few, mayLookBack ? facts : undefined);
}

/** The part of a run that its schedule depends on, but for the calibration. */
function scheduledRun(job: EditRequest, model: ModelFolder) {
  const { scheduler, guidanceScale } = samplingOf(job, model);
  const steps = scheduler.steps - firstStepFor(scheduler, model.settings.strength);
  return { steps, ...conditionsOf(scheduler, steps, guidanceScale) };
}

/** What all windows of a job have in common. */
interface StepPlanner {
  readonly margin: MarginTokens | undefined;
  /** The steps of a window of these tokens. */
  steps(counts: TokenCounts): readonly PlannedStep[];
  /** As in `CacheRun`, of such a window. */
  partialCost(counts: TokenCounts): number | undefined;
  /** Bytes that such steps keep of the context. */
  keptBytes(steps: readonly PlannedStep[], counts: TokenCounts): number;
}

/** How the context can be kept for partial steps; undefined where it cannot, or is not to be. */
function keptFormOf(needs: CacheNeeds, model: ModelFolder, choice: MemoryChoice): KeptForm | undefined {
  if (needs.cached === undefined) return undefined;
  const forms = keptFormsOf(model.transformer.graphs).filter((form) => choice.keptForms.includes(form));
  return keptFormFor(needs, forms);
}

function createPlanner(
  job: EditRequest,
  model: ModelFolder,
  facts: ScheduleFacts,
  choice: MemoryChoice,
): StepPlanner {
  const { needs } = createMethod(job.method);
  const form = keptFormOf(needs, model, choice);
  const scheduled = scheduledRun(job, model);
  const run = {
    ...scheduled,
    method: job.method,
    streams: scheduled.guidanceScale === 1 ? 1 : 2,
    calibration: model.calibration,
    ...facts,
  };
  const { spec } = model.transformer;
  const { textTokens } = model.settings;
  // The schedule asks for nothing but the counts, and windows of one size and hole are many.
  const known = new Map<string, readonly PlannedStep[]>();
  const costOf = (counts: TokenCounts): number | undefined =>
    form === undefined || needs.cached === undefined
      ? undefined
      : partialCost(spec, counts, needs.cached.keep, textTokens);
  return {
    margin: needs.margin,
    steps(counts) {
      const key = `${counts.generative} ${counts.margin} ${counts.context}`;
      const cost = costOf(counts);
      const ofWindow = cost === undefined ? run : { ...run, partialCost: cost };
      const steps =
        known.get(key) ?? forecastSteps(ofWindow, counts).map((step) => plannedStep(step, spec, textTokens));
      known.set(key, steps);
      return steps;
    },
    partialCost: costOf,
    keptBytes: (steps, { context }) =>
      form === undefined || !steps.some(({ cached }) => cached !== undefined)
        ? 0
        : keptContextBytes(spec, { context, streams: run.streams }, form, model.type),
  };
}

/** A step with its operations. */
function plannedStep(step: ForecastStep, spec: TransformerSpec, textTokens: number): PlannedStep {
  const { kind, tokens, streams, modules, cached } = step;
  if (kind === 'reuse') return { kind, tokens: 0, streams, flops: 0, share: 0 };
  const call = { tokens, textTokens, batch: streams };
  const flops = spec.flops({
    ...call,
    ...(modules !== undefined && { modules }),
    ...(cached !== undefined && { cached }),
  });
  const share = flops / spec.flops(call);
  return { kind, tokens, streams, flops, share, ...(cached !== undefined && { cached }) };
}

/** The work as it was done: the steps that were run, in the order of the windows, in place of the estimate. */
export function workDone(work: EditWork, steps: readonly StepRecord[], model: ModelFolder): EditWork {
  const { spec } = model.transformer;
  const { textTokens } = model.settings;
  const perWindow = steps.length / work.windows.length;
  const windows = work.windows.map((window, index) => ({
    ...window,
    steps: steps.slice(index * perWindow, (index + 1) * perWindow).map((step) => {
      const { kind, tokens, streams, flops } = step;
      const share = kind === 'reuse' ? 0 : flops / spec.flops({ tokens, textTokens, batch: streams });
      return { kind, tokens, streams, flops, share };
    }),
  }));
  return { ...work, windows };
}

/** The counts with the tokens of a reference picture: one latent frame, all margin. */
function withReference(
  counts: TokenCounts,
  { workingWidth, workingHeight }: EditWindow,
  tokenPx: number,
): TokenCounts {
  return { ...counts, margin: counts.margin + (workingWidth * workingHeight) / tokenPx ** 2 };
}

function windowWork(
  planner: StepPlanner,
  model: ModelFolder,
  window: EditWindow,
  open: MaskCoverage,
  hasReference: boolean,
  choice: MemoryChoice,
): WindowWork {
  const { control, geometry } = model.family;
  const { spec } = model.vae;
  const size = { frames: window.modelFrames, height: window.workingHeight, width: window.workingWidth };
  const ofClip = countTokens(open, window, planner.margin, geometry);
  const counts = hasReference ? withReference(ofClip, window, tokenEdgePx(geometry)) : ofClip;
  const encoder = chooseVaePass(spec, 'encoder', size, choice.passBytes);
  const decoder = chooseVaePass(spec, 'decoder', size, choice.passBytes);
  const encodeFlops = spec.encodeFlops(size, encoder);
  const referencePasses = hasReference ? spec.encodeFlops({ ...size, frames: 1 }) / encodeFlops : 0;
  const steps = planner.steps(counts);
  const cost = planner.partialCost(counts);
  const frames = window.endFrame - window.startFrame;
  const callBytes = (type: FloatType): number =>
    Math.max(
      ...steps.map(({ tokens, streams }) =>
        model.transformer.spec.liveBytes({ tokens, streams: Math.min(streams, choice.streamsPerCall) }, type),
      ),
    );
  return {
    frames,
    freshFrames: frames - window.knownFrames,
    cropPixels: window.crop.width * window.crop.height,
    workingPixels: window.workingWidth * window.workingHeight,
    modelFrames: window.modelFrames,
    tokens: allTokens(counts),
    // What the network is shown; from the noised picture also the picture itself; of a reference one frame.
    encodePasses: control.passes + (model.settings.strength < 1 ? 1 : 0) + referencePasses,
    encodeFlops,
    decodeFlops: spec.decodeFlops(size, decoder),
    encoder: passMemory(spec, 'encoder', size, encoder),
    decoder: passMemory(spec, 'decoder', size, decoder),
    callCpuBytes: callBytes('float32'),
    callCardBytes: callBytes(model.type),
    keptBytes: planner.keptBytes(steps, counts),
    ...(cost !== undefined && { partialCost: cost }),
    steps,
  };
}

function showsReference({ referencePath }: EditRequest, model: ModelFolder): boolean {
  return referencePath !== undefined && model.family.control.takesReferences;
}

/** All tokens of a window; `references`: pictures before it, of one latent frame each. */
export function windowTokens(
  { modelFrames, workingWidth, workingHeight }: EditWindow,
  { family: { geometry } }: Pick<ModelFolder, 'family'>,
  references = 0,
): number {
  const latentFrames = 1 + (modelFrames - 1) / geometry.temporalStride + references;
  return latentFrames * ((workingWidth * workingHeight) / tokenEdgePx(geometry) ** 2);
}

/** How the model's parts are run, so that the largest window fits into `budget`; absent: as if memory were plenty. */
export function memoryChoice(
  job: EditRequest,
  { plan }: OpenPlan,
  model: ModelFolder,
  budget: MemoryBudget | undefined,
): MemoryChoice {
  const references = showsReference(job, model) ? 1 : 0;
  const tokens = plan.windows.map((window) => windowTokens(window, model, references));
  const streams = samplingOf(job, model).prompts.length;
  return chooseMemory(model, { tokens: Math.max(0, ...tokens), streams }, budget);
}

/** Prompts are short: a typical number of tokens, for the estimated time only. */
const typicalPromptTokens = 32;

/** Frames of a sheet, each read by itself: about as many as this are decoded for it. */
const sheetFrames = 8;

const noneOpen = { pixels: 0, mostInFrame: 0 } as const;

/** Pixels of the cells that are open, over all frames and in the frame with the most. */
function openPixels({ grid, frames }: MaskCoverage): EditWork['textured'] {
  const counts = frames.map((frame) => (frame === null ? 0 : coveredCells(frame) * grid.cellPx ** 2));
  const pixels = counts.reduce((sum, count) => sum + count, 0);
  return { pixels, mostInFrame: counts.reduce((most, count) => Math.max(most, count), 0) };
}

/**
 * What a job has to do, given what is open and the plan. Pure, and quick: no picture is looked at. `unknownTexts`: those of
 * its prompts that were not encoded before.
 */
export function jobWork(
  job: EditRequest,
  scan: MaskScan,
  { open, plan }: OpenPlan,
  clip: ClipInfo,
  model: ModelFolder,
  facts: ScheduleFacts,
  choice: MemoryChoice,
  unknownTexts: number,
): EditWork {
  const planner = createPlanner(job, model, facts, choice);
  const frames = clip.ptsSec.length;
  const { textEncoder, weightBytes, precision, textPrecision } = model;
  const readsText = plan.windows.length > 0 && textEncoder !== undefined;
  return {
    frames,
    framePixels: clip.width * clip.height,
    keptFrameBytes: keptFrameBytes(clip),
    maskedPixels: scan.maskedPixels,
    boxPixels: scan.boxes.reduce((sum, box) => sum + (box === null ? 0 : box.width * box.height), 0),
    plate: plateOf(job, model).kind,
    textured: !isTextured(job, model) ? noneOpen : openPixels(isStanding(job, model) ? scan.coverage : open),
    windows: plan.windows.map((window) =>
      windowWork(planner, model, window, open, showsReference(job, model), choice),
    ),
    textFlops: readsText ? unknownTexts * textEncoder.spec.flops(typicalPromptTokens) : 0,
    weightBytes: {
      ...weightBytes,
      // The table stays in its file, but for a few rows.
      textEncoder: weightBytes.textEncoder - (textEncoder?.spec.tableBytes(textPrecision) ?? 0),
    },
    precision,
    textPrecision,
    checkedFrames:
      (job.sheetPath === undefined ? 0 : Math.min(sheetFrames, frames)) +
      (job.encode.quality === 'lossless' ? 2 * frames : 0),
    hasTruth: job.truthPath !== undefined,
  };
}
