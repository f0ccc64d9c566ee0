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
