/**
 * Measures how well one click selects an object, and prints the table of docs/benchmarks/selecting.md.
 *   node --import tsx e2e/measure-select.ts [FOLDER with clip.mp4 and mask.mkv …]
 * With SHEETS=folder in the environment it writes there what was selected, as pictures.
 */
import { join } from 'node:path';
import { dilate } from '../src-shared/core/mask/index.ts';
import { seededNumbers } from '../src-shared/core/testing/index.ts';
import { overlap, selectObject } from '../src-shared/core/track/index.ts';
import { prepareSelect } from '../src-main/engine/select/prepare-select.ts';
import { createMedia } from '../src-main/media/index.ts';
import { openCameraTracker, openDenseFlow } from '../src-main/vision/index.ts';
import { realCase, syntheticCases, type Case } from './tracking-cases.ts';

const print = (line: string): void => void process.stdout.write(`${line}\n`);
const frames = 12;
const clicksPerFrame = 2;
const sheets = process.env['SHEETS'];
const media = await createMedia();
const flow = await openDenseFlow();

const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;
const inverted = (mask: Uint8Array): Uint8Array => mask.map((value) => (value === 0 ? 255 : 0));

/** Pixels of the truth that are at least `deep` from its border, as somebody would click; all of it where none is. */
function clickable(truth: Uint8Array, width: number, height: number, deep: number): number[] {
  const core = inverted(dilate(inverted(truth), width, height, deep));
  const from = core.includes(255) ? core : truth;
  return [...from.keys()].filter((pixel) => from[pixel] !== 0);
}

/** @param looseness Pixels by which the truth reaches beyond the object. */
async function measure({ name, source, truth }: Case, looseness: number): Promise<void> {
  const { width, height } = source.info;
  const next = seededNumbers(5);
  const ious: { readonly iou: number; readonly tight: number; readonly where: string }[] = [];
  for (let index = 0; index < frames; index++) {
    const at = Math.round((index * (truth.length - 1)) / (frames - 1));
    const prepared = await prepareSelect({
      source,
      frame: at,
      range: { startFrame: 0, endFrame: truth.length },
      openCamera: openCameraTracker,
      flow,
      signal: new AbortController().signal,
      onFrame: () => undefined,
    });
    if (prepared.factor !== 1) throw new Error('clips of this size are not reduced');
    const places = clickable(truth[at], width, height, looseness + 2);
    if (places.length === 0) continue;
    const object = inverted(dilate(inverted(truth[at]), width, height, looseness));
    for (let click = 0; click < clicksPerFrame; click++) {
      const pixel = places[Math.floor(next() * places.length)];
      const [x, y] = [(pixel % width) + 0.5, Math.floor(pixel / width) + 0.5];
      const { mask } = selectObject(prepared.frame, { add: [[x, y]], remove: [] });
      const iou = overlap(dilate(mask, width, height, looseness), truth[at]);
      const tight = overlap(mask, object);
      ious.push({ iou, tight, where: `${at}:${Math.floor(x)},${Math.floor(y)}` });
      if (sheets === undefined) continue;
      const rgb = new Uint8Array(3 * width * height);
      for (let p = 0; p < width * height; p++) {
        const { samples } = prepared.frame.fine;
        const light = samples[3 * p] / 2;
        rgb.set([light + (mask[p] === 0 ? 0 : 120), light + (object[p] === 0 ? 0 : 60), light], 3 * p);
      }
      rgb.fill(255, 3 * pixel, 3 * pixel + 6);
      await media.writePicture(
        join(sheets, `${name.replaceAll(/\W+/g, '-')}-${at}-${click}-${iou.toFixed(2)}.png`),
        { width, height, rgb },
      );
    }
  }
  const worst = ious.reduce((a, b) => (a.iou < b.iou ? a : b));
  const cells = [
    name,
    ious.length,
    mean(ious.map(({ iou }) => iou)).toFixed(3),
    `${worst.iou.toFixed(3)} (${worst.where})`,
    mean(ious.map(({ tight }) => tight)).toFixed(3),
    `${ious.filter(({ iou }) => iou >= 0.75).length}/${ious.length}`,
  ];
  print(`| ${cells.join(' | ')} |`);
}

print('| clip | clicks | mean IoU | least (frame:x,y) | mean of the object itself | 0.75 and more |');
print('| --- | --- | --- | --- | --- | --- |');
for (const folder of process.argv.slice(2)) await measure(await realCase(folder, media), 5);
for (const one of await syntheticCases(media)) await measure(one, 0);
