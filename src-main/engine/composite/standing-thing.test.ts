import { expect, it } from 'vitest';
import type { ClipInfo } from '../frames.ts';
import type { FramePatch } from './patch-store.ts';
import { cutThing, layThing } from './standing-thing.ts';

const clip = {
  pixelFormat: { name: 'yuv420p', bitDepth: 8, chromaShiftX: 1, chromaShiftY: 1 },
} as Pick<ClipInfo, 'pixelFormat'>;
const side = 40;
const rect = { x: 10, y: 20, width: side, height: side };
const window = { crop: { x: 0, y: 0, width: 64, height: 64 }, workingWidth: 64 };

/** A patch of grey 100 with a disc of that radius in the middle, in another brightness and colour. */
function patchWith(radius: number, luma: number, noise = 0): FramePatch {
  const disc = (x: number, y: number, middle: number, size: number) =>
    Math.hypot(x - middle, y - middle) < size;
  const plane = (length: number, size: number, inside: number, outside: number) =>
    Uint8Array.from({ length: length * length }, (_, at) => {
      const ripple = noise * ((at * 7) % 5 < 2 ? 1 : -1);
      return disc(at % length, Math.floor(at / length), (length - 1) / 2, size) ? inside : outside + ripple;
    });
  return {
    rect,
    planes: [
      plane(side, radius, luma, 100),
      plane(side / 2, radius / 2, 90, 128),
      plane(side / 2, radius / 2, 200, 128),
    ],
    residual: new Uint8Array(side * side).fill(255),
    unseen: new Uint8Array(side * side),
  };
}
const identity = [1, 0, 0, 0, 1, 0, 0, 0, 1];
const middle = side / 2;
const at = (x: number, y: number) => y * side + x;

it('cuts out what differs from the background, whole, and nothing of what the network only blurs', () => {
  const background = patchWith(0, 0);
  // The disc's middle is as bright as the background; its colour is not. Around it the network is a little off.
  const { alpha } = cutThing(background, patchWith(12, 100, 4), window, clip);
  expect(alpha[at(middle, middle)]).toBe(1);
  expect(alpha[at(middle - 9, middle)]).toBe(1);
  expect(alpha[at(2, 2)]).toBe(0);
  expect(alpha[at(middle, 2)]).toBe(0);
  const covered = alpha.reduce((sum, share) => sum + share, 0);
  expect(covered / (Math.PI * 12 ** 2)).toBeGreaterThan(0.8);
  expect(covered / (Math.PI * 12 ** 2)).toBeLessThan(1.4);
});

it('finds nothing where nothing was painted, and nothing outside the hole', () => {
  const background = patchWith(0, 0);
  expect(cutThing(background, patchWith(0, 0, 4), window, clip).alpha.every((share) => share === 0)).toBe(
    true,
  );
  const noHole = { ...background, residual: new Uint8Array(side * side) };
  expect(cutThing(noHole, patchWith(12, 30), window, clip).alpha.every((share) => share === 0)).toBe(true);
});

it('lays it where the motion says, before the background of that frame', () => {
  const thing = cutThing(patchWith(0, 0), patchWith(8, 30), window, clip);
  const patch = patchWith(0, 0);
  const same = layThing(thing, patch, identity, clip);
  expect(same.planes[0][at(middle, middle)]).toBe(30);
  expect(same.planes[2][(middle / 2) * (side / 2) + middle / 2]).toBe(200);
  expect(same.planes[0][at(1, 1)]).toBe(100);
  expect([same.unseen[at(middle, middle)], same.unseen[at(1, 1)]]).toEqual([255, 0]);
  // In this frame everything is 10 pixels further left: its pixel x is the key frame's x + 10.
  const left = layThing(thing, patch, [1, 0, 10, 0, 1, 0, 0, 0, 1], clip);
  expect(left.planes[0][at(middle - 10, middle)]).toBe(30);
  expect(left.planes[0][at(middle + 4, middle)]).toBe(100);
  // A map that leads nowhere paints nothing.
  const lost = layThing(thing, patch, [0, 0, 0, 0, 0, 0, 0, 0, 0], clip);
  expect(lost.planes[0]).toEqual(patch.planes[0]);
});
