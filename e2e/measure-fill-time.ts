/**
 * Measures how long it takes to fill a tenth of a canvas of 1280 × 720, in seconds of one core.
 *   node --import tsx e2e/measure-fill-time.ts [CHECKOUT]
 * With another checkout both fill in turn, and their ratio is printed: it means something on a busy machine, too.
 */
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { fillCanvas } from '../src-shared/core/canvas/index.ts';
import { createMedia } from '../src-main/media/index.ts';
import { demo } from './hetcut.ts';

const rounds = 3;
const [width, height] = [1280, 720];
const pixels = width * height;
const print = (line: string): void => void process.stdout.write(`${line}\n`);

async function canvasWithHole(): Promise<{ canvas: Parameters<typeof fillCanvas>[0]; needed: Uint8Array }> {
  const small = await (await createMedia()).readPicture(demo('campus-plate.png'));
  const picture = new Float32Array(3 * pixels);
  const needed = new Uint8Array(pixels);
  // Mirrored, so that it is as sharp as the small one.
  const mirror = (at: number, length: number): number =>
    at % (2 * length) < length ? at % length : length - 1 - (at % length);
  for (let pixel = 0; pixel < pixels; pixel++) {
    const [x, y] = [pixel % width, Math.floor(pixel / width)];
    const from = 3 * (mirror(y, small.height) * small.width + mirror(x, small.width));
    for (let plane = 0; plane < 3; plane++) picture[plane * pixels + pixel] = small.rgb[from + plane];
    if (Math.hypot(x - 640, y - 360) < 171) needed[pixel] = 1;
  }
  const seen = needed.map((value) => 1 - value);
  const [doubtful, spread] = [new Uint8Array(pixels), new Float32Array(pixels)];
  return { canvas: { width, height, picture, seen, doubtful, spread }, needed };
}

const { canvas, needed } = await canvasWithHole();
const fills = [fillCanvas];
const [other] = process.argv.slice(2);
if (other !== undefined) {
  const path = join(resolve(other), 'src-shared/core/canvas/index.ts');
  fills.push(((await import(pathToFileURL(path).href)) as { fillCanvas: typeof fillCanvas }).fillCanvas);
}
const taken: number[][] = fills.map(() => []);
for (let round = 0; round < rounds; round++) {
  fills.forEach((fill, at) => {
    const before = process.cpuUsage();
    fill(canvas, needed, 1);
    const { user, system } = process.cpuUsage(before);
    taken[at].push((user + system) / 1e6);
  });
}
const medians = taken.map((seconds) => seconds.toSorted((a, b) => a - b)[rounds >> 1]);
const share = needed.reduce((sum, value) => sum + value, 0) / pixels;
print(
  `a hole of ${(100 * share).toFixed(0)} % of ${width}×${height}: ${medians[0].toFixed(1)} s of one core ` +
    `(median of ${rounds}; the first, with nothing compiled, ${taken[0][0].toFixed(1)} s)`,
);
if (other !== undefined) {
  print(`the other checkout: ${medians[1].toFixed(1)} s; ratio ${(medians[0] / medians[1]).toFixed(2)}`);
}
