import type { ClipInfo } from '../engine/frames.ts';

/** How a coded picture is turned into display space. */
export interface Orientation {
  /** Degrees clockwise; a mirrored picture is flipped first. */
  readonly rotation: ClipInfo['rotation'];
  /** ffmpeg filters that do it. */
  readonly filters: readonly string[];
  /** Width and height change places. */
  readonly transposed: boolean;
}

/** The filters that turn a picture of display space back into how it is stored. */
export function filtersBack({ filters }: Orientation): string[] {
  const others: Readonly<Record<string, string>> = {
    'transpose=clock': 'transpose=cclock',
    'transpose=cclock': 'transpose=clock',
  };
  // All others are their own opposites.
  return [...filters].reverse().map((filter) => others[filter] ?? filter);
}

const upright: Orientation = { rotation: 0, filters: [], transposed: false };

/**
 * The eight right-angled orientations by the signs of the display matrix [a b; c d], which sends the coded point
 * (x, y) to (a·x + c·y, b·x + d·y) with y pointing down (ISO/IEC 14496-12, 8.3.2.3, without translation).
 */
const orientations: Readonly<Record<string, Orientation>> = {
  '1,0,0,1': upright,
  '0,1,-1,0': { rotation: 90, filters: ['transpose=clock'], transposed: true },
  '-1,0,0,-1': { rotation: 180, filters: ['hflip', 'vflip'], transposed: false },
  '0,-1,1,0': { rotation: 270, filters: ['transpose=cclock'], transposed: true },
  '-1,0,0,1': { rotation: 0, filters: ['hflip'], transposed: false },
  '1,0,0,-1': { rotation: 180, filters: ['vflip'], transposed: false },
  '0,1,1,0': { rotation: 270, filters: ['transpose=cclock_flip'], transposed: true },
  '0,-1,-1,0': { rotation: 90, filters: ['transpose=clock_flip'], transposed: true },
};

/**
 * Reads the display matrix as ffprobe prints it (three rows of three numbers, each after an address and a colon).
 * Undefined where it is not a right-angled turn or flip.
 */
export function orientationOf(displayMatrix: string | undefined): Orientation | undefined {
  if (displayMatrix === undefined) return upright;
  const rows = displayMatrix
    .trim()
    .split('\n')
    .map((row) =>
      row
        .replace(/^[^:]*:/, '')
        .trim()
        .split(/\s+/)
        .map(Number),
    );
  const [a, b, c, d] = [rows[0]?.[0], rows[0]?.[1], rows[1]?.[0], rows[1]?.[1]];
  if (a === undefined || b === undefined || c === undefined || d === undefined) return undefined;
  // Rounding in the file leaves small residues among the large entries.
  const largest = Math.max(Math.abs(a), Math.abs(b), Math.abs(c), Math.abs(d));
  const sign = (value: number): number => (Math.abs(value) < largest / 100 ? 0 : Math.sign(value));
  return orientations[[sign(a), sign(b), sign(c), sign(d)].join(',')];
}

/** "16:15" for a picture on its side is "15:16". Unknown ("0:1", "N/A", absent) is square. */
export function displayAspect(sampleAspectRatio: string | undefined, transposed: boolean): string {
  const [num, den] = (sampleAspectRatio ?? '').split(':').map(Number);
  if (!(num > 0 && den > 0 && Number.isSafeInteger(num) && Number.isSafeInteger(den))) return '1:1';
  return transposed ? `${den}:${num}` : `${num}:${den}`;
}
