import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import {
  createMedia,
  createPreviewMedia,
  findBinaries,
  type PreviewMedia,
} from '../../src-main/media/index.ts';
import type { Media } from '../../src-main/engine/frames.ts';
import { descendants, peakBytes, stillAlive } from '../processes.ts';
import { guardAllocations, valueOrClear } from './judge.ts';
import { byteRecipe, changedBytes, type ByteRecipe } from './mutate-bytes.ts';

const sound = ['-f', 'lavfi', '-i', 'sine=frequency=440:duration=0.5'];

/** Kinds of files that editors have, small ones: their ending, and how ffmpeg is asked for them. */
export const kinds: readonly {
  readonly name: string;
  readonly ending: string;
  readonly args: readonly string[];
  readonly still?: true;
}[] = [
  {
    name: 'h264',
    ending: 'mp4',
    args: [...sound, '-c:v', 'libx264', '-g', '6', '-pix_fmt', 'yuv420p', '-c:a', 'aac'],
  },
  {
    name: 'hevc',
    ending: 'mp4',
    args: ['-c:v', 'libx265', '-x265-params', 'log-level=none', '-pix_fmt', 'yuv420p10le', '-tag:v', 'hvc1'],
  },
  {
    name: 'prores',
    ending: 'mov',
    args: [...sound, '-c:v', 'prores_ks', '-profile:v', '2', '-c:a', 'pcm_s16le'],
  },
  { name: 'ffv1', ending: 'mkv', args: [...sound, '-c:v', 'ffv1', '-c:a', 'flac'] },
  { name: 'vp9', ending: 'webm', args: ['-c:v', 'libvpx-vp9', '-cpu-used', '8'] },
  { name: 'mjpeg', ending: 'avi', args: [...sound, '-c:v', 'mjpeg', '-c:a', 'pcm_s16le'] },
  { name: 'mpeg2', ending: 'ts', args: [...sound, '-c:v', 'mpeg2video', '-c:a', 'mp2'] },
  { name: 'vp8', ending: 'mkv', args: ['-c:v', 'libvpx', '-auto-alt-ref', '1'] },
  { name: 'gif', ending: 'gif', args: [] },
  { name: 'png', ending: 'png', args: ['-frames:v', '1'], still: true },
  { name: 'jpeg', ending: 'jpg', args: ['-frames:v', '1'], still: true },
];

