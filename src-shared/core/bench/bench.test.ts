import { describe, expect, it } from 'vitest';
import { expectClose } from '../testing/index.ts';
import {
  atEqualQuality,
  benchMarkdown,
  deriveRow,
  deriveRows,
  differenceOf,
  frontier,
  jsonPsnr,
  medianRun,
  sortRows,
  type BenchReport,
  type BenchRow,
  type MeasuredRow,
  type RunSeconds,
} from './index.ts';

const run = (network: number, selection = 0, bookkeeping = 0): RunSeconds => ({
  network,
  selection,
  bookkeeping,
  encode: 2,
  decode: 4,
});

const full: MeasuredRow = {
  method: 'full',
  label: '',
  options: {},
  calls: { full: 10, partial: 0, reuse: 0 },
  flops: 4e12,
  runs: [run(18), run(22)],
  peakMemoryMb: 700,
  vsFull: { maskPsnr: null, maskSsim: 1, marginPsnr: null, outsidePsnr: null, identical: true },
  vsTruth: { maskPsnr: 24 },
  session: 0,
};

const half: MeasuredRow = {
  ...full,
  method: 'hetcache',
  label: 'δ 0.1',
  options: { delta: 0.1 },
  calls: { full: 3, partial: 4, reuse: 3 },
  flops: 2e12,
  runs: [run(9.5, 1, 0.5)],
  peakMemoryMb: 710.4,
  vsFull: { maskPsnr: 30.126, maskSsim: 0.9514, outsidePsnr: null, identical: false },
  vsTruth: null,
};

/** A row that is nothing but its place in the plot of quality over speed. */
const point = (method: string, speedup: number, maskPsnr: number | null, label = ''): BenchRow => ({
  ...deriveRow({ ...full, method, label }, full),
  speedup,
  vsFull: { maskPsnr, maskSsim: 0.9, identical: maskPsnr === null },
});

describe('medianRun', () => {
  it('is the middle run by sampling time, whole', () => {
    const middle = run(5, 1, 0);
    expect(medianRun([run(9), middle, run(2, 1, 1)])).toEqual(middle);
  });

  it('is the mean of the middle two, part by part, of an even number', () => {
    expect(medianRun([run(100), run(4, 1, 1), run(8, 3, 1), run(1)])).toEqual(run(6, 2, 1));
  });
});

describe('deriveRow', () => {
  it('compares with the uncached run', () => {
    const row = deriveRow(half, full);
    // Full: 20 s of sampling, 26 s in all. This row: 9.5 + 1 + 0.5 = 11 s, 17 s in all.
    expect(row.seconds).toBe(11);
    expect(row.totalSeconds).toBe(17);
    expect(row.speedup).toBeCloseTo(20 / 11, 12);
    expect(row.totalSpeedup).toBeCloseTo(26 / 17, 12);
    expect(row.flopsSaved).toBe(0.5);
    // 45 % of the time saved for 50 % of the operations.
    expect(row.realisedShare).toBeCloseTo(0.9, 12);
    expect(row).toMatchObject({
      networkSeconds: 9.5,
      selectionSeconds: 1,
      bookkeepingSeconds: 0.5,
      repeats: 1,
    });
    expect(row).not.toHaveProperty('runs');
    expect(row.vsFull).toEqual(half.vsFull);
  });

  it('has no share where next to nothing was saved', () => {
    expect(deriveRow({ ...half, flops: 0.981 * 4e12 }, full).realisedShare).toBeNull();
    expect(deriveRow({ ...half, flops: 0.979 * 4e12 }, full).realisedShare).toBeCloseTo(0.45 / 0.021, 9);
    expect(deriveRow(full, full).realisedShare).toBeNull();
  });

  it('takes the uncached run of a row’s own session', () => {
    const sessions = [{ fullRuns: full.runs }, { fullRuns: [run(33)] }];
    const rows = deriveRows({ ...full, session: 1 }, [half, { ...half, session: 1 }], sessions);
    expectClose(
      rows.map((row) => row.speedup),
      [1, 20 / 11, 3],
      { atol: 1e-12 },
    );
    expect(rows[0].seconds).toBe(33);
  });
});

