/**
 * Fills the hole of a still picture with texture from around it, writes the result, and prints how long it took and how
 * its texture compares with its surroundings.
 *   node --import tsx e2e/measure-fill.ts PICTURE.png MASK.png OUT.png
 */
import { dilate } from '../src-shared/core/mask/index.ts';
import { exemplarFill } from '../src-shared/core/fill/index.ts';
import { createMedia } from '../src-main/media/index.ts';

const [picturePath, maskPath, outPath] = process.argv.slice(2);
if (outPath === undefined) throw new Error('usage: measure-fill.ts PICTURE.png MASK.png OUT.png');
const media = await createMedia();
const { width, height, rgb } = await media.readPicture(picturePath);
const mask = await media.readPicture(maskPath);
if (mask.width !== width || mask.height !== height) throw new Error('picture and mask differ in size');
const pixels = width * height;
const hole = Uint8Array.from({ length: pixels }, (_, pixel) => (mask.rgb[3 * pixel] > 127 ? 1 : 0));
const usable = hole.map((value) => 1 - value);

// ITU-R BT.601, full range.
const picture = new Float32Array(3 * pixels);
for (let pixel = 0; pixel < pixels; pixel++) {
  const [red, green, blue] = rgb.subarray(3 * pixel, 3 * pixel + 3);
  const luma = 0.299 * red + 0.587 * green + 0.114 * blue;
  picture[pixel] = luma;
  picture[pixels + pixel] = 128 + (blue - luma) / 1.772;
  picture[2 * pixels + pixel] = 128 + (red - luma) / 1.402;
}

const before = process.cpuUsage();
const filled = exemplarFill({ picture, hole, usable, width, height }, 1);
const { user, system } = process.cpuUsage(before);
if (filled === null) throw new Error('no patch can be copied: nearly everything is masked');

/** Mean absolute step of luma to the right and down, over the pixels where `where` is 1. */
function gradientEnergy(luma: Float32Array, where: Uint8Array): number {
  let [sum, count] = [0, 0];
  for (let y = 0; y < height - 1; y++) {
    for (let x = 0; x < width - 1; x++) {
      const pixel = y * width + x;
      if (where[pixel] === 0) continue;
      sum += Math.abs(luma[pixel + 1] - luma[pixel]) + Math.abs(luma[pixel + width] - luma[pixel]);
      count++;
    }
  }
  return sum / Math.max(1, count);
}

const ring = dilate(hole, width, height, 24).map((value, pixel) =>
  value !== 0 && hole[pixel] === 0 ? 1 : 0,
);
const result = new Uint8Array(3 * pixels);
for (let pixel = 0; pixel < pixels; pixel++) {
  const luma = filled.picture[pixel];
  const blue = luma + 1.772 * (filled.picture[pixels + pixel] - 128);
  const red = luma + 1.402 * (filled.picture[2 * pixels + pixel] - 128);
  const green = (luma - 0.299 * red - 0.114 * blue) / 0.587;
  [red, green, blue].forEach((value, channel) => {
    result[3 * pixel + channel] = Math.min(255, Math.max(0, Math.round(value)));
  });
}
await media.writePicture(outPath, { width, height, rgb: result });
const luma = filled.picture.subarray(0, pixels);
const share = hole.reduce((sum, value) => sum + value, 0) / pixels;
process.stdout.write(
  `${width}×${height}, hole ${(100 * share).toFixed(1)} %: ${((user + system) / 1e6).toFixed(1)} s of processor time, ` +
    `texture ${(gradientEnergy(luma, hole) / gradientEnergy(luma, ring)).toFixed(2)} of its surroundings’\n`,
);
