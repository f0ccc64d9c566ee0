import { describe, expect, it } from 'vitest';
import { resolveMethod } from '../../../src-shared/core/caches/index.ts';
import {
  coverageGrid,
  coverFrame,
  zeroSeconds,
  type CostModel,
} from '../../../src-shared/core/estimate/index.ts';
import { minimaxRemover, wanVace, wanVaceSpec, wanVaeSpec } from '../../../src-shared/core/families/index.ts';
import { ditFlops, wanVaeDecodeFlops, wanVaeEncodeFlops } from '../../../src-shared/core/flops/index.ts';
import type { WanVaceConfig, WanVaeConfig } from '../../../src-shared/core/graph/index.ts';
import { presetMethod } from '../../../src-shared/core/presets/index.ts';
import { parseSchedulerConfig } from '../../../src-shared/core/schedulers/index.ts';
import { estimateEdit, type EstimateFacts } from './edit-estimate.ts';
import { fillMeans, isTextured, plateOf } from './fill-means.ts';
import type { EditRequest } from '../edit-job.ts';
import type { ClipInfo } from '../frames.ts';
import { noDrift, workDone, jobWork, planOpen, scheduleFacts, learnFrom } from './job-plan.ts';
import { plentyMemory } from './memory-choice.ts';
import type { MaskScan } from '../scan/mask-scan.ts';
import type { ModelFolder } from '../network/model-folder.ts';

const transformer: WanVaceConfig = {
  layers: 2,
  heads: 2,
  headDim: 12,
  ffnDim: 48,
  textDim: 16,
  freqDim: 8,
  inChannels: 16,
  outChannels: 16,
  controlChannels: 96,
  vaceLayers: [0],
  patchSize: [1, 2, 2],
  eps: 1e-6,
};
const vae: WanVaeConfig = {
  inChannels: 3,
  outChannels: 3,
  latentChannels: 16,
  baseDim: 8,
  decoderBaseDim: 8,
  dimMult: [1, 2, 4, 4],
  resBlocks: 1,
  temporalDownsample: [false, true, true],
  latentsMean: Array<number>(16).fill(0),
  latentsStd: Array<number>(16).fill(1),
};
const model: ModelFolder = {
  id: 'tiny',
  path: '/nowhere',
  precision: 'fp32',
  textPrecision: 'fp32',
  type: 'float32',
  fingerprint: 'f',
  family: wanVace,
  transformer: {
    graphs: { plain: '', selection: '', broadcast: '', drift: '' },
    spec: wanVaceSpec(transformer),
  },
  vae: {
    graphs: {
      encoder: '',
      decoder: '',
      encoderFirst: '',
      encoderNext: '',
      decoderFirst: '',
      decoderNext: '',
    },
    spec: wanVaeSpec(vae),
  },
  weightBytes: { transformer: 1e6, vae: 1e6, textEncoder: 0 },
  scheduler: parseSchedulerConfig(
    {
      _class_name: 'UniPCMultistepScheduler',
      num_train_timesteps: 1000,
      prediction_type: 'flow_prediction',
      solver_order: 2,
      solver_type: 'bh2',
      use_flow_sigmas: true,
      flow_shift: 3,
      predict_x0: true,
      lower_order_final: true,
    },
    'scheduler',
  ),
  settings: {
    description: '',
    fill: 'grey',
    guidanceScale: 5,
    negativePrompt: 'ugly',
    removalPrompt: 'empty background',
    recommendedSteps: 10,
    strength: 1,
    workingPixels: 832 * 480,
    maxWindowFrames: 9,
    overlapFrames: 4,
    textTokens: 32,
    followsPrompt: true,
    stands: false,
  },
  calibration: {},
};

// 12 frames of 256 × 128, a hole of 64 × 64 that does not move.
const size = { width: 256, height: 128 };
const frames = 12;
const pixelFormat = { name: 'yuv420p', bitDepth: 8, chromaShiftX: 1, chromaShiftY: 1 } as const;
const clip = { ...size, ptsSec: new Float64Array(frames), pixelFormat } as ClipInfo;
const box = { x: 96, y: 32, width: 64, height: 64 };
const mask = new Uint8Array(size.width * size.height);
for (let y = box.y; y < box.y + box.height; y++) {
  mask.fill(255, y * size.width + box.x, y * size.width + box.x + box.width);
}
const grid = coverageGrid(size);
const scan: MaskScan = {
  boxes: Array.from({ length: frames }, () => box),
  maskedPixels: frames * 64 * 64,
  coverage: { grid, frames: Array.from({ length: frames }, () => coverFrame(mask, size.width, grid, box)) },
};
const nothingOpen = { grid, frames: Array<null>(frames).fill(null) };