/** A clip of twelve pictures, or a picture, as bytes. */
async function made(folder: string, { name, ending, args }: (typeof kinds)[number]): Promise<Buffer> {
  const path = join(folder, `seed-${name}.${ending}`);
  const { ffmpeg } = await findBinaries(process.env);
  const source = ['-f', 'lavfi', '-i', 'testsrc2=size=96x64:rate=25:duration=0.48'];
  execFileSync(ffmpeg.path, ['-nostdin', '-v', 'error', '-y', ...source, ...args, path], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  return readFile(path);
}

/** No case may take longer, whatever is in the file. */
const usualMostMs = 10_000;
/** Of ffmpeg, whose own limits are pictures of 2 GB; clips here are of 20 KB and pictures of 18. */
const mostToolBytes = 1.5 * 2 ** 30;

interface Tools {
  readonly media: Media;
  readonly previews: PreviewMedia;
}

async function firstOf(frames: AsyncIterable<unknown>, count: number): Promise<void> {
  let seen = 0;
  for await (const frame of frames) {
    void frame;
    if (++seen === count) return;
  }
}

/** What the program does with a file that is opened: probe, the first frames, a preview, its loudness; or the picture. */
async function look(
  { media, previews }: Tools,
  path: string,
  still: boolean,
  signal: AbortSignal,
): Promise<void> {
  if (still) await valueOrClear(() => media.readPicture(path));
  const info = await valueOrClear(() => media.probe(path, signal));
  if (info === undefined) return;
  const frames = Math.min(3, info.ptsSec.length);
  await valueOrClear(async () =>
    firstOf((await media.openClip(path, signal)).frames(0, frames, signal), frames),
  );
  await valueOrClear(async () =>
    firstOf((await previews.openPreviews(path, { maxHeight: 32 })).frames(0, 1, signal), 1),
  );
  if (info.audio.length > 0) await valueOrClear(() => previews.peaks(path, 10, signal));
}

export interface MediaRow {
  readonly name: string;
  files: number;
  slowestMs: number;
  /** The most memory of an ffmpeg or ffprobe. */
  toolBytes: number;
  readonly problems: string[];
}

/** Damages files of each kind and opens them. `env`: where the programs are found. The same seed: the same files. */
export async function tryMedia(
  env: NodeJS.ProcessEnv,
  {
    perKind,
    seed,
    only,
    mostMs = usualMostMs,
  }: {
    readonly perKind: number;
    readonly seed: number;
    readonly only?: readonly string[] | undefined;
    readonly mostMs?: number;
  },
  onRow: (row: MediaRow) => void = () => undefined,
): Promise<readonly MediaRow[]> {
  const place = await mkdtemp(join(tmpdir(), 'hetcut-fuzz-media-'));
  const tools: Tools = { media: await createMedia(env), previews: await createPreviewMedia(env) };
  const rows: MediaRow[] = [];
  const release = guardAllocations();
  try {
    for (const [at, kind] of kinds.entries()) {
      if (only?.includes(kind.name) === false) continue;
      const bytes = await made(place, kind);
      const row: MediaRow = {
        name: `${kind.name} in .${kind.ending}`,
        files: 0,
        slowestMs: 0,
        toolBytes: 0,
        problems: [],
      };
      const recipes = fc.sample(byteRecipe(6, 1), { numRuns: perKind, seed: seed + at });
      for (const [index, recipe] of recipes.entries())
        await one(tools, join(place, `${kind.name}-${index}`), { kind, bytes, recipe, mostMs }, row);
      rows.push(row);
      onRow(row);
    }
  } finally {
    release();
    await rm(place, { recursive: true, force: true });
  }
  return rows;
}

async function one(
  tools: Tools,
  folder: string,
  {
    kind,
    bytes,
    recipe,
    mostMs,
  }: {
    readonly kind: (typeof kinds)[number];
    readonly bytes: Buffer;
    readonly recipe: ByteRecipe;
    /** What takes longer counts as hanging. */
    readonly mostMs: number;
  },
  row: MediaRow,
): Promise<void> {
  await mkdir(folder);
  const name = `clip.${kind.ending}`;
  const path = join(folder, name);
  await writeFile(path, changedBytes(bytes, recipe));
  const say = (text: string): void => void row.problems.push(`${text}; recipe ${JSON.stringify(recipe)}`);
  // Other tests of this process may have programs of theirs.
  const ours = () => descendants(process.pid).filter(({ text }) => text.includes(folder));
  const watch = setInterval(() => {
    for (const { pid } of ours()) {
      row.toolBytes = Math.max(row.toolBytes, peakBytes(pid));
    }
  }, 25);
  const began = performance.now();
  const signal = AbortSignal.timeout(mostMs);
  try {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(
        () => reject(new Error(`it hangs for ${2 * mostMs} ms and cannot be cancelled`)),
        2 * mostMs,
      );
    });
    await Promise.race([look(tools, path, kind.still === true, signal), late]).finally(() =>
      clearTimeout(timer),
    );
    if (signal.aborted) say(`it takes longer than ${mostMs} ms`);
  } catch (error) {
    say(error instanceof Error ? (error.stack ?? error.message) : String(error));
  } finally {
    clearInterval(watch);
  }
  row.files++;
  row.slowestMs = Math.max(row.slowestMs, performance.now() - began);
  if (row.toolBytes > mostToolBytes) say(`an ffmpeg took ${Math.round(row.toolBytes / 2 ** 20)} MB`);
  const left = await stillAlive(ours());
  for (const { text } of left) say(`still running: ${text}`);
  const files = (await readdir(folder)).filter((file) => file !== name);
  if (files.length > 0) say(`left beside it: ${files.join(', ')}`);
  await rm(folder, { recursive: true, force: true });
}
