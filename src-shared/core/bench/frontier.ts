import type { BenchRow } from './bench-report.ts';

/** PSNR inside the mask against the uncached run, dB; Infinity where nothing differs. */
export function maskQuality(row: BenchRow): number {
  return row.vsFull.maskPsnr ?? Infinity;
}

/**
 * The rows, slowest first, that no other row beats: none is at least as fast and at least as close to the uncached
 * run, and better in one of the two.
 */
export function frontier(rows: readonly BenchRow[]): BenchRow[] {
  const beats = (a: BenchRow, b: BenchRow): boolean =>
    a.speedup >= b.speedup &&
    maskQuality(a) >= maskQuality(b) &&
    (a.speedup > b.speedup || maskQuality(a) > maskQuality(b));
  return rows.filter((row) => !rows.some((other) => beats(other, row))).sort((a, b) => a.speedup - b.speedup);
}

/** How a method compares with one row of another method at that row's quality. */
export type EqualQuality = { readonly rival: BenchRow } & (
  | {
      readonly range: 'inside';
      /** The method's speed-up at the rival's PSNR. */
      readonly speedup: number;
      /** That over the rival's speed-up: above 1 the method is faster. */
      readonly ratio: number;
    }
  /** Every setting of the method is better than the rival: `ratio` of its fastest one is a lower bound. */
  | { readonly range: 'rival-worse'; readonly speedup: null; readonly ratio: null; readonly atLeast: number }
  /** No setting of the method is as good as the rival: nothing can be said. */
  | { readonly range: 'rival-better'; readonly speedup: null; readonly ratio: null }
);

/**
 * Compares `method` with every row of the other methods at equal PSNR. Between two neighbours on the frontier of the
 * method's own rows, log(speed-up) is taken to be linear in PSNR; nothing is extrapolated. Rows equal to the uncached
 * run have no finite PSNR: they are neither rivals nor part of the curve. Empty if the method has no other row.
 */
export function atEqualQuality(rows: readonly BenchRow[], method: string): EqualQuality[] {
  const finite = rows.filter((row) => row.vsFull.maskPsnr !== null);
  const curve = frontier(finite.filter((row) => row.method === method));
  if (curve.length === 0) return [];
  return finite.filter((row) => row.method !== method).map((rival) => compareAt(curve, rival));
}

/** `curve`: speed-ups ascend, PSNR descends. */
function compareAt(curve: readonly BenchRow[], rival: BenchRow): EqualQuality {
  const psnr = maskQuality(rival);
  const fastest = curve[curve.length - 1];
  if (psnr > maskQuality(curve[0])) {
    return { rival, range: 'rival-better', speedup: null, ratio: null };
  }
  if (psnr < maskQuality(fastest)) {
    const atLeast = fastest.speedup / rival.speedup;
    return { rival, range: 'rival-worse', speedup: null, ratio: null, atLeast };
  }
  // The last point that is at least as good; at the curve's end there is no next one, and none is needed.
  const at = curve.findLastIndex((row) => maskQuality(row) >= psnr);
  const better = curve[at];
  const worse = curve[at + 1] ?? better;
  const span = maskQuality(better) - maskQuality(worse);
  const share = span === 0 ? 0 : (maskQuality(better) - psnr) / span;
  const speedup = better.speedup ** (1 - share) * worse.speedup ** share;
  return { rival, range: 'inside', speedup, ratio: speedup / rival.speedup };
}