describe('differenceOf', () => {
  it('is safe in JSON, and tells an equal region from an empty one', () => {
    const difference = differenceOf({ maskPsnr: 31, maskSsim: 0.9, marginPsnr: NaN, outsidePsnr: Infinity });
    expect(JSON.parse(JSON.stringify(difference))).toEqual({
      maskPsnr: 31,
      maskSsim: 0.9,
      outsidePsnr: null,
      identical: false,
    });
    expect([jsonPsnr(Infinity), jsonPsnr(24.5)]).toEqual([null, 24.5]);
    const same = differenceOf({ maskPsnr: Infinity, maskSsim: 1, marginPsnr: NaN, outsidePsnr: Infinity });
    expect(same).toEqual({ maskPsnr: null, maskSsim: 1, outsidePsnr: null, identical: true });
  });
});

describe('frontier', () => {
  it('keeps what no other row beats, slowest first', () => {
    const rows = [
      point('a', 3, 25),
      point('full', 1, null),
      point('a', 2, 30),
      // Beaten by a at 2×: as good and slower; as fast and worse; both.
      point('b', 1.9, 30),
      point('b', 2, 29),
      point('b', 1.5, 28),
      point('b', 2.5, 27),
      // As slow as full, and worse.
      point('c', 1, 40),
    ];
    expect(frontier(rows).map(({ method, speedup }) => [method, speedup])).toEqual([
      ['full', 1],
      ['a', 2],
      ['b', 2.5],
      ['a', 3],
    ]);
  });

  it('keeps both of two equal rows', () => {
    expect(frontier([point('a', 2, 30), point('b', 2, 30)])).toHaveLength(2);
  });
});

describe('atEqualQuality', () => {
  const ours = [
    point('hetcache', 1, null),
    point('hetcache', 2, 36),
    point('hetcache', 4, 32),
    // Not on the frontier: must not bend the curve.
    point('hetcache', 1.5, 33),
    point('hetcache', 6, 24),
  ];
  const compare = (speedup: number, psnr: number | null) =>
    atEqualQuality([...ours, point('rival', speedup, psnr)], 'hetcache');

  it('interpolates log(speed-up) linearly in PSNR', () => {
    // Half way from 2× at 36 dB to 4× at 32 dB: √8.
    const [middle] = compare(2, 34);
    expect(middle.range).toBe('inside');
    expect(middle.speedup).toBeCloseTo(Math.sqrt(8), 12);
    expect(middle.ratio).toBeCloseTo(Math.SQRT2, 12);
    // A quarter of the way from 4× at 32 dB to 6× at 24 dB.
    expect(compare(8, 30)[0].speedup).toBeCloseTo(4 * 1.5 ** 0.25, 12);
    expect(compare(8, 30)[0].ratio).toBeCloseTo(0.5 * 1.5 ** 0.25, 12);
  });

  it('meets its own points', () => {
    expect([36, 32, 24].map((psnr) => compare(1, psnr)[0].speedup)).toEqual([2, 4, 6]);
  });

  it('does not extrapolate', () => {
    expect(compare(1.1, 36.01)[0]).toMatchObject({ range: 'rival-better', speedup: null, ratio: null });
    expect(compare(1.1, 36.01)[0]).not.toHaveProperty('atLeast');
    expect(compare(4, 23)[0]).toMatchObject({
      range: 'rival-worse',
      speedup: null,
      ratio: null,
      atLeast: 1.5,
    });
  });

  it('leaves out what has no finite PSNR, and says nothing of a method that was not run', () => {
    expect(compare(1, null)).toEqual([]);
    expect(atEqualQuality([point('rival', 2, 30)], 'hetcache')).toEqual([]);
    expect(atEqualQuality([point('rival', 2, 30), point('hetcache', 1, null)], 'hetcache')).toEqual([]);
  });

  it('compares a single setting with its equals only', () => {
    const one = [point('hetcache', 3, 30), point('rival', 2, 30), point('rival', 2, 30.1)];
    expect(atEqualQuality(one, 'hetcache').map(({ ratio, range }) => [ratio, range])).toEqual([
      [1.5, 'inside'],
      [null, 'rival-better'],
    ]);
  });
});

