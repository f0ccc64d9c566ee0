import { HetcutError } from '../../src-shared/core/errors/index.ts';
import type { ClipInfo, EncodeSettings } from '../engine/frames.ts';
import { outputOriginSec } from './output-times.ts';

/**
 * How far all tracks together may be moved. Old versions of ffmpeg round the start of an MP4 track to whole
 * milliseconds; Matroska knows no time before 0, where the encoder's delay of AAC is (1024 samples, or 2112).
 */
const startToleranceSec = { matroska: 0.1, other: 0.001 };

/** An output that is not what was meant; `what` says in what. */
export function outputError(path: string, what: string): HetcutError {
  return new HetcutError('output-check', `The encoder wrote ${path} wrongly: ${what}. It was removed.`, {
    hint: 'Run the command again; if it fails again, try another ffmpeg (FFMPEG_PATH) and report it.',
  });
}

/**
 * Compares a finished file with what was meant: codec, transparency, depth, size, number of pictures, their times, sound.
 * `written`: the clip's frame numbers that were given to the encoder. Throws `output-check` naming the difference.
 */
export function checkOutput(
  output: ClipInfo,
  {
    codec,
    alpha = false,
    sound,
  }: { readonly codec: string } & { readonly [Name in 'alpha' | 'sound']?: EncodeSettings[Name] | undefined },
  clip: ClipInfo,
  written: readonly number[],
  path: string,
): void {
  const fail = (what: string): never => {
    throw outputError(path, what);
  };
  if (output.codec !== codec) fail(`${output.codec} instead of ${codec}`);
  if (alpha && output.alpha !== true) fail('without transparency');
  // Encoders of hardware may take 10 bits and write 8.
  const { bitDepth } = output.pixelFormat;
  if (bitDepth < clip.pixelFormat.bitDepth) {
    fail(`${bitDepth} bits a sample instead of ${clip.pixelFormat.bitDepth}`);
  }
  if (output.width !== clip.width || output.height !== clip.height) {
    fail(`${output.width}×${output.height} instead of ${clip.width}×${clip.height}`);
  }
  if (output.ptsSec.length !== written.length) {
    fail(`${output.ptsSec.length} pictures instead of ${written.length}`);
  }
  // A track without a packet in an excerpt is left out.
  if (clip.excerpt === undefined && output.audio.length !== clip.audio.length) {
    fail(`${output.audio.length} sound tracks instead of ${clip.audio.length}`);
  }
  if (sound === 'pcm') {
    const other = output.audio.find((track) => !track.codec.startsWith('pcm_'));
    if (other !== undefined) fail(`sound of ${other.codec} instead of PCM`);
  }
  const origin = outputOriginSec(clip);
  const tickSec = output.timeBase.num / output.timeBase.den;
  const start = output.ptsSec[0] - (clip.ptsSec[written[0]] - origin);
  const tolerance = startToleranceSec[output.container.includes('matroska') ? 'matroska' : 'other'];
  if (Math.abs(start) > tolerance) fail(`it starts ${(start * 1000).toFixed(1)} ms off`);
  for (const [position, index] of written.entries()) {
    const off = output.ptsSec[position] - (clip.ptsSec[index] - origin) - start;
    // Half a tick each for this picture and for the first one.
    if (Math.abs(off) > tickSec * 1.001) fail(`picture ${index} is shown ${(off * 1000).toFixed(2)} ms off`);
  }
}
