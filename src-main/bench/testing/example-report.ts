import {
  deriveRows,
  type BenchReport,
  type MeasuredRow,
  type MethodOptions,
} from '../../../src-shared/core/bench/index.ts';

/** Seconds of one uncached run of 50 steps, in parts. */
const fullRun = { network: 118.2, selection: 0, bookkeeping: 0.31, encode: 5.2, decode: 11.8 };
const fullFlops = 50 * 0.36e12;

/** [method, label, options, full, partial, reuse, cost of a partial step, dB inside the mask] */
type Invented = readonly [string, string, MethodOptions, number, number, number, number, number | null];

const invented: readonly Invented[] = [
  ['full', '35 steps', { steps: 35 }, 35, 0, 0, 0, 28.1],
  ['full', '25 steps', { steps: 25 }, 25, 0, 0, 0, 25.3],
  ['teacache', 'δ 0.05', { delta: 0.05 }, 33, 0, 17, 0, 32.4],
  ['teacache', 'δ 0.07', { delta: 0.07 }, 27, 0, 23, 0, 28.9],
  ['teacache', 'δ 0.08', { delta: 0.08 }, 23, 0, 27, 0, 26.6],
  ['pab', '2/6', { spatial: 2, cross: 6 }, 14, 36, 0, 0.82, 33.6],
  ['adacache', 'codebook 50', { codebook: 50 }, 22, 0, 28, 0, 24.9],
  ['fastcache', 'τ 0.05', { tau: 0.05 }, 30, 0, 20, 0, 27.2],
  ['easycache', 'τ 0.05', { tau: 0.05 }, 21, 0, 29, 0, 27.9],
  ['easycache', 'τ 0.10', { tau: 0.1 }, 16, 0, 34, 0, 24.8],
  ['magcache', 'thr 0.02, K 3', { threshold: 0.02, skips: 3 }, 24, 0, 26, 0, 29.4],
  ['magcache', 'thr 0.12, K 2', { threshold: 0.12, skips: 2 }, 20, 0, 30, 0, 26.1],
  ['taylorseer', 'N 5', { every: 5 }, 11, 0, 39, 0, 23.0],
  ['hetcache', 'δ 0', { delta: 0 }, 50, 0, 0, 0, null],
  ['hetcache', 'δ 0.02', { delta: 0.02 }, 21, 17, 12, 0.66, 35.2],
  ['hetcache', 'δ 0.05', { delta: 0.05 }, 14, 14, 22, 0.66, 31.7],
  ['hetcache', 'δ 0.08', { delta: 0.08 }, 10, 11, 29, 0.66, 29.1],
  ['hetcache', 'δ 0.12', { delta: 0.12 }, 8, 8, 34, 0.66, 26.3],
  ['hetcache-uniform', 'δ 0.05', { delta: 0.05 }, 14, 14, 22, 0.66, 30.6],
];

/** Invented figures of the size that a small model has on two cores: for looking at a report, and for its tests. */
export function exampleReport(): BenchReport {
  const sessions = [
    { fullRuns: [fullRun, { ...fullRun, network: 121.9 }] },
    { fullRuns: [{ ...fullRun, network: 114.4 }] },
  ];
  const full: MeasuredRow = {
    method: 'full',
    label: '50 steps',
    options: { steps: 50 },
    calls: { full: 50, partial: 0, reuse: 0 },
    flops: fullFlops,
    runs: sessions[0].fullRuns,
    peakMemoryMb: 941,
    vsFull: { maskPsnr: null, maskSsim: 1, marginPsnr: null, outsidePsnr: null, identical: true },
    vsTruth: { maskPsnr: 23.84 },
    session: 0,
  };
  const others = invented.map(
    ([method, label, options, calls, partial, reuse, cost, psnr], index): MeasuredRow => {
      const share = (calls + cost * partial) / 50;
      const selection = method.startsWith('hetcache') ? 0.011 * fullRun.network * share : 0;
      const network = fullRun.network * (share + 0.004 * (index % 3));
      return {
        method,
        label,
        options,
        calls: { full: calls, partial, reuse },
        flops: share * fullFlops,
        runs: [{ network, selection, bookkeeping: 0.3 + 0.02 * index, encode: 5.2, decode: 11.8 }],
        peakMemoryMb: 941 + 3 * index,
        vsFull: {
          maskPsnr: psnr,
          maskSsim: psnr === null ? 1 : 1 - 10 ** (-psnr / 22),
          marginPsnr: psnr === null ? null : psnr + 4.2,
          outsidePsnr: psnr === null ? null : psnr + 16.5,
          identical: psnr === null,
        },
        vsTruth: { maskPsnr: psnr === null ? 23.84 : 23.84 - 30 / psnr },
        session: index < 10 ? 0 : 1,
      };
    },
  );
  return {
    date: '2026-11-25',
    machine: {
      cpu: 'Example CPU 3000',
      cores: 2,
      memoryGb: 16,
      os: 'Linux 6.1 x64',
      node: '20.20.2',
      onnxRuntime: '1.30.0',
      provider: 'cpu',
      matmulPeakGflops: 161,
    },
    model: 'starter',
    clip: 'campus.mp4',
    mask: 'campus-mask.mkv',
    frames: 33,
    windows: 1,
    tokensPerWindow: 1792,
    steps: 50,
    seed: 7,
    sessions,
    rows: deriveRows(full, others, sessions),
  };
}
