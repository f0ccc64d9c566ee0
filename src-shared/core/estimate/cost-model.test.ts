import { describe, expect, it } from 'vitest';
import { gaussianNoise } from '../random/index.ts';
import { expectClose } from '../testing/index.ts';
import {
  codecFlops,
  refineCosts,
  rememberKinds,
  remainingSeconds,
  shownSeconds,
  stageCorrection,
  stageSeconds,
  timedStages,
  totalSeconds,
  workFlops,
  zeroSeconds,
  type CostModel,
  type EditWork,
  type StageSeconds,
  type TimedStage,
} from './index.ts';

const costs: CostModel = {
  pictureFactor: 1,
  network: {
    call: { fixedSec: 0.01, perTokenSec: 1e-4, perTokenPairSec: 1e-7 },
    encode: { fixedSec: 0.1, perFlopSec: 1e-11 },
    decode: { fixedSec: 0.2, perFlopSec: 2e-11 },
    firstCallSec: 0.3,
    firstEncodeSec: 0.4,
    firstDecodeSec: 0.5,
    loadSec: 0.6,
  },
  votes: {},
  seenKinds: {},
};

const full = { kind: 'full', tokens: 1000, streams: 2, flops: 4e9, share: 1 } as const;
const work: EditWork = {
  frames: 10,
  framePixels: 1e5,
  keptFrameBytes: 0,
  maskedPixels: 2e5,
  boxPixels: 4e5,
  plate: 'auto',
  textured: { pixels: 0, mostInFrame: 0 },
  windows: [
    {
      frames: 10,
      freshFrames: 8,
      cropPixels: 5e4,
      workingPixels: 4e4,
      modelFrames: 13,
      tokens: 1000,
      encodePasses: 2,
      encodeFlops: 1e10,
      decodeFlops: 3e10,
      encoder: { ramBytes: 1e8, vramBytes: 1e8 },
      decoder: { ramBytes: 2e8, vramBytes: 2e8 },
      callCpuBytes: 5e7,
      callCardBytes: 5e7,
      keptBytes: 0,
      steps: [
        full,
        { kind: 'partial', tokens: 500, streams: 2, flops: 2e9, share: 1 },
        { kind: 'reuse', tokens: 0, streams: 2, flops: 0, share: 0 },
        { kind: 'partial', tokens: 1000, streams: 1, flops: 1e9, share: 0.5 },
      ],
    },
  ],
  textFlops: 7e8,
  weightBytes: { textEncoder: 2e6, transformer: 1e6, vae: 5e5 },
  precision: 'fp32',
  textPrecision: 'fp32',
  checkedFrames: 0,
  hasTruth: false,
};

const changed = (seconds: StageSeconds, factors: Partial<StageSeconds>): StageSeconds =>
  Object.fromEntries(
    timedStages.map((stage) => [stage, seconds[stage] * (factors[stage] ?? 1)]),
  ) as StageSeconds;

describe('stageSeconds', () => {
  it('of the networks are the sum by hand', () => {
    const seconds = stageSeconds(work, costs);
    expect(seconds.load).toBe(0.6);
    expect(seconds.encode).toBeCloseTo(0.4 + 2 * (0.1 + 0.1), 12);
    expect(seconds.decode).toBeCloseTo(0.5 + 0.2 + 0.6, 12);
    // Full 0.01 + 2·(0.1 + 0.1); partial 0.01 + 2·(0.05 + 0.025); half the modules 0.5·(0.01 + 0.1 + 0.1).
    const calls = 0.41 + 0.16 + 0.105;
    // Sampler and cache: 4 steps of 1,000 tokens at 1 µs, and one selection at 10 µs.
    expect(seconds.sample).toBeCloseTo(0.3 + calls + 0.004 + 0.01, 12);
    // 7e8 operations at the speed of the calls' 7e9, and twice the bytes of the transformer.
    expect(seconds.text).toBeCloseTo(calls / 10 + 2 * 0.3, 12);
    expect(seconds.measure).toBe(0);
  });

  it('of pictures scale with the machine; nothing is generated without windows', () => {
    const { network: _, ...pictures } = costs;
    const only: EditWork = { ...work, plate: 'only', windows: [], textFlops: 0 };
    const once = stageSeconds(only, pictures);
    const twice = stageSeconds(only, { ...pictures, pictureFactor: 2 });
    expectClose(
      Object.values(twice),
      Object.values(once).map((value) => 2 * value),
      { rtol: 1e-12 },
    );
    for (const stage of ['text', 'load', 'read', 'encode', 'sample', 'decode', 'settle'] as const) {
      expect(once[stage]).toBe(0);
    }
    for (const stage of ['open', 'scan', 'plate', 'export'] as const) expect(once[stage]).toBeGreaterThan(0);
    expect(() => stageSeconds(work, pictures)).toThrow('network');
  });

  it('shown to people add up to the total', () => {
    const seconds = stageSeconds(work, costs);
    const { total, ...parts } = shownSeconds(seconds);
    expect(total).toBeCloseTo(totalSeconds(seconds), 12);
    expect(Object.values(parts).reduce((sum, value) => sum + value, 0)).toBeCloseTo(total, 12);
  });
});

