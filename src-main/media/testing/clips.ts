import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FrameSource, VideoFrame } from '../../engine/frames.ts';
import { findBinaries } from '../binaries.ts';
import { toolEnvironment } from '../ffprobe.ts';

/** The two sets of programs that everything must work with: what this machine has, and what npm carries. */
export const toolchains: readonly {
  readonly name: string;
  /** For the names of files. */
  readonly id: 'system' | 'npm';
  readonly env: NodeJS.ProcessEnv;
}[] = [
  { name: 'the system’s ffmpeg', id: 'system', env: { ...process.env, FFMPEG_PATH: '', FFPROBE_PATH: '' } },
  { name: 'npm’s ffmpeg', id: 'npm', env: { ...process.env, PATH: '', FFMPEG_PATH: '', FFPROBE_PATH: '' } },
];

/** Test clips are always made by the same programs, whichever are under test. */
const makers = await findBinaries(process.env);

/** Runs ffmpeg as a test's own tool; `stdin` is fed to it. */
export function ffmpeg(args: readonly string[], stdin?: Uint8Array): Buffer {
  return execFileSync(makers.ffmpeg.path, ['-v', 'error', '-y', ...args], {
    ...(stdin === undefined ? {} : { input: stdin }),
    stdio: [stdin === undefined ? 'ignore' : 'pipe', 'pipe', 'inherit'],
    maxBuffer: 2 ** 30,
  });
}

/** ffprobe's answer to `args` about `path`, as text. */
export function ffprobe(path: string, ...args: readonly string[]): string {
  return execFileSync(makers.ffprobe.path, ['-v', 'error', ...args, '-of', 'csv=p=0', path], {
    encoding: 'utf8',
    env: toolEnvironment(makers.ffprobe),
  });
}

/** A folder that is removed with its content when the tests of the file are over. */
export function temporaryFolder(onEnd: (remove: () => void) => void): string {
  const folder = mkdtempSync(join(tmpdir(), 'hetcut-media-'));
  onEnd(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

const codedSize = { width: 160, height: 96 };
const codeBits = 10;
const blockPx = 16;

/**
 * A yuv420p picture [luma, Cb, Cr] of `codedSize` that shows its own number as a row of ten black and white blocks
 * above a moving pattern, so that any codec's picture can be told apart from its neighbours.
 */
export function codedPicture(frame: number): Buffer {
  const { width, height } = codedSize;
  const chroma = (width / 2) * (height / 2);
  const picture = Buffer.alloc(width * height + 2 * chroma);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const bit = (frame >> Math.floor(x / blockPx)) & 1;
      picture[y * width + x] = y < blockPx ? (bit === 1 ? 235 : 16) : 40 + ((x + 2 * y + 3 * frame) % 160);
    }
  }
  for (let i = 0; i < chroma; i++) {
    picture[width * height + i] = 100 + ((i + frame) % 50);
    picture[width * height + chroma + i] = 150 - ((i + 2 * frame) % 50);
  }
  return picture;
}

/** The number that a coded picture shows. */
export function readCode({ planes: [luma] }: VideoFrame): number {
  let frame = 0;
  for (let bit = 0; bit < codeBits; bit++) {
    if (luma[(blockPx / 2) * codedSize.width + bit * blockPx + blockPx / 2] > 125) frame |= 1 << bit;
  }
  return frame;
}

/** Encodes coded pictures `from`…`from + count − 1` at 25 fps; `args` come before the output path. */
export function makeCodedClip(path: string, count: number, args: readonly string[]): string {
  const raw = [
    '-f',
    'rawvideo',
    '-pix_fmt',
    'yuv420p',
    '-s',
    `${codedSize.width}x${codedSize.height}`,
    '-r',
    '25',
  ];
  const pictures = Buffer.concat(Array.from({ length: count }, (_, frame) => codedPicture(frame)));
  ffmpeg([...raw, '-i', 'pipe:0', ...args, path], pictures);
  return path;
}

/** Copies a clip and changes the stored data of some pictures, counted in the order in which they are stored. */
export function spoilPictures(
  source: string,
  target: string,
  frames: readonly number[],
  change: (data: Buffer) => void,
): void {
  const places = ffprobe(source, '-select_streams', 'v', '-show_entries', 'packet=pos,size')
    .trim()
    .split('\n');
  const bytes = readFileSync(source);
  for (const frame of frames) {
    const [size, position] = places[frame].split(',').map(Number);
    change(bytes.subarray(position, position + size));
  }
  writeFileSync(target, bytes);
}

/** All wanted frames of a source. */
export async function collect(
  source: FrameSource,
  start = 0,
  end = source.info.ptsSec.length,
): Promise<VideoFrame[]> {
  const frames: VideoFrame[] = [];
  for await (const frame of source.frames(start, end)) frames.push(frame);
  return frames;
}

/** A short name for a frame's exact content. */
export function fingerprint({ planes }: VideoFrame): string {
  const hash = createHash('sha256');
  for (const plane of planes) hash.update(plane);
  return hash.digest('hex').slice(0, 12);
}

/** The sound's packets, bit by bit, one hash for each track. */
export function soundFingerprint(path: string): string {
  const tracks = ffprobe(path, '-select_streams', 'a', '-show_entries', 'stream=index').trim().split('\n');
  const hash = ['-c', 'copy', '-f', 'hash', '-hash', 'sha256', '-'];
  return ffmpeg(['-i', path, ...tracks.flatMap((_, track) => ['-map', `0:a:${track}`, ...hash])]).toString();
}
