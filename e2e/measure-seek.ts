import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { FrameCache } from '../src-main/backend/frame-cache.ts';
import { createPreviewMedia, findBinaries } from '../src-main/media/index.ts';
import { demo } from './hetcut.ts';

/** Frames of the clip that are looked at one after the other: each needs the file to be entered anew. */
const places = [100, 180, 60, 240, 150];
/** What the window asks for around a frame at rest, in its order. */
const around = [0, 1, -1, 2, -2, 3, -3, 4];
const height = 720;
const played = 150;
/** Requests that are under way while it plays. */
const ahead = 16;

/** Seconds of processor time of this process and of those that it has waited for; of Linux, in ticks of 10 ms. */
function processorSec(): number {
  const fields = readFileSync('/proc/self/stat', 'utf8').split(') ').at(-1)?.split(' ') ?? [];
  return fields.slice(11, 15).reduce((sum, ticks) => sum + Number(ticks), 0) / 100;
}

/**
 * Processor time of showing single frames of 1080p H.264 and of playing it, without the window, against what ffmpeg alone
 * takes for those frames. `folder`: for the clip, 12 seconds with a key picture every 250.
 */
export async function measureSeek(folder: string): Promise<string[]> {
  const { ffmpeg } = await findBinaries();
  const path = join(folder, '1080p.mp4');
  const run = (args: readonly string[]): Buffer => execFileSync(ffmpeg.path, ['-v', 'error', '-y', ...args]);
  run([
    ...['-stream_loop', '5', '-i', demo('bunny.mp4'), '-vf', 'scale=1920:1080', '-t', '12', '-an'],
    ...['-c:v', 'libx264', '-preset', 'veryfast', '-crf', '20', path],
  ]);
  const media = await createPreviewMedia();
  const previews = await media.openPreviews(path, { maxHeight: height });
  const { ptsSec } = await media.probe(path);
  const source = { frames: ptsSec.length, read: previews.frames.bind(previews) };
  const timed = async (work: (cache: FrameCache) => Promise<void>): Promise<[number, number]> => {
    const cache = new FrameCache({ maxBytes: 192 * 2 ** 20, maxDecoders: 2 });
    const [processor, clock] = [processorSec(), performance.now()];
    await work(cache);
    const sec = (performance.now() - clock) / 1000;
    await cache.close();
    return [processorSec() - processor, sec];
  };
  const [seeks] = await timed(async (cache) => {
    for (const place of places)
      await Promise.all(around.map((step) => cache.read('clip', source, place + step)));
  });
  const [plays, playSec] = await timed(async (cache) => {
    const asked: Promise<unknown>[] = [];
    for (let frame = 0; frame < played; frame++) {
      asked.push(cache.read('clip', source, places[0] + frame));
      if (asked.length > ahead) await asked.shift();
    }
    await Promise.all(asked);
  });
  const before = processorSec();
  for (const place of places) {
    const scale = ['-frames:v', '1', '-vf', `scale=-2:${height}`, '-f', 'null', '-'];
    run(['-ss', String(ptsSec[place] - ptsSec[0]), '-i', path, ...scale]);
  }
  const alone = processorSec() - before;
  const each = (sec: number): string => (sec / places.length).toFixed(2);
  return [
    `| a frame of 1080p and its seven neighbours, processor time | ${each(seeks)} s, ${(seeks / alone).toFixed(2)} times ffmpeg's ${each(alone)} s for the frame alone |`,
    `| ${played} frames played, without the window | ${plays.toFixed(2)} s of processor time, ${(played / playSec).toFixed(0)} frames/s |`,
  ];
}
