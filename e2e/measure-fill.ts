/**
 * Measures what fills the part of a hole that no frame shows, and prints the tables of docs/benchmarks/fill.md; videos
 * and contact sheets go into the folder.
 *   node --import tsx e2e/measure-fill.ts FOLDER [CASE …] [FILL …]     FILL: exemplar, network, smooth
 * A truth of its own that is judged as a result says what the measures are worth. Seconds are those of a quiet machine only.
 */
import { spawnSync } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { FillMeans } from '../src-shared/core/fill/index.ts';
import { composeSheet, type SheetPicture } from '../src-shared/core/sheet/index.ts';
import { rgbBytes } from '../src-main/engine/composite/planes.ts';
import type { EditResult } from '../src-main/engine/edit-job.ts';
import { judgeResult } from '../src-main/engine/quality/judge-result.ts';
import { createMedia } from '../src-main/media/index.ts';
import { openMotionOutside } from '../src-main/vision/index.ts';
import { bundledCases, writeFillClips, type FillCase } from './fill-clips.ts';
import { root } from './hetcut.ts';
import { writeNeverShown } from './never-shown.ts';

const print = (line: string): void => void process.stdout.write(`${line}\n`);
const media = await createMedia();
const { signal } = new AbortController();
const means: readonly FillMeans[] = ['exemplar', 'network', 'smooth'];
const [folder, ...words] = process.argv.slice(2);
if (folder === undefined) throw new Error('usage: measure-fill.ts FOLDER [CASE …] [FILL …]');
await mkdir(folder, { recursive: true });
const fills = means.filter((fill) => words.length === 0 || !words.some(isFill) || words.includes(fill));
const names = words.filter((word) => !isFill(word));

function isFill(word: string): boolean {
  return (means as readonly string[]).includes(word);
}

function remove({ name, clipPath, maskPath }: FillCase, fill: FillMeans): EditResult {
  const path = join(folder, `${name}-${fill}.mkv`);
  const args = ['--mask', maskPath, '--out', path, '--fill', fill, '--lossless', '--fresh', '--json'];
  const command = ['--import', 'tsx', join(root, 'src-main/cli/main.ts'), 'remove', clipPath, ...args];
  const run = spawnSync(process.execPath, command, { encoding: 'utf8', cwd: root });
  if (run.status !== 0) throw new Error(`${name} ${fill}: ${run.stdout}`);
  return JSON.parse(run.stdout) as EditResult;
}

/** The part of three frames around the hole, enlarged twice. */
async function stills(
  path: string,
  box: Awaited<ReturnType<typeof writeNeverShown>>,
): Promise<SheetPicture[]> {
  const source = await media.openClip(path, signal);
  const { width, height, ptsSec } = source.info;
  const margin = 48;
  const left = Math.max(0, box.left - margin);
  const top = Math.max(0, box.top - margin);
  const columns = Math.min(width, box.right + margin) - left;
  const rows = Math.min(height, box.bottom + margin) - top;
  const shown: SheetPicture[] = [];
  for (const index of [1, ptsSec.length >> 1, ptsSec.length - 2]) {
    for await (const { planes } of source.frames(index, index + 1, signal)) {
      const bytes = rgbBytes(planes, source.info);
      const rgb = new Uint8Array(12 * columns * rows);
      for (let y = 0; y < 2 * rows; y++) {
        for (let x = 0; x < 2 * columns; x++) {
          const from = 3 * ((top + (y >> 1)) * width + left + (x >> 1));
          rgb.set(bytes.subarray(from, from + 3), 3 * (2 * y * columns + x));
        }
      }
      shown.push({ width: 2 * columns, height: 2 * rows, rgb });
    }
  }
  return shown;
}

const figure = (value: number | null, digits = 2): string => value?.toFixed(digits) ?? '–';

async function measure(one: FillCase): Promise<void> {
  const { name, clipPath, maskPath, truthPath } = one;
  const judgedPath = join(folder, `${name}-never-shown.mkv`);
  const box = await writeNeverShown(media, clipPath, maskPath, judgedPath);
  const part = one.shown === true ? {} : { judgedPath };
  const judge = (resultPath: string) =>
    judgeResult(
      { resultPath, clipPath, maskPath, ...part, ...(truthPath === undefined ? {} : { truthPath }) },
      { media, openMotionOutside, signal, onProgress: () => undefined },
    );
  const rows = [await stills(clipPath, box)];
  const row = (label: string, quality: Awaited<ReturnType<typeof judge>>, seconds: string): void => {
    const { texture, seam, flicker, psnr, msSsim } = quality;
    const figures = [texture, seam, flicker, psnr, msSsim].map((value) => figure(value));
    print(`| ${[name, `${Math.round(100 * box.share)} %`, label, ...figures, seconds].join(' | ')} |`);
  };
  for (const fill of fills) {
    const { output, seconds } = remove(one, fill);
    row(fill, await judge(output), seconds.total.toFixed(0));
    rows.push(await stills(output, box));
  }
  if (truthPath?.endsWith('.mkv') === true) {
    row('truth', await judge(truthPath), '');
    rows.push(await stills(truthPath, box));
  }
  await media.writePicture(join(folder, `${name}.png`), composeSheet(rows));
}

print('| clip | never shown | fill | texture | seam | flicker | PSNR | MS-SSIM | s |');
print('| --- | --- | --- | --- | --- | --- | --- | --- | --- |');
for (const one of [...bundledCases, ...(await writeFillClips(media, folder, names))]) {
  if (names.length === 0 || names.includes(one.name)) await measure(one);
}
