import { expect, it } from 'vitest';
import { wordsTable, type WordsRuns } from './demo-words.ts';

it('shows a row a preset: calls, both times and their ratio, the difference, the estimate beside what it took', () => {
  const run = (full: number, seconds: number, maskPsnr: number | null) =>
    ({
      result: { estimateSeconds: 4.25, seconds: { total: 5 } },
      check: { steps: 25, calls: { full, partial: 1, reuse: 24 - full }, seconds, fullSeconds: 2, maskPsnr },
    }) as unknown as WordsRuns[string];
  expect(wordsTable({ fast: run(6, 0.5, 24.04), quality: run(12, 1, null) }).split('\n')).toEqual([
    '  preset      calls  sampling  uncached  speed-up  against it  estimate   took',
    '  quality  13 of 25    1.00 s    2.00 s     2.00×    the same     4.3 s  5.0 s',
    '  fast      7 of 25    0.50 s    2.00 s     4.00×     24.0 dB     4.3 s  5.0 s',
  ]);
});
