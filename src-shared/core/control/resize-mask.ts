import { assertLength } from './latent-shape.ts';
import type { VolumeShape } from './latent-shape.ts';

type Stack = Omit<VolumeShape, 'channels'>;

/** Where each of `to` samples lies among `from`, the ends on the ends: the one before it, the one after, and its share. */
function placesAlong(from: number, to: number): { before: number; after: number; share: number }[] {
  return Array.from({ length: to }, (_, i) => {
    const place = to === 1 ? 0 : (i * (from - 1)) / (to - 1);
    const before = Math.floor(place);
    return { before, after: Math.min(from - 1, before + 1), share: place - before };
  });
}

/** A mask [T, H, W] at another size, along all three axes by straight lines, ends on ends ("align corners"). float32 */
export function resizeMask(mask: Float32Array, from: Stack, to: Stack): Float32Array {
  assertLength('mask', mask.length, from.frames * from.height * from.width);
  const [frames, rows, columns] = [
    placesAlong(from.frames, to.frames),
    placesAlong(from.height, to.height),
    placesAlong(from.width, to.width),
  ];
  const result = new Float32Array(to.frames * to.height * to.width);
  let at = 0;
  for (const t of frames) {
    for (const y of rows) {
      const lines = [
        [t.before, y.before, (1 - t.share) * (1 - y.share)],
        [t.before, y.after, (1 - t.share) * y.share],
        [t.after, y.before, t.share * (1 - y.share)],
        [t.after, y.after, t.share * y.share],
      ].map(([frame, row, weight]) => ({ start: (frame * from.height + row) * from.width, weight }));
      for (const x of columns) {
        let value = 0;
        for (const { start, weight } of lines) {
          value += weight * ((1 - x.share) * mask[start + x.before] + x.share * mask[start + x.after]);
        }
        result[at++] = value;
      }
    }
  }
  return result;
}
