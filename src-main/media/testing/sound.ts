import { ffmpeg } from './clips.ts';

/** Parts of a sound expression: a level of `value` (full scale 1) in the seconds [from, to), 0 elsewhere. */
export const level = (value: number, from: number, to: number): string =>
  `${value}*gte(t,${from})*lt(t,${to})`;

/**
 * Adds a sound track to a silent clip. `channels`: ffmpeg expressions of t in seconds, one per channel;
 * `args` come before the output path.
 */
export function addSound(
  clip: string,
  path: string,
  channels: readonly string[],
  args: readonly string[],
  { durationSec = 4, soundDelaySec = 0, pictureDelaySec = 0, sampleRate = 48_000 } = {},
): void {
  const source = `aevalsrc='${channels.join('|')}':s=${sampleRate}:d=${durationSec}`;
  ffmpeg([
    ...['-itsoffset', String(pictureDelaySec), '-i', clip],
    ...['-itsoffset', String(soundDelaySec), '-f', 'lavfi', '-i', source],
    ...['-map', '0:v', '-map', '1:a', '-c:v', 'copy', ...args, path],
  ]);
}
