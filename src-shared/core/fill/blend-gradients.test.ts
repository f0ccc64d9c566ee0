import { describe, it } from 'vitest';
import { expectClose } from '../testing/index.ts';
import { blendGradients } from './blend-gradients.ts';

const [width, height] = [12, 9];
const pixels = width * height;
const hole = Uint8Array.from({ length: pixels }, (_, pixel) => {
  const [x, y] = [pixel % width, Math.floor(pixel / width)];
  return x >= 3 && x < 9 && y >= 2 && y < 7 ? 1 : 0;
});
const picture = Float32Array.from({ length: 3 * pixels }, (_, at) => 80 + ((at * 37) % 11));
const patches = Int32Array.from(hole, (value) => value - 1);

describe('blendGradients', () => {
  it('leaves what fits as it is', () => {
    const copied = (channel: number, _: number, pixel: number) => picture[channel * pixels + pixel];
    expectClose(
      blendGradients({ width, height, values: picture, hole, patches, edgeLevels: 12, copied }),
      picture,
      {
        atol: 1e-3,
      },
    );
  });

  it('takes away what a copy is brighter by all around', () => {
    const copied = (channel: number, _: number, pixel: number) => picture[channel * pixels + pixel] + 4;
    expectClose(
      blendGradients({ width, height, values: picture, hole, patches, edgeLevels: 12, copied }),
      picture,
      {
        atol: 0.02,
      },
    );
  });

  it('keeps an edge at the border an edge', () => {
    // The copy is 120 levels brighter: it ends at the hole, and does not run out into it.
    const copied = (channel: number, _: number, pixel: number) => picture[channel * pixels + pixel] + 120;
    const values = picture.map((value, at) => (hole[at % pixels] === 1 ? value + 120 : value));
    expectClose(blendGradients({ width, height, values, hole, patches, edgeLevels: 12, copied }), values, {
      atol: 1,
    });
  });
});
