import { describe, expect, it } from 'vitest';
import { identityMotion } from '../plate/index.ts';
import { shadowClip } from '../testing/index.ts';
import { buildBackground } from './background.ts';
import { findShadow } from './find-shadow.ts';
import { overlap } from './start-shape.ts';
import { trackPicture } from './track-picture.ts';

const [width, height] = [160, 120];
const layout = { width, height, bitDepth: 8, chromaShiftX: 1, chromaShiftY: 1 } as const;

function shadowIn(shade: number, at: number) {
  const all = shadowClip(shade);
  const pictures = all.map(({ planes }) => trackPicture(planes, layout, 1));
  const background = buildBackground(
    pictures.map((picture, frame) => ({ picture, toReference: identityMotion(), hidden: all[frame].object })),
  );
  const frame = { picture: pictures[at], toReference: identityMotion() };
  return { found: findShadow(frame, all[at].object, background), ...all[at] };
}

describe('findShadow', () => {
  it.each([
    [0.55, 3],
    [0.55, 8],
    [0.7, 6],
  ])('finds what has %s of its light, in frame %i', (shade, at) => {
    const { found, shadow, object } = shadowIn(shade, at);
    expect(overlap(found.mask, shadow)).toBeGreaterThan(0.75);
    expect(found.mask.some((value, pixel) => value !== 0 && object[pixel] !== 0)).toBe(false);
    expect(found.confidence).toBeGreaterThan(0.6);
  });

  it('finds none where there is none', () => {
    const { found } = shadowIn(1, 6);
    expect(found.mask.includes(255)).toBe(false);
    expect(found.confidence).toBe(0);
  });

  it('finds none of an object that is not there', () => {
    const { found } = shadowIn(0.6, 6);
    expect(found.mask.includes(255)).toBe(true);
    const all = shadowClip(0.6);
    const frame = { picture: trackPicture(all[0].planes, layout, 1), toReference: identityMotion() };
    expect(findShadow(frame, new Uint8Array(width * height), buildBackground([])).confidence).toBe(0);
  });
});