const costs: CostModel = {
  pictureFactor: 1,
  network: {
    call: { fixedSec: 0.5, perTokenSec: 0, perTokenPairSec: 0 },
    encode: { fixedSec: 0.25, perFlopSec: 0 },
    decode: { fixedSec: 1, perFlopSec: 0 },
    firstCallSec: 0,
    firstEncodeSec: 0,
    firstDecodeSec: 0,
    loadSec: 0,
  },
  votes: {},
  seenKinds: {},
};
const facts: EstimateFacts = {
  clip,
  scan,
  costs,
  drift: { embedding: new Float32Array(10).fill(0.1, 1), projection: new Float32Array(10).fill(0.1, 1) },
  cachedCoverage: undefined,
  unknownTexts: 0,
};

const request = (more: Partial<EditRequest> = {}): EditRequest => ({
  kind: 'edit',
  clipPath: 'clip',
  maskPath: 'mask',
  modelId: 'tiny',
  prompt: 'a tree',
  negativePrompt: '',
  preset: 'quality',
  method: resolveMethod({ name: 'full', options: {} }),
  seed: 0,
  plate: { kind: 'off' },
  fill: 'auto',
  encode: { quality: 'visually-lossless' },
  ...more,
});

const noGraph = (): never => {
  throw new Error('an estimate builds no graph');
};

