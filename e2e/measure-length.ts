/**
 * Measures how long clips of 1, 5, 20 and 45 minutes take, and how much memory: to be opened and estimated in 1080p (`open`),
 * run and exported in a small picture (`jobs`). Prints the tables of docs/reliability.md and draws its plot.
 *   node --import tsx e2e/measure-length.ts [--minutes 1,5,20,45] [--only open,jobs] [--plot docs/reliability-memory.svg]
 * Linux only: memory is read in /proc. Nothing else should run on the machine meanwhile. 5 GB of disk, below the folder for
 * temporary files.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { framePath, peaksPath, type Client } from '../src-shared/ipc/index.ts';
import { newEdit } from '../src-shared/project/index.ts';
import type { MaskShape } from '../src-shared/project/mask/index.ts';
import { memoryPlot, type PlotLine } from './memory-plot.ts';
import { watchPeaks, type ProcessKind } from './processes.ts';
import { jobEnd, prepareCommand, serveFolder, type Served } from './served.ts';

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '1,5,20,45' },
    only: { type: 'string', default: 'open,jobs' },
    plot: { type: 'string' },
  },
});
const minutes = values.minutes.split(',').map(Number);
const parts = values.only.split(',');
const fps = 25;
const folder = mkdtempSync(join(tmpdir(), 'hetcut-length-'));
const clips = join(folder, 'clips');

const ffmpeg = (args: readonly string[]): void =>
  void execFileSync('ffmpeg', ['-nostdin', '-v', 'error', '-y', ...args]);

interface Size {
  readonly width: number;
  readonly height: number;
}
const full: Size = { width: 1920, height: 1080 };
const small: Size = { width: 320, height: 180 };

/** A minute of moving pictures with sound, over and over; the pattern of a minute is another in each of its seconds. */
function makeClip(length: number, { width, height }: Size): string {
  const part = join(clips, `minute-${height}.mp4`);
  const path = join(clips, `${length}-minutes-${height}.mp4`);
  ffmpeg([
    ...['-f', 'lavfi', '-i', `testsrc2=s=${width}x${height}:r=${fps}:d=60`],
    ...['-f', 'lavfi', '-i', 'sine=r=48000:d=60'],
    ...[
      '-c:v',
      'libx264',
      '-preset',
      'ultrafast',
      '-bf',
      '2',
      '-g',
      '50',
      '-crf',
      '23',
      '-pix_fmt',
      'yuv420p',
    ],
    ...['-c:a', 'aac', '-shortest', part],
  ]);
  ffmpeg(['-stream_loop', String(length - 1), '-i', part, '-c', 'copy', '-t', String(length * 60), path]);
  rmSync(part);
  return path;
}

/** Three short edits: a box for so many frames near the start, in the middle and near the end. */
function threeEdits(frames: number, { width, height }: Size, shiftPx = 0): MaskShape[] {
  const length = 5;
  return [0.1, 0.5, 0.9].map((place) => {
    const startFrame = Math.round(place * frames);
    const from = [0.4 * width + shiftPx, 0.4 * height] as const;
    const to = [0.46 * width + shiftPx, 0.48 * height] as const;
    return {
      kind: 'box',
      effect: 'remove',
      startFrame,
      endFrame: startFrame + length,
      keyframes: [{ frame: startFrame, from, to }],
    } as unknown as MaskShape;
  });
}

type Peaks = Readonly<Record<ProcessKind, number>>;
interface Measured {
  readonly what: string;
  readonly minutes: number;
  readonly seconds: number;
  readonly peaks: Peaks;
}

const rows: Measured[] = [];
async function measure(
  { pid }: Served,
  what: string,
  length: number,
  work: () => Promise<unknown>,
): Promise<void> {
  const watch = watchPeaks(pid);
  const began = performance.now();
  await work();
  const seconds = (performance.now() - began) / 1000;
  const peaks = watch.stop();
  rows.push({ what, minutes: length, seconds, peaks });
  const mb = (kind: ProcessKind): string => (peaks[kind] === 0 ? '–' : peaks[kind].toFixed(0));
  process.stdout.write(
    `| ${what} | ${length} | ${seconds.toFixed(2)} | ${mb('program')} | ${mb('host')} | ${mb('ffmpeg')} |\n`,
  );
}

const asked = (clipPath: string, shapes: readonly MaskShape[]) => {
  const edit = newEdit('edit');
  return { clipPath, mask: { ...edit.mask, shapes }, settings: edit.settings };
};

async function estimateRow(served: Served, what: string, length: number, path: string, shapes: MaskShape[]) {
  await measure(served, what, length, () => served.client.call('edit.estimate', asked(path, shapes)));
}

