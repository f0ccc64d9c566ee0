import { describe, expect, it } from 'vitest';
import { createHoleMeter } from './index.ts';

const size = { width: 150, height: 120 };
const pixels = size.width * size.height;

interface Frame {
  readonly rgb: Uint8Array;
  readonly truth: Uint8Array;
  readonly hole: Uint8Array;
  /** The right part of the hole. */
  readonly right: Uint8Array;
}

/** A pattern that moves by (−2, −1) a frame, and an ellipse in it that is filled with another one. */
function makeFrame(index: number): Frame {
  const frame: Frame = {
    rgb: new Uint8Array(3 * pixels),
    truth: new Uint8Array(3 * pixels),
    hole: new Uint8Array(pixels),
    right: new Uint8Array(pixels),
  };
  for (let pixel = 0; pixel < pixels; pixel++) {
    const column = pixel % size.width;
    const row = Math.floor(pixel / size.width);
    const [x, y] = [column + 2 * index, row + index];
    const inside = 4 * (column - 75 - index) ** 2 + 9 * (row - 58) ** 2 <= 9 * 28 * 28;
    if (inside) frame.hole[pixel] = 255;
    if (inside && column >= 75) frame.right[pixel] = 255;
    for (let c = 0; c < 3; c++) {
      const value = 90 + ((Math.floor((x * x) / 7) + 3 * y + 5 * c) % 23) * 4 + ((x * y) % 11) * 3 + 9 * c;
      frame.truth[3 * pixel + c] = value % 256;
      const filled = 100 + ((column + 2 * row) % 9) * 5 + 3 * index + 6 * c;
      frame.rgb[3 * pixel + c] = inside ? filled : value % 256;
    }
  }
  return frame;
}

const frames = [0, 1, 2, 3].map(makeFrame);
const motion = Float64Array.of(1, 0.02, -2.3, -0.01, 1, -0.6);

function measure(part: 'hole' | 'right', truth = true) {
  const meter = createHoleMeter(size, () => motion);
  for (const frame of frames) {
    const { rgb, hole } = frame;
    meter.add({ rgb, hole, judged: frame[part], ...(truth && { truth: frame.truth }) });
  }
  return meter.result();
}

describe('createHoleMeter', () => {
  // What the measures' first implementation, in numpy and OpenCV 5.0, answers for the same bytes and motion.
  it.each([
    ['hole', { texture: 0.80447835, seam: 1.02756631, flicker: 1.08698046, psnr: 15.90356666 }],
    ['right', { texture: 0.80836278, seam: 0.9789173, flicker: 1.07458007, psnr: 15.91771668 }],
  ] as const)('agrees with the reference over the %s', (part, expected) => {
    const quality = measure(part);
    expect(quality.frames).toBe(4);
    expect(quality.texture).toBeCloseTo(expected.texture, 5);
    expect(quality.seam).toBeCloseTo(expected.seam, 5);
    // OpenCV interpolates in steps of 1/32 pixel.
    expect(quality.flicker).toBeCloseTo(expected.flicker, 2);
    expect(quality.psnr).toBeCloseTo(expected.psnr, 6);
  });

  it('has the mean MS-SSIM of a plain implementation in numpy', () => {
    expect(measure('hole').msSsim).toBeCloseTo(0.353067273272799, 9);
  });

  it('finds a result that is the truth to be like its surroundings, and no difference', () => {
    const meter = createHoleMeter(size, () => Float64Array.of(1, 0, -2, 0, 1, -1));
    for (const { truth, hole } of frames) meter.add({ rgb: truth, hole, judged: hole, truth });
    const { texture, seam, flicker, psnr, ssim, msSsim } = meter.result();
    expect(texture).toBeGreaterThan(0.9);
    expect(seam).toBeCloseTo(1, 1);
    expect(flicker).toBeLessThan(1);
    expect(psnr).toBeNull();
    expect(ssim).toBeCloseTo(1, 12);
    expect(msSsim).toBeCloseTo(1, 12);
  });

  it('finds no texture in a flat hole', () => {
    const meter = createHoleMeter(size);
    const { truth, hole } = frames[0];
    const flat = truth.map((value, i) => (hole[Math.floor(i / 3)] === 0 ? value : 128));
    meter.add({ rgb: flat, hole, judged: hole });
    expect(meter.result()).toMatchObject({ texture: 0, flicker: null, psnr: null, ssim: null, frames: 1 });
  });

  it('has no figures against a truth without one', () => {
    expect(measure('hole', false)).toMatchObject({ psnr: null, ssim: null, msSsim: null });
  });

  it('judges no hole of 200 pixels, and none that leaves no surroundings', () => {
    const { rgb, truth } = frames[0];
    const small = new Uint8Array(pixels).fill(255, 0, 200);
    const everything = new Uint8Array(pixels).fill(255);
    const meter = createHoleMeter(size);
    for (const hole of [small, everything]) meter.add({ rgb, hole, judged: hole, truth });
    expect(meter.result()).toMatchObject({ texture: null, seam: null, frames: 0 });
  });
});