describe('estimateEdit', () => {
  it('is the sum by hand for a small plan', () => {
    const estimate = estimateEdit(request(), model, facts);
    // Windows of frames 0 … 8 and, four of them known, 5 … 11: made up to 9. Context of 32 px: 128 × 128.
    expect(estimate.windows).toBe(2);
    expect(estimate.tokensPerWindow).toEqual([3 * 8 * 8, 3 * 8 * 8]);
    expect(estimate.calls).toEqual({ full: 20, partial: 0, reuse: 0 });
    expect(estimate.steps).toEqual(Array(10).fill('full'));
    expect(estimate.stages.encode).toBeCloseTo(2 * 2 * 0.25, 12);
    expect(estimate.stages.decode).toBeCloseTo(2 * 1, 12);
    // 20 calls, and sampler and cache at 1 µs a step and token.
    expect(estimate.stages.sample).toBeCloseTo(20 * 0.5 + 20 * 192 * 1e-6, 9);
    const video = { frames: 9, height: 128, width: 128 };
    expect(estimate.flops).toBe(
      2 * (2 * wanVaeEncodeFlops(vae, video) + wanVaeDecodeFlops(vae, video)) +
        20 * ditFlops(transformer, { tokens: 192, textTokens: 32, batch: 2 }),
    );
    const { encode, sample, decode, plate, text, load, media } = estimate.stages;
    expect(estimate.seconds).toBeCloseTo(encode + sample + decode + plate + text + load + media, 9);
  });

  it('has a latent frame more, and a pass of one frame, with a reference picture', () => {
    const shown = estimateEdit(request({ referencePath: 'picture' }), model, facts);
    expect(shown.tokensPerWindow).toEqual([4 * 8 * 8, 4 * 8 * 8]);
    const video = { frames: 9, height: 128, width: 128 };
    const passes = 2 * wanVaeEncodeFlops(vae, video) + wanVaeEncodeFlops(vae, { ...video, frames: 1 });
    const call = { tokens: 256, textTokens: 32, batch: 2 };
    expect(
      shown.flops / (2 * (passes + wanVaeDecodeFlops(vae, video)) + 20 * ditFlops(transformer, call)),
    ).toBeCloseTo(1, 12);
    expect(shown.stages.encode).toBeGreaterThan(2 * 2 * 0.25);
  });

  it('follows steps, preset, guidance and method', () => {
    const calls = (more: Partial<EditRequest>) => estimateEdit(request(more), model, facts).calls;
    expect(calls({ steps: 3 }).full).toBe(6);
    // Presets of a model of ten steps differ in how many of them are computed, not in how many there are.
    expect(calls({ preset: 'fast' }).full).toBe(20);
    expect(calls({ preset: 'fast', method: presetMethod('fast') })).toEqual({
      full: 4,
      partial: 0,
      reuse: 16,
    });
    const guided = estimateEdit(request(), model, facts).flops;
    expect(estimateEdit(request({ guidanceScale: 1 }), model, facts).flops).toBeLessThan(guided);
    const method = resolveMethod({
      name: 'hetcache',
      options: {
        delta: 0.15,
        rho: 3,
        partial: 'drop',
        keep: 0.4,
        warmup: 0,
        margin: 1,
        marginTime: 0,
        weighting: 'none',
        partialAbove: 0,
      },
    });
    const cached = estimateEdit(request({ method }), model, facts);
    // As in the schedule's own test, F-p-p-F-pF for each window; the hole is 4 × 4 tokens, its margin 20 around it.
    expect(cached.steps.map((kind) => kind[0]).join('')).toBe('frprprfrpf');
    expect(cached.calls).toEqual({ full: 6, partial: 6, reuse: 8 });
    const codec = guided - 20 * ditFlops(transformer, { tokens: 192, textTokens: 32, batch: 2 });
    // The second window's first latent frames are known: frames 0 and 1 … 4 of it begin with four known ones.
    const active = [3 * 36 + Math.round(0.4 * (192 - 108)), 2 * 36 + Math.round(0.4 * (192 - 72))];
    const partial = active.map((tokens) => 3 * ditFlops(transformer, { tokens, textTokens: 32, batch: 2 }));
    expect(cached.flops - codec).toBe(
      6 * ditFlops(transformer, { tokens: 192, textTokens: 32, batch: 2 }) + partial[0] + partial[1],
    );
  });

  it('has one stream, at half the operations of the calls, where there is nothing to be guided away from', () => {
    const video = { frames: 9, height: 128, width: 128 };
    const codec = 2 * (2 * wanVaeEncodeFlops(vae, video) + wanVaeDecodeFlops(vae, video));
    const sampling = (more: Partial<EditRequest>) => estimateEdit(request(more), model, facts).flops - codec;
    const guided = sampling({});
    expect(sampling({ kind: 'remove', prompt: '' })).toBe(guided / 2);
    expect(sampling({ negativePrompt: ' a  tree ' })).toBe(guided / 2);
    expect(sampling({ kind: 'remove', prompt: '', guidanceScale: 5 })).toBe(guided);
    expect(sampling({ kind: 'remove', prompt: '', negativePrompt: 'people' })).toBe(guided);
  });

  it('has no windows where other frames give all of the hole', () => {
    for (const plate of [{ kind: 'only' } as const, { kind: 'file', path: 'plate.png' } as const]) {
      const estimate = estimateEdit(request({ kind: 'remove', plate }), model, { ...facts, drift: noDrift });
      expect(estimate).toMatchObject({ windows: 0, steps: [], flops: 0, tokensPerWindow: [] });
      expect(estimate.calls).toEqual({ full: 0, partial: 0, reuse: 0 });
    }
  });

  it('has no windows where texture fills the rest, and counts the time that takes', () => {
    const auto = request({ kind: 'remove', plate: { kind: 'auto' }, fill: 'exemplar' });
    const open = estimateEdit(auto, model, { ...facts, drift: noDrift });
    expect(open).toMatchObject({ fill: 'exemplar', windows: 0, calls: { full: 0, partial: 0, reuse: 0 } });
    const shown = estimateEdit(auto, model, { ...facts, drift: noDrift, cachedCoverage: nothingOpen });
    expect(shown.stages.plate).toBeLessThan(open.stages.plate);
  });

  it('leaves the fill to the kind of the edit, the model and the plate', () => {
    const means = (changes: Partial<EditRequest>, followsPrompt: boolean, family = model.family) =>
      fillMeans(
        { ...request(), kind: 'remove', plate: { kind: 'auto' }, ...changes },
        { settings: { ...model.settings, followsPrompt }, family },
      );
    expect(means({}, false)).toBe('exemplar');
    expect(means({}, true)).toBe('network');
    expect(means({}, false, minimaxRemover)).toBe('network');
    expect(means({ kind: 'edit' }, true)).toBe('network');
    expect(means({ plate: { kind: 'off' } }, false)).toBe('network');
    expect(means({ plate: { kind: 'only' } }, true)).toBe('exemplar');
    expect(means({ kind: 'edit', plate: { kind: 'only' } }, true)).toBe('network');
    expect(means({ fill: 'smooth' }, true)).toBe('smooth');
  });

  it('believes what an earlier job found open rather than a guess', () => {
    const auto = request({ kind: 'remove', plate: { kind: 'auto' }, fill: 'network' });
    // No frame shows what is behind a hole that does not move.
    expect(estimateEdit(auto, model, facts).windows).toBe(2);
    expect(estimateEdit(auto, model, { ...facts, cachedCoverage: nothingOpen }).windows).toBe(0);
    // With the plate off there is nothing to be found.
    expect(estimateEdit(request(), model, { ...facts, cachedCoverage: nothingOpen }).windows).toBe(2);
  });

  it('generates all that is replaced, and what stands in the scene in one frame', () => {
    const edit = request({ plate: { kind: 'auto' }, fill: 'auto' });
    const standing = { ...model, settings: { ...model.settings, stands: true } };
    // Whatever other frames show of it.
    const known = { ...facts, cachedCoverage: nothingOpen };
    const moving = estimateEdit(edit, model, known);
    const still = estimateEdit(edit, standing, known);
    expect([moving.windows, still.windows]).toEqual([2, 1]);
    expect(still.steps).toHaveLength(moving.steps.length);
    expect([plateOf(edit, model), plateOf(edit, standing)]).toEqual([{ kind: 'off' }, { kind: 'auto' }]);
    // Behind it is texture, unless the clip itself is to be seen there.
    expect(isTextured(edit, standing)).toBe(true);
    expect(isTextured({ ...edit, plate: { kind: 'off' } }, standing)).toBe(false);
    const removal = request({ kind: 'remove', plate: { kind: 'auto' }, fill: 'network' });
    expect(estimateEdit(removal, standing, known).windows).toBe(0);
  });

  it('needs more memory for larger windows', () => {
    const small = estimateEdit(request(), model, facts).memoryMb;
    const wide = { ...model, settings: { ...model.settings, maxWindowFrames: 13 } };
    expect(estimateEdit(request(), wide, facts).memoryMb).toBeGreaterThan(small);
  });
});

