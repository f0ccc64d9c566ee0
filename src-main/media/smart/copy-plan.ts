import { open, type FileHandle } from 'node:fs/promises';
import type { FrameRange } from '../../../src-shared/project/index.ts';
import type { ClipInfo, EncodeSettings } from '../../engine/frames.ts';
import { containerOf } from '../containers.ts';
import { storedFormat } from '../encode-options.ts';
import type { MediaTools } from '../picture-reader.ts';
import { probeClip, type ProbedClip } from '../probe.ts';
import { encoderOf, videoEncoders } from '../video-encoders.ts';
import { CopyRefusal, refuse } from './refusal.ts';
import { readSampleHead, readSampleTable, unitsInHead, type SampleTable } from './sample-table.ts';
import { asStreamSays } from './stream-clip.ts';
import { streamRules } from './stream-rules.ts';
import type { PictureKind, StreamConfig, StreamRules } from './stream-types.ts';

/** A stretch of an export: frames of the clip, and of what is copied the stored pictures. */
export type Piece = FrameRange &
  (
    | { readonly kind: 'encode' }
    | { readonly kind: 'copy'; readonly startSample: number; readonly endSample: number }
  );

/** Which pictures of a clip are copied into an export as they are stored, and which are encoded to match. */
export interface CopyPlan {
  readonly rules: StreamRules;
  readonly source: ProbedClip;
  readonly table: SampleTable;
  readonly config: StreamConfig;
  /** The number in the file of the clip's frame 0. */
  readonly firstFrame: number;
  /** By stored picture: its frame in the file. */
  readonly frameOf: Int32Array;
  /** All frames of the clip, in order. */
  readonly pieces: readonly Piece[];
  /** Frames at which the encoder starts a group, so that key pictures stay where they are. */
  readonly keyFrames: readonly number[];
  readonly copied: number;
  readonly reorder: number;
  readonly intraOnly: boolean;
}

/** More forced key pictures than a command line takes. */
const mostKeyFrames = 4000;

/** A closed group: its stored pictures, and its frames of the file. */
interface Group extends FrameRange {
  readonly startSample: number;
  readonly endSample: number;
}

/** What is known of the clip's stream; null where what was chosen for the export leaves nothing to copy. */
function chosenRules(path: string, clip: ClipInfo, settings: EncodeSettings): StreamRules | null {
  const { format, quality, hardware, grey, alpha, reencode } = settings;
  if (reencode === true || quality === 'lossless' || grey === true || alpha === true) return null;
  const { codec, evenOnly } =
    videoEncoders[encoderOf(containerOf(path, format).format === 'matroska', settings)];
  const rules = streamRules[codec];
  if (clip.codec !== codec || rules === undefined) return null;
  if (hardware !== undefined) refuse('a hardware encoder was chosen, whose pictures cannot be made to match');
  if (evenOnly && storedFormat(clip, rules.encoder).name !== clip.pixelFormat.name) refuse('its size is odd');
  return rules;
}

/** By stored picture, the frame of the file. Throws where the file's index and its list of times differ. */
function framesOf(table: SampleTable, { times, info }: ProbedClip): Int32Array {
  const { shown, timescale } = table;
  if (shown.length !== times.ticks.length) refuse('its edit list hides a part of it');
  if (info.timeBase.num !== 1 || info.timeBase.den !== timescale)
    refuse('its times are not those of its index');
  const order = Array.from(shown, (_, sample) => sample).sort((a, b) => shown[a] - shown[b]);
  const shift = times.ticks[0] - shown[order[0]];
  const frameOf = new Int32Array(shown.length);
  for (const [frame, sample] of order.entries()) {
    if (times.ticks[frame] - shown[sample] !== shift) refuse('its edit list changes its times');
    frameOf[sample] = frame;
  }
  return frameOf;
}

/** What each key picture is; checks that parameters between them are those of the whole file. */
async function kindsOf(
  file: FileHandle,
  table: SampleTable,
  rules: StreamRules,
  config: StreamConfig,
): Promise<PictureKind[]> {
  const kinds: PictureKind[] = Array.from(table.sizes, () => 'other');
  for (let sample = 0; sample < kinds.length; sample++) {
    if (table.sync[sample] === 0) continue;
    const units = unitsInHead(await readSampleHead(file, table, sample), config.lengthSize);
    checkSets(units, rules, config);
    kinds[sample] = rules.kindOf(units);
  }
  return kinds;
}

/** A unit without the zeros that may stand behind it. */
function withoutTail(unit: Buffer): Buffer {
  let end = unit.length;
  while (end > 0 && unit[end - 1] === 0) end--;
  return unit.subarray(0, end);
}

/** Throws where a picture comes with other parameters than the file states. */
export function checkSets(units: readonly Buffer[], rules: StreamRules, config: StreamConfig): void {
  const isKnown = (unit: Buffer): boolean =>
    config.sets.some((set) => withoutTail(set).equals(withoutTail(unit)));
  const other = units.find((unit) => rules.isSet(unit) && !isKnown(unit));
  if (other !== undefined) refuse('its parameters change in the middle of the clip');
}

