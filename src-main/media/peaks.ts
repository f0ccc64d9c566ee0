import { PassThrough } from 'node:stream';
import { firstTrack, soundFilters, soundInput } from './clip-sound.ts';
import type { MediaTools } from './picture-reader.ts';
import { chunksOf } from './picture-stream.ts';
import type { ProbedClip } from './probe.ts';

/**
 * A waveform to draw. Point p covers the seconds [p, p + 1) / pointsPerSec after the first picture's time;
 * −127…127, full scale at both ends.
 */
export interface Peaks {
  readonly pointsPerSec: number;
  /** Lowest and highest sample of each point. [ceil(durationSec · pointsPerSec)]; [0] without sound. */
  readonly min: Int8Array;
  readonly max: Int8Array;
}

const fullScale = 32768;
const toPeak = (sample: number): number => Math.round((sample * 127) / fullScale);

/** Takes samples as they come and keeps the extremes of each point. */
class PeakMeter {
  readonly #min: Int8Array;
  readonly #max: Int8Array;
  readonly #samplesPerPoint: number;
  #sample = 0;
  #point = 0;
  #pointEnd: number;
  #low = fullScale;
  #high = -fullScale;
  /** The first half of a sample whose second half has not come yet. */
  #half: number | undefined;

  constructor(points: number, samplesPerPoint: number) {
    this.#min = new Int8Array(points);
    this.#max = new Int8Array(points);
    this.#samplesPerPoint = samplesPerPoint;
    this.#pointEnd = samplesPerPoint;
  }

  /** `bytes`: 16-bit little-endian samples of one channel, cut anywhere. */
  add(bytes: Uint8Array): void {
    let at = 0;
    if (this.#half !== undefined && bytes.length > 0) this.#take(this.#half, bytes[at++]);
    else if (bytes.length === 0) return;
    for (; at + 1 < bytes.length; at += 2) this.#take(bytes[at], bytes[at + 1]);
    this.#half = at < bytes.length ? bytes[at] : undefined;
  }

  #take(lowByte: number, highByte: number): void {
    const value = ((lowByte | (highByte << 8)) << 16) >> 16;
    if (this.#sample >= this.#pointEnd) this.#closePoint();
    if (value < this.#low) this.#low = value;
    if (value > this.#high) this.#high = value;
    this.#sample++;
  }

  #closePoint(): void {
    if (this.#low > this.#high) return;
    this.#min[this.#point] = toPeak(this.#low);
    this.#max[this.#point] = toPeak(this.#high);
    this.#low = fullScale;
    this.#high = -fullScale;
    this.#point++;
    this.#pointEnd = (this.#point + 1) * this.#samplesPerPoint;
  }

  finish(): { min: Int8Array; max: Int8Array } {
    this.#closePoint();
    return { min: this.#min, max: this.#max };
  }
}

/**
 * Reads the clip's first audio track, mixed to mono, as a waveform; memory does not depend on its length except for the
 * points. `pointsPerSec`: more shows finer detail; above 0, at most the track's sample rate (RangeError).
 * Errors: cancelled, ffmpeg-failed.
 */
export async function readPeaks(
  tools: MediaTools,
  { info }: ProbedClip,
  pointsPerSec: number,
  signal?: AbortSignal,
): Promise<Peaks> {
  const track = firstTrack(info);
  if (track === undefined) return { pointsPerSec, min: new Int8Array(0), max: new Int8Array(0) };
  const { sampleRate } = track;
  if (!(pointsPerSec > 0 && pointsPerSec <= sampleRate))
    throw new RangeError(`${pointsPerSec} points a second of sound at ${sampleRate} Hz`);
  const samples = new PassThrough({ emitClose: false });
  const run = tools.ffmpeg.start({
    inputs: [soundInput(info)],
    outputOptions: [
      ...['-map', `0:${track.index}`],
      // 16 bit from the mix on: only then is it scaled so that it cannot clip.
      ...['-filter:a', `${soundFilters(info, sampleRate)},aformat=sample_fmts=s16:channel_layouts=mono`],
      ...['-c:a', 'pcm_s16le', '-f', 's16le'],
    ],
    target: samples,
    signal,
  });
  const meter = new PeakMeter(Math.ceil(info.durationSec * pointsPerSec), sampleRate / pointsPerSec);
  try {
    for await (const chunk of chunksOf(samples)) meter.add(chunk);
    await run.finished;
  } finally {
    run.stop();
    await run.finished.catch(() => undefined);
  }
  return { pointsPerSec, ...meter.finish() };
}
