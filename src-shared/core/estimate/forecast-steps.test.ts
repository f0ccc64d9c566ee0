import { describe, expect, it } from 'vitest';
import { cacheMethods, resolveMethod, type OptionValue } from '../caches/index.ts';
import { expectClose } from '../testing/index.ts';
import { countKinds, forecastSteps, type ForecastRun } from './index.ts';

const steps = 10;
const counts = { generative: 20, margin: 30, context: 100 };

function runOf(
  name: string,
  options: Record<string, OptionValue> = {},
  more: Partial<ForecastRun> = {},
): ForecastRun {
  const sigmas = Float32Array.from({ length: steps + 1 }, (_, i) => 1 - i / steps);
  return {
    method: resolveMethod({ name, options }),
    steps,
    timesteps: sigmas.subarray(0, steps).map((sigma) => 1000 * sigma),
    sigmas,
    guidanceScale: 1,
    streams: 2,
    // 0.1 a step: thresholds are counted in steps.
    drift: {
      embedding: new Float32Array(steps).fill(0.1, 1),
      projection: new Float32Array(steps).fill(0.1, 1),
    },
    calibration: {},
    ...more,
  };
}

const signs = (run: ForecastRun, of = counts): string =>
  forecastSteps(run, of)
    .map(({ kind }) => ({ full: 'F', partial: 'p', reuse: '-' })[kind])
    .join('');

describe('forecastSteps', () => {
  it('runs everything with the method full', () => {
    const estimated = forecastSteps(runOf('full'), counts);
    expect(countKinds(estimated)).toEqual({ full: steps, partial: 0, reuse: 0 });
    expect(estimated.every(({ tokens, streams }) => tokens === 150 && streams === 2)).toBe(true);
  });

  it('counts HetCache’s thresholds by hand', () => {
    // δ 0.15: every second step is computed. ρδ 0.45: the sums since the last full step are 0.2, 0.4, 0.6.
    const options = {
      delta: 0.15,
      rho: 3,
      partial: 'drop',
      keep: 0.4,
      warmup: 0,
      partialAbove: 0,
      weighting: 'none',
    };
    expect(signs(runOf('hetcache', options))).toBe('F-p-p-F-pF');
    const partial = forecastSteps(runOf('hetcache', options), counts)[2];
    // Generative and margin, and 40 of the 100 context tokens.
    expect(partial).toEqual({ kind: 'partial', tokens: 20 + 30 + 40, streams: 2 });
  });

  it('says how much of the kept context a partial step looks at', () => {
    const options = { delta: 0.15, rho: 3, partial: 'kv', keep: 0.4, warmup: 0, partialAbove: 0 };
    const run = runOf('hetcache', { ...options, weighting: 'none' }, { partialCost: 0.4 });
    // One after each full step.
    expect(signs(run)).toBe('F-p-F-p-FF');
    const partial = { kind: 'partial', tokens: 20 + 30 + 40, cached: 60, streams: 2 };
    expect(forecastSteps(run, counts)[2]).toEqual(partial);
    // Where the context cannot be kept there are none.
    expect(signs(runOf('hetcache', { ...options, weighting: 'none' }))).toBe('F-F-F-F-FF');
  });

  it('has no partial steps where nothing could be dropped', () => {
    const none = { generative: 100, margin: 50, context: 0 };
    expect(signs(runOf('hetcache', { delta: 0.15, rho: 3, warmup: 0, weighting: 'none' }), none)).toBe(
      'F-F-F-F-FF',
    );
  });

  it('skips the unconditional stream where the method does', () => {
    const run = runOf('hetcache', { delta: 0, unconditionalEvery: 2 });
    expect(forecastSteps(run, counts).map(({ streams }) => streams)).toEqual([2, 1, 2, 1, 2, 1, 2, 1, 2, 1]);
  });

  it('says which modules a partial step runs', () => {
    const second = forecastSteps(
      runOf('pab', { selfFrom: 0, selfTo: 1000, crossFrom: 0, crossTo: 1000 }),
      counts,
    )[1];
    expect(second).toEqual({
      kind: 'partial',
      tokens: 150,
      streams: 2,
      modules: { selfAttention: false, crossAttention: false },
    });
  });

  it('takes a schedule that depends on content from an earlier run, else counts all steps as full', () => {
    expect(signs(runOf('easycache'))).toBe('F'.repeat(steps));
    const seenKinds = Array.from({ length: steps }, (_, i) =>
      i % 2 === 0 ? ('full' as const) : ('reuse' as const),
    );
    expect(signs(runOf('easycache', {}, { seenKinds }))).toBe('F-F-F-F-F-');
    expect(signs(runOf('hetcache', { drift: 'content' }, { seenKinds }))).toBe('F-F-F-F-F-');
  });

  it.each(Object.values(cacheMethods).map((row) => [row.name, row] as const))(
    '%s with its exact options skips nothing',
    (name, row) => {
      const magnitudeRatios = Array<number>(steps).fill(0.9);
      const run = runOf(name, row.exact, { calibration: { magnitudeRatios } });
      expect(countKinds(forecastSteps(run, counts))).toEqual({ full: steps, partial: 0, reuse: 0 });
      expectClose(
        forecastSteps(run, counts).map(({ tokens }) => tokens),
        Array<number>(steps).fill(150),
        {},
      );
    },
  );
});