describe('workFlops', () => {
  it('are those of text, both encoder passes, decoder and calls', () => {
    expect(codecFlops(work)).toBe(7e8 + 2e10 + 3e10);
    expect(workFlops(work)).toBe(7e8 + 2e10 + 3e10 + 7e9);
  });
});

describe('refineCosts', () => {
  const base = stageSeconds(work, costs);
  const truth = changed(base, { sample: 3, export: 0.5, plate: 1.2 });
  const after = (jobs: readonly StageSeconds[]): CostModel =>
    jobs.reduce<CostModel>((known, measured) => refineCosts(known, work, measured), costs);
  const ratio = (known: CostModel, stage: TimedStage): number =>
    stageSeconds(work, known)[stage] / truth[stage];

  it('goes half way after one job, and is right after two that agree', () => {
    expect(ratio(after([truth]), 'sample')).toBeCloseTo(Math.sqrt(3) / 3, 12);
    for (const count of [2, 3, 7, 20]) {
      const known = after(Array<StageSeconds>(count).fill(truth));
      for (const stage of timedStages) {
        // What is too short to measure keeps its first value.
        if (base[stage] >= 0.1 && truth[stage] >= 0.1) expect(ratio(known, stage)).toBeCloseTo(1, 12);
      }
    }
  });

  it('is not moved by one odd job among others, whenever it comes', () => {
    const odd = changed(truth, Object.fromEntries(timedStages.map((stage) => [stage, 30])));
    for (let place = 0; place < 6; place++) {
      const jobs = Array<StageSeconds>(6).fill(truth);
      jobs[place] = odd;
      expect(ratio(after(jobs), 'sample')).toBeCloseTo(1, 12);
    }
  });

  it('moves at most to the root of the limit by a single odd job', () => {
    expect(ratio(after([changed(truth, { sample: 1e6 })]), 'sample')).toBeCloseTo(Math.sqrt(8) / 3, 12);
  });

  it('follows a machine that has changed when most of the last seven jobs have seen it', () => {
    const slower = changed(truth, { sample: 2 });
    const jobs = [...Array<StageSeconds>(20).fill(truth), ...Array<StageSeconds>(3).fill(slower)];
    expect(ratio(after(jobs), 'sample')).toBeCloseTo(1, 12);
    expect(ratio(after([...jobs, slower]), 'sample')).toBeCloseTo(2, 12);
  });

  it.each([21, 22, 23])('averages noise of 20 % to within 15 %, seed %i', (seed) => {
    const noise = gaussianNoise(seed, 0, 7);
    const jobs = Array.from(noise, (value) => changed(truth, { sample: Math.exp(0.2 * value) }));
    expect(Math.abs(Math.log(ratio(after(jobs), 'sample')))).toBeLessThan(0.15);
  });

  it('ignores what is too short to measure', () => {
    expect(after([zeroSeconds()]).votes).toEqual({});
  });

  it('begins with the first measurement', () => {
    expect(stageCorrection()).toBe(1);
    expect(stageCorrection([4])).toBe(2);
    expect(stageCorrection([4, 5])).toBe(4);
  });
});

describe('rememberKinds', () => {
  it('keeps the newest schedules', () => {
    let known = costs;
    for (let i = 0; i < 40; i++) known = rememberKinds(known, `run ${i}`, ['full']);
    known = rememberKinds(known, 'run 20', ['full', 'reuse']);
    expect(Object.keys(known.seenKinds)).toHaveLength(32);
    expect(known.seenKinds['run 7']).toBeUndefined();
    expect(known.seenKinds['run 8']).toEqual(['full']);
    expect(known.seenKinds['run 20']).toEqual(['full', 'reuse']);
  });
});

describe('remainingSeconds', () => {
  const estimated = stageSeconds(work, costs);
  const total = totalSeconds(estimated);
  const all = (value: number): StageSeconds =>
    Object.fromEntries(timedStages.map((stage) => [stage, value])) as StageSeconds;

  it('counts down, and lengthens where the job runs slower than estimated', () => {
    expect(remainingSeconds(estimated, all(0), all(0), 0)).toBeCloseTo(total, 9);
    expect(remainingSeconds(estimated, all(0), all(1), total)).toBeCloseTo(0, 9);
    expect(remainingSeconds(estimated, all(0), all(0.5), total / 2)).toBeCloseTo(total / 2, 9);
    // Half done in twice the time: pace 2, half of it believed.
    expect(remainingSeconds(estimated, all(0), all(0.5), total)).toBeCloseTo((total / 2) * 1.5, 9);
  });

  it('judges the pace from the moment of the forecast on', () => {
    expect(remainingSeconds(estimated, all(0.5), all(0.75), total / 4)).toBeCloseTo(total / 4, 9);
  });
});
