import type { Easing, MaskPoint } from './project-mask.ts';

export const mix = (a: number, b: number, share: number): number => a + (b - a) * share;
export const mixPoint = (a: MaskPoint, b: MaskPoint, share: number): MaskPoint => [
  mix(a[0], b[0], share),
  mix(a[1], b[1], share),
];

export const mixPoints = (a: readonly MaskPoint[], b: readonly MaskPoint[], share: number): MaskPoint[] =>
  a.map((from, index) => mixPoint(from, b[index], share));

/** Share of the way at a share of the time, both 0…1. */
const eased: Readonly<Record<Easing, (share: number) => number>> = {
  in: (share) => share * share,
  out: (share) => share * (2 - share),
  smooth: (share) => share * share * (3 - 2 * share),
  hold: () => 0,
};

/** The keyframes on both sides of `frame`, and how far the shape is from the first to the second (0…1). */
export function neighbours<Key extends { readonly frame: number; readonly easing?: Easing | undefined }>(
  keyframes: readonly Key[],
  frame: number,
): { a: Key; b: Key; share: number } {
  const after = keyframes.findIndex((key) => key.frame > frame);
  if (after === 0) return { a: keyframes[0], b: keyframes[0], share: 0 };
  const a = keyframes.at(after === -1 ? -1 : after - 1) as Key;
  if (after === -1) return { a, b: a, share: 0 };
  const b = keyframes[after];
  const share = (frame - a.frame) / (b.frame - a.frame);
  return { a, b, share: a.easing === undefined ? share : eased[a.easing](share) };
}
