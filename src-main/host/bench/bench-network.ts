import { cancelledError } from '../../../src-shared/core/errors/index.ts';
import { gaussianNoise } from '../../../src-shared/core/random/index.ts';
import { createDenoiser } from '../../engine/network/denoiser.ts';
import { lazySessions } from '../../engine/network/lazy-sessions.ts';
import type { ModelFolder } from '../../engine/network/model-folder.ts';
import type { SessionFactory } from '../../engine/network/session.ts';

export interface NetworkBenchRow {
  readonly tokens: number;
  /** Median seconds of one call. */
  readonly seconds: number;
  readonly gflop: number;
  readonly gflopPerSec: number;
  /** Of the matrix-product peak measured in the same run. */
  readonly shareOfPeak: number;
}

export interface NetworkBench {
  readonly model: string;
  readonly peakGflopPerSec: number;
  readonly rows: readonly NetworkBenchRow[];
}

const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];

/**
 * Times single calls of a model's transformer on `grids` (frames, rows, columns of tokens), the matrix-product
 * peak measured before and after, so that a machine that slows down does not flatter the share.
 */
export async function benchNetwork(input: {
  readonly sessions: SessionFactory;
  readonly peak: () => Promise<number>;
  readonly model: ModelFolder;
  readonly grids: readonly (readonly [number, number, number])[];
  readonly runs: number;
  readonly signal: AbortSignal;
  readonly onRun: (done: number, all: number) => void;
}): Promise<NetworkBench> {
  const { sessions, model, grids, runs, signal, onRun } = input;
  const { spec } = model.transformer;
  const { textTokens } = model.settings;
  const peaks = [await input.peak()];
  const transformer = {
    sessions: lazySessions(sessions, model.transformer.graphs),
    spec,
    type: model.type,
  };
  const timed: { tokens: number; seconds: number }[] = [];
  try {
    for (const [row, [frames, rows, cols]] of grids.entries()) {
      const rope = spec.rope({ frames, rows, cols });
      const denoiser = createDenoiser(transformer, {
        rope,
        control: gaussianNoise(1, row, rope.tokens * spec.controlLength),
        texts: [gaussianNoise(2, row, textTokens * spec.textDim)],
        textTokens,
      });
      const tokens = gaussianNoise(3, row, rope.tokens * spec.tokenLength);
      const seconds: number[] = [];
      // One more than counted: the first call of a shape plans its memory.
      for (let run = 0; run <= runs; run++) {
        if (signal.aborted) throw cancelledError();
        const start = performance.now();
        await denoiser.run({ sample: tokens, timestep: 500 });
        if (run > 0) seconds.push((performance.now() - start) / 1000);
        onRun(row * (runs + 1) + run + 1, grids.length * (runs + 1));
      }
      timed.push({ tokens: rope.tokens, seconds: median(seconds) });
    }
  } finally {
    await transformer.sessions.release();
  }
  peaks.push(await input.peak());
  const peakGflopPerSec = Math.max(...peaks);
  const rows = timed.map(({ tokens, seconds }) => {
    const gflop = spec.flops({ tokens, textTokens, batch: 1 }) / 1e9;
    return {
      tokens,
      seconds,
      gflop,
      gflopPerSec: gflop / seconds,
      shareOfPeak: gflop / seconds / peakGflopPerSec,
    };
  });
  return { model: model.id, peakGflopPerSec, rows };
}
