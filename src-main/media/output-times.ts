import type { ClipInfo } from '../engine/frames.ts';

/** Containers whose clock runs from anywhere, as broadcasts do. */
const freeClock = /mpegts|mpeg|vob|rtp|rtsp/;

/**
 * What is taken from every time of the source, pictures and sound alike, so that the output does not start before 0,
 * nor hours after it. 0 for clips that are edited files already: their times are kept to the tick. A part of a clip starts
 * at 0.
 */
export function outputOriginSec(clip: ClipInfo): number {
  if (clip.excerpt?.startSec !== undefined) return clip.excerpt.startSec;
  const first = Math.min(clip.startSec, clip.ptsSec[0]);
  return first < 0 || freeClock.test(clip.container) ? first : 0;
}

const toNs = (sec: number): bigint => BigInt(Math.round(sec * 1e9));

/** Usual distance of two pictures, by which ffmpeg counts the timecode. */
export function frameNsOf(clip: ClipInfo): bigint {
  if (clip.timecode === undefined) return clipNs(clip).durationNs[0];
  const [num, den = 1] = clip.timecode.frameRate.split('/').map(Number);
  return toNs(den / num);
}

/** When each picture starts and how long it lasts in the output, in nanoseconds. */
export function clipNs(clip: ClipInfo): {
  readonly startNs: readonly bigint[];
  readonly durationNs: readonly bigint[];
} {
  const origin = outputOriginSec(clip);
  const startNs = Array.from(clip.ptsSec, (sec) => toNs(sec - origin));
  const endNs = toNs(clip.ptsSec[0] - origin + clip.durationSec);
  const durationNs = startNs.map((start, index) => (startNs[index + 1] ?? endNs) - start);
  return { startNs, durationNs };
}