describe('the text encoder', () => {
  const reader: ModelFolder = {
    ...model,
    textEncoder: {
      graph: 'text-encoder.onnx',
      spec: { aliases: {}, flops: (tokens) => 1e9 * tokens, tableBytes: () => 1e9, graph: noGraph },
    },
    weightBytes: { ...model.weightBytes, textEncoder: 3e9 },
  };

  it('counts for the texts that were not encoded before, and for no others', () => {
    const withTexts = (unknownTexts: number) => estimateEdit(request(), reader, { ...facts, unknownTexts });
    const [none, one, two] = [0, 1, 2].map(withTexts);
    expect(one.flops - none.flops).toBe(32e9);
    expect(two.flops - none.flops).toBe(64e9);
    expect(none.flops).toBe(estimateEdit(request(), model, facts).flops);
    expect([none.stages.text, one.stages.text > 0]).toEqual([0, true]);
    // Nothing is opened for texts that lie on the disk.
    const room = one.memory.stages.text.ramMb - none.memory.stages.text.ramMb;
    // Two gigabytes without the table, twice.
    expect(room).toBeCloseTo(4e9 / 2 ** 20, 6);
  });
});

describe('what a finished job teaches', () => {
  it('is judged by the steps it ran, and kept where the schedule depends on content', () => {
    const method = resolveMethod({ name: 'easycache', options: {} });
    const job = request({ method, steps: 4 });
    const plan = planOpen(job, scan.coverage, clip, model);
    const work = jobWork(
      job,
      scan,
      plan,
      clip,
      model,
      scheduleFacts(job, model, costs, facts.drift),
      plentyMemory,
      0,
    );
    const flops = ditFlops(transformer, { tokens: 192, textTokens: 32, batch: 2 });
    const timing = { networkSec: 0, selectionSec: 0, restSec: 0 };
    const ran = { kind: 'full', tokens: 192, streams: 2, flops, ...timing } as const;
    const reused = { kind: 'reuse', tokens: 0, streams: 2, flops: 0, ...timing } as const;
    const done = workDone(work, [ran, reused, reused, ran, ran, ran, reused, ran], model);
    expect(done.windows.map(({ steps }) => steps.map(({ kind }) => kind))).toEqual([
      ['full', 'reuse', 'reuse', 'full'],
      ['full', 'full', 'reuse', 'full'],
    ]);
    const seconds = { ...zeroSeconds(), sample: 5 };
    const learned = learnFrom(job, model, costs, done, seconds);
    // Five calls of half a second took five: not what eight would have been.
    expect(learned.votes.sample?.[0]).toBeCloseTo(5 / (2.5 + 8 * 192 * 1e-6), 6);
    expect(estimateEdit(job, model, { ...facts, costs: learned }).steps).toEqual([
      'full',
      'reuse',
      'reuse',
      'full',
    ]);
    expect(estimateEdit(request({ method, steps: 5 }), model, { ...facts, costs: learned }).calls.full).toBe(
      10,
    );
  });
});
