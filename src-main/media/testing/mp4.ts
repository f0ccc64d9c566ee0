import { readFileSync, writeFileSync } from 'node:fs';

/** Where the track header's matrix starts in a version 0 box, after its type (ISO/IEC 14496-12, 8.3.2). */
const matrixOffset = 4 + 40;

/** Writes the display matrix [a, b, c, d] (whole numbers) into the first track of an MP4. */
export function setDisplayMatrix(path: string, [a, b, c, d]: readonly number[]): void {
  const bytes = readFileSync(path);
  const header = bytes.indexOf('tkhd', 0, 'latin1');
  const fixed = (value: number): number => value * 0x10000;
  const entries = [fixed(a), fixed(b), 0, fixed(c), fixed(d), 0, 0, 0, 0x40000000];
  entries.forEach((value, index) => bytes.writeInt32BE(value, header + matrixOffset + 4 * index));
  writeFileSync(path, bytes);
}
