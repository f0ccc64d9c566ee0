/** Frames per second of ffprobe's fraction, e.g. "30000/1001" or "25". */
export function framesPerSecond(frameRate: string): number {
  const [over, under = '1'] = frameRate.split('/');
  return Number(over) / Number(under);
}

const two = (value: number): string => String(value).padStart(2, '0');

/**
 * The timecode of a frame, HH:MM:SS:FF, non-drop (SMPTE ST 12-1): frames are counted in seconds of the whole number of
 * frames next to the rate, 30 at 29.97, so it runs behind the clock at such rates.
 */
export function timecode(frame: number, frameRate: string): string {
  const perSecond = Math.max(1, Math.round(framesPerSecond(frameRate)));
  const seconds = Math.floor(frame / perSecond);
  const inSecond = String(frame % perSecond).padStart(String(perSecond - 1).length < 3 ? 2 : 3, '0');
  return `${two(Math.floor(seconds / 3600))}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}:${inSecond}`;
}

/** HH:MM:SS:FF; any other mark before the frames, `;` as a rule, says that numbers are dropped. */
const written = /^(\d{1,2}):([0-5]\d):([0-5]\d)([:;.])(\d{2,3})$/;

/** How timecode at a rate counts (SMPTE ST 12-1): drop-frame leaves out numbers, not frames, and only near 30 and 60. */
function counting(frameRate: string, mark: string): { perSecond: number; dropped: number } {
  const perSecond = Math.max(1, Math.round(framesPerSecond(frameRate)));
  const drops = mark !== ':' && perSecond % 30 === 0;
  // Two of 30 in each minute that is no multiple of ten.
  return { perSecond, dropped: drops ? perSecond / 15 : 0 };
}

/** How many frames a day's timecode `parts` (of `written`) is from 00:00:00:00; undefined where there is no such one. */
function framesTo(
  parts: RegExpExecArray,
  { perSecond, dropped }: ReturnType<typeof counting>,
): number | undefined {
  const [hours, minutes, seconds, inSecond] = [1, 2, 3, 5].map((part) => Number(parts[part]));
  if (hours > 23 || inSecond >= perSecond) return undefined;
  const minute = 60 * hours + minutes;
  return (60 * minute + seconds) * perSecond + inSecond - dropped * (minute - Math.floor(minute / 10));
}

/** Frames from 00:00:00:00 to a timecode of `frameRate`, drop-frame or not; undefined where it is none of that rate. */
export function timecodeFrames(start: string, frameRate: string): number | undefined {
  const parts = written.exec(start.trim());
  return parts === null ? undefined : framesTo(parts, counting(frameRate, parts[4]));
}

/**
 * The timecode `frames` frames of `frameRate` after `start`, in whose kind (drop-frame or not) it is written; after a
 * day it starts again. Undefined where `start` is no timecode of that rate.
 */
export function timecodeAfter(start: string, frames: number, frameRate: string): string | undefined {
  const parts = written.exec(start.trim());
  if (parts === null) return undefined;
  const count = counting(frameRate, parts[4]);
  const first = framesTo(parts, count);
  if (first === undefined) return undefined;
  const { perSecond, dropped } = count;
  const perMinute = 60 * perSecond - dropped;
  const perTenMinutes = 10 * perMinute + dropped;
  const day = 144 * perTenMinutes;
  const counted = (((first + frames) % day) + day) % day;
  // Back from frames to numbers: the first minute of ten has all of them.
  const rest = counted % perTenMinutes;
  const later = Math.max(0, Math.floor((rest - dropped) / perMinute));
  const number = counted + dropped * (9 * Math.floor(counted / perTenMinutes) + later);
  const text = timecode(number, String(perSecond));
  return dropped === 0 ? text : text.replace(/:(\d+)$/, ';$1');
}

/** A clip's own timecode: that of its first frame, and the rate by which it counts. */
export interface ClipTimecode {
  readonly start: string;
  readonly frameRate: string;
}

/** The timecode of a clip's frame: its own, where it has one, else counted from 00:00:00:00. */
export function clipTimecode(frame: number, frameRate: string, own?: ClipTimecode): string {
  const after = own === undefined ? undefined : timecodeAfter(own.start, frame, own.frameRate);
  return after ?? timecode(frame, frameRate);
}
