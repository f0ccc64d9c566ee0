import type { Ffprobe, ProbeCall } from './ffprobe.ts';

/** When the pictures of a stream are shown, in ticks of its time base. */
export interface FrameTimes {
  /** Ascending, one per picture. */
  readonly ticks: Float64Array;
  /** Pictures at which decoding can start, ascending; `seek` is where the file is entered for it. */
  readonly keys: readonly { readonly ticks: number; readonly seek: number }[];
  /** Length of the last picture; 0 where the file does not say. */
  readonly lastDuration: number;
  /** Packets read, hidden ones included. */
  readonly packets: number;
}

/**
 * Codecs of which one packet is exactly one shown picture, so that reading packets is enough. Others (VP8 with its
 * hidden pictures, interlaced streams in separate fields) are decoded to learn their times.
 */
const onePicturePerPacket = new Set([
  'h264',
  'hevc',
  'av1',
  'vp9',
  'prores',
  'dnxhd',
  'mjpeg',
  'ffv1',
  'rawvideo',
  'png',
  'qtrle',
  'cfhd',
  'huffyuv',
  'utvideo',
  'gif',
]);

interface Entry {
  readonly ticks: number;
  readonly seek: number;
  readonly duration: number;
  readonly key: boolean;
}

/** "pts=512|dts=0|flags=K_" → its values; "N/A" becomes NaN. */
function parseRow(row: string): ReadonlyMap<string, string> {
  return new Map(row.split('|').map((field) => field.split('=', 2) as [string, string]));
}

const numberOf = (value: string | undefined): number =>
  value === undefined || value === 'N/A' ? NaN : Number(value);

/** 0 where the file does not say, or nonsense. */
function durationOf(value: string | undefined): number {
  const ticks = numberOf(value);
  return ticks > 0 && Number.isFinite(ticks) ? ticks : 0;
}

function assemble(entries: Entry[], packets: number): FrameTimes {
  entries.sort((a, b) => a.ticks - b.ticks);
  return {
    ticks: Float64Array.from(entries, (entry) => entry.ticks),
    keys: entries.filter((entry) => entry.key).map(({ ticks, seek }) => ({ ticks, seek })),
    lastDuration: entries.at(-1)?.duration ?? 0,
    packets,
  };
}

const unique = (entries: readonly Entry[]): boolean =>
  new Set(entries.map(({ ticks }) => ticks)).size === entries.length;

/** Times from packets, without decoding. Undefined where they do not tell. */
async function fromPackets(
  ffprobe: Ffprobe,
  path: string,
  stream: number,
  call?: ProbeCall,
): Promise<FrameTimes | undefined> {
  const options = ['-select_streams', String(stream), '-show_entries', 'packet=pts,dts,duration,flags'];
  const entries: Entry[] = [];
  let packets = 0;
  for await (const row of ffprobe.lines(
    path,
    [...options, '-print_format', 'compact=print_section=0'],
    call,
  )) {
    const fields = parseRow(row);
    const flags = fields.get('flags');
    if (flags === undefined) continue;
    packets++;
    // D: decoded only because others need it; an edit list hides it.
    if (flags.includes('D')) continue;
    const ticks = numberOf(fields.get('pts'));
    if (!Number.isFinite(ticks)) return undefined;
    const dts = numberOf(fields.get('dts'));
    entries.push({
      ticks,
      seek: Number.isFinite(dts) ? dts : ticks,
      duration: durationOf(fields.get('duration')),
      key: flags.includes('K'),
    });
  }
  return unique(entries) ? assemble(entries, packets) : undefined;
}

/** Times from decoded pictures: slow, and right for every codec. */
async function fromPictures(
  ffprobe: Ffprobe,
  path: string,
  stream: number,
  call?: ProbeCall,
): Promise<FrameTimes> {
  const wanted = 'frame=key_frame,best_effort_timestamp,pkt_dts,pkt_duration,duration';
  const options = ['-select_streams', String(stream), '-show_entries', wanted];
  const entries: Entry[] = [];
  for await (const row of ffprobe.lines(
    path,
    [...options, '-print_format', 'compact=print_section=0'],
    call,
  )) {
    const fields = parseRow(row);
    const ticks = numberOf(fields.get('best_effort_timestamp'));
    if (!Number.isFinite(ticks)) continue;
    entries.push({
      ticks,
      seek: ticks,
      duration: durationOf(fields.get('duration') ?? fields.get('pkt_duration')),
      key: fields.get('key_frame') === '1',
    });
  }
  const seen = new Set<number>();
  return assemble(
    entries.filter(({ ticks }) => !seen.has(ticks) && seen.add(ticks)),
    entries.length,
  );
}

export interface StreamKind {
  readonly index: number;
  readonly codec: string;
  /** Each packet may be one field of a picture. */
  readonly mayHoldFields: boolean;
}

/** Lists when every picture of the stream is shown. */
export async function readFrameTimes(
  ffprobe: Ffprobe,
  path: string,
  stream: StreamKind,
  call?: ProbeCall,
): Promise<FrameTimes> {
  if (onePicturePerPacket.has(stream.codec) && !stream.mayHoldFields) {
    const times = await fromPackets(ffprobe, path, stream.index, call);
    if (times !== undefined) return times;
  }
  return fromPictures(ffprobe, path, stream.index, call);
}