/** Closed groups of a stream, in order. What comes before the first of them is none. */
function groupsOf(kinds: readonly PictureKind[], frameOf: Int32Array): Group[] {
  const starts = kinds.flatMap((kind, sample) => (kind === 'closed' ? [sample] : []));
  return starts.map((startSample, i) => {
    const endSample = starts.at(i + 1) ?? kinds.length;
    let [startFrame, lastFrame] = [Infinity, -Infinity];
    for (let sample = startSample; sample < endSample; sample++) {
      startFrame = Math.min(startFrame, frameOf[sample]);
      lastFrame = Math.max(lastFrame, frameOf[sample]);
    }
    if (lastFrame - startFrame + 1 !== endSample - startSample)
      refuse('pictures of its groups are shown among those of others');
    return { startSample, endSample, startFrame, endFrame: lastFrame + 1 };
  });
}

/** Why a stream has no groups to choose from. */
function whyNoGroups(kinds: readonly PictureKind[]): string {
  if (kinds.includes('open'))
    return 'its groups of pictures are open: they need pictures of the group before';
  if (kinds.includes('refresh')) return 'it has no key pictures (intra refresh)';
  return 'it has one key picture only';
}

/** Cuts frames [first, end) of the file into what is copied and what is encoded; frames of the pieces count from `first`. */
export function piecesOf(
  groups: readonly Group[],
  { startFrame: first, endFrame: end }: FrameRange,
  changed: (frame: number) => boolean,
): Piece[] {
  const pieces: Piece[] = [];
  const encode = (startFrame: number, endFrame: number): void => {
    const last = pieces.at(-1);
    if (startFrame >= endFrame) return;
    if (last?.kind === 'encode') pieces[pieces.length - 1] = { ...last, endFrame };
    else pieces.push({ kind: 'encode', startFrame, endFrame });
  };
  let next = 0;
  for (const group of groups) {
    const [startFrame, endFrame] = [group.startFrame - first, group.endFrame - first];
    if (startFrame < 0 || group.endFrame > end) continue;
    let isChanged = false;
    for (let frame = startFrame; frame < endFrame && !isChanged; frame++) isChanged = changed(frame);
    if (isChanged) continue;
    encode(next, startFrame);
    const { startSample, endSample } = group;
    const last = pieces.at(-1);
    if (last?.kind === 'copy') pieces[pieces.length - 1] = { ...last, endFrame, endSample };
    else pieces.push({ kind: 'copy', startFrame, endFrame, startSample, endSample });
    next = endFrame;
  }
  encode(next, end - first);
  return pieces;
}

async function plan(
  tools: MediaTools,
  path: string,
  clip: ClipInfo,
  settings: EncodeSettings,
  changed: (frame: number) => boolean,
): Promise<CopyPlan | null> {
  const rules = chosenRules(path, clip, settings);
  if (rules === null) return null;
  const source = await probeClip(tools.ffprobe, clip.path);
  if (!/mov|mp4/.test(source.info.container)) refuse('it is no MP4 or MOV');
  if (source.format.route !== 'native' || source.info.pixelFormat.name !== clip.pixelFormat.name)
    refuse('its pixel format is converted');
  if (source.orientation.filters.length > 0 && containerOf(path, settings.format).format === 'matroska')
    refuse('it is stored turned or mirrored, which MKV does not say');
  const firstFrame = source.info.ptsSec.indexOf(clip.ptsSec[0]);
  const frames = { startFrame: firstFrame, endFrame: firstFrame + clip.ptsSec.length };
  const file = await open(clip.path);
  try {
    const table = await readSampleTable(file);
    const config = rules.readConfig(table.config);
    if (config.lengthSize !== 4) refuse('its pictures are stored in an unusual way');
    // Throws where it cannot be said to the encoder.
    asStreamSays(clip, config);
    const frameOf = framesOf(table, source);
    const kinds = await kindsOf(file, table, rules, config);
    const groups = groupsOf(kinds, frameOf);
    if (groups.length < 2) refuse(whyNoGroups(kinds));
    const pieces = piecesOf(groups, frames, changed);
    const copied = pieces.reduce(
      (sum, { kind, startFrame, endFrame }) => sum + (kind === 'copy' ? endFrame - startFrame : 0),
      0,
    );
    if (copied === 0) refuse('every group of pictures is changed');
    const encoded = pieces.filter(({ kind }) => kind === 'encode');
    const starts = encoded.map(({ startFrame }) => startFrame);
    const inside = groups
      .map(({ startFrame }) => startFrame - firstFrame)
      .filter((frame) => encoded.some(({ startFrame, endFrame }) => frame > startFrame && frame < endFrame));
    if (starts.length > mostKeyFrames) refuse('it is changed in too many places');
    const keyFrames = inside.length + starts.length > mostKeyFrames ? starts : [...starts, ...inside];
    return {
      ...{ rules, source, table, config, firstFrame, frameOf, pieces, copied },
      keyFrames: keyFrames.sort((a, b) => a - b),
      reorder: frameOf.reduce((most, frame, sample) => Math.max(most, sample - frame), 0),
      intraOnly: kinds.every((kind) => kind === 'closed'),
    };
  } finally {
    await file.close();
  }
}

/**
 * What of an export of `clip` to `path` can be copied; else why nothing can; null where another codec, or every frame encoded
 * anew, was chosen. `changed`: whether a frame of the clip is another than the source's.
 */
export async function planCopy(
  tools: MediaTools,
  path: string,
  clip: ClipInfo,
  settings: EncodeSettings,
  changed: (frame: number) => boolean,
): Promise<CopyPlan | { readonly reason: string } | null> {
  try {
    return await plan(tools, path, clip, settings, changed);
  } catch (error) {
    if (error instanceof CopyRefusal) return { reason: error.message };
    // Of what is read beyond the end of a box.
    if (error instanceof RangeError) return { reason: 'its index cannot be read' };
    throw error;
  }
}