async function runJob(client: Client, path: string, shapes: readonly MaskShape[]): Promise<string> {
  const ids = { projectId: 'project', clipId: 'clip', editId: 'edit', name: 'Three edits' };
  const { id } = await client.call('jobs.add', { ...ids, ...asked(path, shapes) });
  await jobEnd(client, id);
  return id;
}

/** A whole clip or a part of it is exported, with the result of the job. */
async function exportClip(
  { client }: Served,
  path: string,
  jobId: string,
  shapes: readonly MaskShape[],
  format: 'h264' | 'prores',
  range?: { startFrame: number; endFrame: number },
): Promise<void> {
  const { result } = (await client.call('jobs.list', {})).find(({ id }) => id === jobId)!;
  const { mask } = asked(path, shapes);
  const { path: resultPath, range: held } = result!;
  const row = await client.call('export.start', {
    clipPath: path,
    what: 'picture',
    layers: [{ mask, result: { path: resultPath, ...(held && { range: held }) } }],
    edge: 'painted',
    ...(range && { range }),
    format,
    quality: 'visually-lossless',
    encoder: 'software',
    sound: 'copy',
    into: { folder: clips, name: `export-${format}-${Date.now()}` },
  });
  for (;;) {
    const now = (await client.call('export.list', {})).find(({ id }) => id === row.id)!;
    if (now.state === 'done') break;
    if (now.state === 'failed') throw new Error(now.failure?.message);
    await new Promise((resume) => setTimeout(resume, 100));
  }
  rmSync(row.path, { force: true });
}

/** Opening and estimates of a clip, and a removal from it and exports. */
async function ofLength(length: number, size: Size, withJob: boolean, home: string): Promise<void> {
  const path = makeClip(length, size);
  const name = `${size.height}p`;
  process.stderr.write(`${path}: ${(statSync(path).size / 1e9).toFixed(2)} GB\n`);
  const served = await serveFolder(home, clips);
  const frames = length * 60 * fps;
  try {
    let mediaId = '';
    await measure(served, `open, ${name}, to the first picture`, length, async () => {
      ({ mediaId } = await served.client.call('clip.open', { path }));
      await served.fetch(framePath(mediaId, 0, 540));
    });
    await measure(served, `waveform, ${name}, in the background`, length, () =>
      served.fetch(peaksPath(mediaId)),
    );
    await measure(served, `thumbnails, ${name}, 30 of them`, length, async () => {
      const span = Math.floor(frames / 30);
      for (let at = 0; at < 30; at++) await served.fetch(framePath(mediaId, at * span, 45, span));
    });
    await estimateRow(served, `first estimate, ${name}`, length, path, threeEdits(frames, size));
    await estimateRow(served, `estimate after a stroke, ${name}`, length, path, threeEdits(frames, size, 4));
    if (!withJob) return;
    const shapes = threeEdits(frames, size, 8);
    let job = '';
    await measure(served, `removal, ${name}`, length, async () => {
      job = await runJob(served.client, path, shapes);
    });
    const middle = Math.round(frames / 2);
    const stretch = { startFrame: middle - 50, endFrame: middle + 50 };
    await measure(served, `export of 100 frames, ${name}, H.264`, length, () =>
      exportClip(served, path, job, shapes, 'h264', stretch),
    );
    for (const format of ['h264', 'prores'] as const) {
      await measure(served, `export of all, ${name}, ${format}`, length, () =>
        exportClip(served, path, job, shapes, format),
      );
    }
  } finally {
    await served.close();
    rmSync(path, { force: true });
  }
}

mkdirSync(clips);
const home = join(folder, 'home');
mkdirSync(home);
const removeCommand = await prepareCommand(home);
try {
  process.stdout.write(
    '| what | minutes | seconds | program, MiB | host, MiB | ffmpeg, MiB |\n| --- | --: | --: | --: | --: | --: |\n',
  );
  for (const length of minutes) {
    if (parts.includes('open')) await ofLength(length, full, false, home);
    // A whole clip is encoded anew: in a small picture, for its length alone.
    if (parts.includes('jobs')) await ofLength(length, small, true, home);
  }
  if (values.plot !== undefined) {
    const kinds = { program: 'program', host: 'host', ffmpeg: 'one ffmpeg' } as const;
    const lines = (Object.keys(kinds) as ProcessKind[]).map((kind): PlotLine => ({
      name: kinds[kind],
      points: minutes.map((length) => ({
        minutes: length,
        mb: Math.max(...rows.filter((row) => row.minutes === length).map(({ peaks }) => peaks[kind])),
      })),
    }));
    writeFileSync(values.plot, memoryPlot(lines));
  }
} finally {
  removeCommand();
  rmSync(folder, { recursive: true, force: true });
}
