import type { Ffprobe, ProbeCall } from './ffprobe.ts';
import { readSampleTable, type SampleTable, type WantedTrack } from './mp4-samples.ts';

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

/** NaN where the file does not say, or says what is no number of ticks. */
function numberOf(value: string | undefined): number {
  const number = value === undefined || value === '' ? NaN : Number(value);
  return Number.isSafeInteger(number) ? number : NaN;
}

/** 0 where the file does not say, or nonsense. */
const durationOf = (ticks: number): number => (ticks > 0 ? ticks : 0);

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

interface Packet {
  /** NaN where the file does not say, as `dts` and `duration`. */
  readonly pts: number;
  readonly dts: number;
  readonly duration: number;
  readonly key: boolean;
  /** Decoded only because others need it; an edit list hides it. */
  readonly hidden: boolean;
}

/** Packets of a stream in the order in which they are stored; `intervals`: as ffprobe's `-read_intervals`. */
async function* packetsOf(
  ffprobe: Ffprobe,
  path: string,
  stream: number,
  intervals: string | undefined,
  call?: ProbeCall,
): AsyncGenerator<Packet> {
  const options = ['-select_streams', String(stream), '-show_entries', 'packet=pts,dts,duration,flags'];
  const part = intervals === undefined ? [] : ['-read_intervals', intervals];
  const printed = ['-print_format', 'compact=print_section=0'];
  for await (const row of ffprobe.lines(path, [...options, ...part, ...printed], call)) {
    const fields = parseRow(row);
    const flags = fields.get('flags');
    if (flags === undefined) continue;
    yield {
      pts: numberOf(fields.get('pts')),
      dts: numberOf(fields.get('dts')),
      duration: numberOf(fields.get('duration')),
      key: flags.includes('K'),
      hidden: flags.includes('D'),
    };
  }
}

/** Times from packets, without decoding. Undefined where they do not tell. */
async function fromPackets(
  ffprobe: Ffprobe,
  path: string,
  stream: number,
  call?: ProbeCall,
): Promise<FrameTimes | undefined> {
  const entries: Entry[] = [];
  let packets = 0;
  for await (const { pts, dts, duration, key, hidden } of packetsOf(ffprobe, path, stream, undefined, call)) {
    packets++;
    if (hidden) continue;
    if (Number.isNaN(pts)) return undefined;
    entries.push({ ticks: pts, seek: Number.isNaN(dts) ? pts : dts, duration: durationOf(duration), key });
  }
  return unique(entries) ? assemble(entries, packets) : undefined;
}

/** Packets at the file's start that its table is compared with. */
const comparedPackets = 8;
/** Lists of fewer pictures are read as quickly as a table is compared. */
const leastForTable = 1000;

/** Whether packets from number `first` on are the table's, whose times are `shift` behind theirs. */
function agrees(
  packets: readonly Packet[],
  first: number,
  table: SampleTable,
  shift: { readonly pts: number; readonly dts: number },
): boolean {
  return packets.every(({ pts, dts, key, hidden }, position) => {
    const at = first + position;
    return (
      !hidden &&
      pts === table.pts[at] + shift.pts &&
      dts === table.dts[at] + shift.dts &&
      key === (table.key[at] === 1)
    );
  });
}

/**
 * Times from the file's own index, which takes as long for an hour as for a minute: ffprobe reads all pictures to list them.
 * What it says of the first packets, and of those from the last key picture on, must be the same. Undefined otherwise.
 */
async function fromTable(
  ffprobe: Ffprobe,
  path: string,
  track: WantedTrack & { readonly startTicks: number },
  call?: ProbeCall,
): Promise<FrameTimes | undefined> {
  const table = await readSampleTable(path, track);
  const lastKey = table?.key.lastIndexOf(1) ?? 0;
  if (table === undefined || lastKey < comparedPackets) return undefined;
  const earliest = table.pts.reduce((least, pts) => Math.min(least, pts), Infinity);
  const lastKeySec = (table.pts[lastKey] - earliest + track.startTicks) / track.ticksPerSec;
  const packets: Packet[] = [];
  const intervals = `%+#${comparedPackets},${lastKeySec.toFixed(6)}%`;
  for await (const packet of packetsOf(ffprobe, path, track.index, intervals, call)) packets.push(packet);
  const atStart = packets.slice(0, comparedPackets);
  const atEnd = packets.slice(comparedPackets);
  const count = table.pts.length;
  if (atEnd.length === 0 || atEnd.length > count) return undefined;
  const shift = { pts: atStart[0].pts - table.pts[0], dts: atStart[0].dts - table.dts[0] };
  if (!agrees(atStart, 0, table, shift) || !agrees(atEnd, count - atEnd.length, table, shift))
    return undefined;
  const entries = Array.from(table.pts, (pts, at): Entry => ({
    ticks: pts + shift.pts,
    seek: table.dts[at] + shift.dts,
    duration: at + 1 < count ? table.dts[at + 1] - table.dts[at] : table.lastDuration,
    key: table.key[at] === 1,
  }));
  return unique(entries) ? assemble(entries, count) : undefined;
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
    if (Number.isNaN(ticks)) continue;
    entries.push({
      ticks,
      seek: ticks,
      duration: durationOf(numberOf(fields.get('duration') ?? fields.get('pkt_duration'))),
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
  /** Of an MP4 or MOV file that says how many pictures it has, and when the first is shown. */
  readonly track?: { readonly ticksPerSec: number; readonly samples: number; readonly startTicks: number };
}

/** Lists when every picture of the stream is shown. */
export async function readFrameTimes(
  ffprobe: Ffprobe,
  path: string,
  stream: StreamKind,
  call?: ProbeCall,
): Promise<FrameTimes> {
  if (onePicturePerPacket.has(stream.codec) && !stream.mayHoldFields) {
    if (stream.track !== undefined && stream.track.samples >= leastForTable) {
      const told = await fromTable(ffprobe, path, { index: stream.index, ...stream.track }, call);
      if (told !== undefined) return told;
    }
    const times = await fromPackets(ffprobe, path, stream.index, call);
    if (times !== undefined) return times;
  }
  return fromPictures(ffprobe, path, stream.index, call);
}