describe('sortRows', () => {
  it('goes by method in the order given, then by speed', () => {
    const rows = [point('full', 1, null), point('b', 3, 20), point('a', 2, 30), point('b', 2, 25)];
    expect(sortRows(rows).map(({ method, speedup }) => `${method} ${speedup}`)).toEqual([
      'full 1',
      'b 2',
      'b 3',
      'a 2',
    ]);
  });
});

describe('benchMarkdown', () => {
  const plots = { quality: 'quality.png', calls: 'calls.png', time: 'time.png' };
  const rival: MeasuredRow = {
    ...half,
    method: 'teacache',
    label: 'a|b',
    calls: { full: 6, partial: 0, reuse: 4 },
    flops: 2.4e12,
    runs: [run(12)],
    vsFull: {
      maskPsnr: 28,
      maskSsim: 0.9,
      maskMsSsim: 0.975,
      marginPsnr: 33,
      outsidePsnr: 47.125,
      identical: false,
    },
  };
  const sessions = [{ fullRuns: full.runs }];
  const report: BenchReport = {
    date: '2026-11-25',
    machine: {
      cpu: 'Example CPU',
      cores: 2,
      memoryGb: 15.6,
      os: 'Linux 6.1',
      node: '20.20.2',
      onnxRuntime: '1.30.0',
      provider: 'cpu',
      matmulPeakGflops: 160.6,
    },
    model: 'starter',
    clip: 'clip.mp4',
    mask: 'mask.png',
    frames: 17,
    windows: 1,
    tokensPerWindow: 320,
    steps: 10,
    seed: 3,
    sessions,
    rows: deriveRows(full, [rival, half], sessions),
  };

  it('says in its head how hard the model is to cache', () => {
    const guided = { ...report, guidanceScale: 7, prompt: 'red and blue' };
    const hard = benchMarkdown({ ...guided, twofoldReusePsnr: 25.04 }, plots);
    expect(hard).toContain('10 steps, seed 3, guidance 7, prompt “red and blue”');
    expect(hard).toMatch(
      /every second call reused as it is gives 25\.04 dB .*Wan2\.1-1\.3B at twice the speed\)\n/,
    );
    for (const easy of [46, null]) {
      expect(benchMarkdown({ ...guided, twofoldReusePsnr: easy }, plots)).toMatch(/do not carry over/);
    }
  });

  it('says what was measured on what, and what follows', () => {
    const text = benchMarkdown(report, plots);
    const ours = text.slice(0, text.indexOf('## The paper’s figures'));
    expect(ours).toMatchInlineSnapshot(`
      "# Cache methods on clip.mp4

      - Machine: Example CPU, 2 cores, 16 GB, Linux 6.1; Node 20.20.2, ONNX Runtime 1.30.0 (cpu); matrix products reach 161 GFLOP/s
      - Model: starter; mask: mask.png
      - Work: 17 frames in 1 window of 320 tokens, 10 steps, seed 3
      - Date: 2026-11-25

      The uncached run took 18.0 s at the beginning and 22.0 s at the end (+22.2 %).

      ## Speed and quality

      ![PSNR inside the mask over speed-up, by method](quality.png)

      |     | method   | setting | seconds | speed-up | whole |  FLOPs |  saved | realised |  mask |  SSIM | MS-SSIM | margin | outside | truth | memory |
      | --- | -------- | ------- | ------: | -------: | ----: | -----: | -----: | -------: | ----: | ----: | ------: | -----: | ------: | ----: | -----: |
      | ★   | full     |         |    20.0 |    1.00× | 1.00× | 4.00 T |  0.0 % |        – |  same |  same |       – |   same |    same | 24.00 | 700 MB |
      |     | teacache | a\\|b    |    12.0 |    1.67× | 1.44× | 2.40 T | 40.0 % |  100.0 % | 28.00 | 0.900 |   0.975 |  33.00 |   47.13 |     – | 710 MB |
      | ★   | hetcache | δ 0.1   |    11.0 |    1.82× | 1.53× | 2.00 T | 50.0 % |   90.0 % | 30.13 | 0.951 |       – |      – |    same |     – | 710 MB |

      ★: no other row is both faster and closer to the uncached run. Seconds: sampling, with all that the method costs; whole: with the VAE’s encode and decode. PSNR in dB, against the uncached run with the same seed unless it says truth. Realised: how much of the FLOPs saved shows in the seconds.

      ## hetcache at equal quality

      The speed of hetcache at the PSNR of each rival’s setting, log-linear between its own settings on its frontier. Nothing is extrapolated.

      | rival         |  mask | its speed-up | hetcache | hetcache / rival                                    |
      | ------------- | ----: | -----------: | -------: | --------------------------------------------------- |
      | teacache a\\|b | 28.00 |        1.67× |        – | at least 1.09×: every setting of hetcache is better |

      ## Network calls

      Steps over all windows: whole network, part of it, none.

      ![Steps by kind](calls.png)

      | row            | full | partial | reuse | network calls |
      | -------------- | ---: | ------: | ----: | ------------: |
      | full           |   10 |       0 |     0 |      10 of 10 |
      | teacache a\\|b  |    6 |       0 |     4 |       6 of 10 |
      | hetcache δ 0.1 |    3 |       4 |     3 |       7 of 10 |

      ## Where the time goes

      Seconds of the median run; shares are of the sampling, which is network, selection and bookkeeping.

      ![Seconds by what they were spent on](time.png)

      | row            | network | selection | share | bookkeeping | share | encode | decode | whole |
      | -------------- | ------: | --------: | ----: | ----------: | ----: | -----: | -----: | ----: |
      | full           |    20.0 |         0 | 0.0 % |           0 | 0.0 % |   2.00 |   4.00 |  26.0 |
      | teacache a\\|b  |    12.0 |         0 | 0.0 % |           0 | 0.0 % |   2.00 |   4.00 |  18.0 |
      | hetcache δ 0.1 |    9.50 |      1.00 | 9.1 % |       0.500 | 4.5 % |   2.00 |   4.00 |  17.0 |

      "
    `);
  });

  it('puts the paper’s figures next to it, with their source', () => {
    const text = benchMarkdown(report, plots);
    const papers = text.slice(text.indexOf('## The paper’s figures'));
    expect(papers).toContain('https://arxiv.org/abs/2603.24260');
    expect(papers).toMatch(/other machines, other models/);
    // 238.8 / 166.8 and 140 / 70.
    expect(papers).toMatch(/\| HetCache, fast +\| +166\.8 \| +1\.43× \| 16\.58 \| 0\.56 \| 54\.5 \|/);
    expect(papers).toMatch(/\| HetCache +\| +70 \| +2\.00× \|/);
  });

  it('says when it was resumed, and how far apart the sessions were', () => {
    const two = [{ fullRuns: [run(20), run(19)] }, { fullRuns: [run(25)] }];
    const text = benchMarkdown(
      { ...report, sessions: two, rows: deriveRows(full, [{ ...half, session: 1 }], two) },
      plots,
    );
    // 25 s against the mean of 20 s and 19 s.
    expect(text).toContain('**Measured in 2 sessions**');
    expect(text).toContain('differed by up to 28.2 %');
    expect(text).toContain(
      '- Session 1: the uncached run took 20.0 s at the beginning and 19.0 s at the end (−5.0 %).',
    );
    expect(text).toContain('- Session 2: the uncached run took 25.0 s at the beginning (it was broken off');
  });

  it('leaves out the comparison where hetcache was not run', () => {
    const text = benchMarkdown({ ...report, rows: deriveRows(full, [rival], sessions) }, plots);
    expect(text).not.toContain('equal quality');
  });
});
