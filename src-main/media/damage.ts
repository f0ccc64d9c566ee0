import type { Ffprobe } from './ffprobe.ts';
import type { ProbedClip } from './probe.ts';

/** Decoders say these about streams that they decode without loss. */
const harmless = /co located POCs unavailable|number of reference frames|Late SEI|mmco: unref short/;
const errorLevel = 16;

/**
 * True for a line that two threads wrote into. `showinfo` writes its line in pieces, the last of them its end; a
 * decoder's complaint that falls between them loses its level.
 */
function isMixed(line: string): boolean {
  if (line !== '' && !line.startsWith('[')) return true;
  const rest = /\bpts_time:.*? type:\S? ?(.*)$/.exec(line)?.[1];
  return rest !== undefined && rest.trim() !== '';
}

/** True for a line of ffmpeg's log (levels marked) that may speak of damaged picture data. */
export function reportsDamage(line: string): boolean {
  return (line.includes('[error]') || line.includes('concealing ') || isMixed(line)) && !harmless.test(line);
}

/**
 * Decodes the whole stream in one thread, where the decoder's complaints can be told apart by packet, and returns
 * the frame numbers that it complained of or gave no picture for, ascending.
 */
export async function findDamagedFrames(
  ffprobe: Ffprobe,
  clip: ProbedClip,
  signal?: AbortSignal,
): Promise<number[]> {
  const options = ['-threads', '1', '-select_streams', String(clip.stream), '-show_packets', '-show_frames'];
  const show = [
    '-show_log',
    '32',
    '-show_entries',
    'packet=pts:frame=best_effort_timestamp:log=level,message',
  ];
  const reportedPackets = new Set<number>();
  const shown = new Set<number>();
  let packet = NaN;
  for await (const line of ffprobe.lines(clip.info.path, [...options, ...show, '-print_format', 'compact'], {
    signal,
  })) {
    const packetTicks = /^packet\|pts=(-?\d+)/.exec(line);
    if (packetTicks !== null) packet = Number(packetTicks[1]);
    const frameTicks = /^frame\|.*?best_effort_timestamp=(-?\d+)/.exec(line);
    if (frameTicks !== null) shown.add(Number(frameTicks[1]));
    const log = /(?:^|\|)log\|.*?level=(\d+)\|message=(.*)/.exec(line);
    if (log === null || harmless.test(log[2])) continue;
    if (Number(log[1]) <= errorLevel || log[2].includes('concealing ')) reportedPackets.add(packet);
  }
  const damaged: number[] = [];
  for (const [index, ticks] of clip.times.ticks.entries()) {
    if (reportedPackets.has(ticks) || !shown.has(ticks)) damaged.push(index);
  }
  return damaged;
}
