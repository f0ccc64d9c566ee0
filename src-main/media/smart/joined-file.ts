import { createHash, type Hash } from 'node:crypto';
import { mkdir, open, type FileHandle } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import { HetcutError } from '../../../src-shared/core/errors/index.ts';
import type { ClipInfo, EncodeSettings } from '../../engine/frames.ts';
import { checkOutput } from '../check-output.ts';
import { containerOf } from '../containers.ts';
import { encodeOptions } from '../encode-options.ts';
import { repairLastPicture } from '../last-picture.ts';
import { soundInput, soundWarnings, toDisk, type Output } from '../output-kinds.ts';
import { partialPathOf, writeError, writeFailureIn } from '../output-place.ts';
import { clipNs, outputOriginSec } from '../output-times.ts';
import type { MediaTools } from '../picture-reader.ts';
import { probeClip } from '../probe.ts';
import { checkSets, type CopyPlan } from './copy-plan.ts';
import { checkJoins } from './check-joins.ts';
import { CopyRefusal, refuse } from './refusal.ts';
import { joinedHeader } from './joined-header.ts';
import { joinUnits, readSample, readSampleTable, unitsOf, type SampleTable } from './sample-table.ts';
import { segmentOptions } from './segment-options.ts';
import { differenceOf } from './stream-rules.ts';
import type { StreamJoiner } from './stream-types.ts';

/** The pictures that the encoder has made, ready to be joined. */
interface Encoded {
  readonly file: FileHandle;
  readonly table: SampleTable;
  readonly lengthSize: number;
  readonly joiner: StreamJoiner;
}

/** One picture of the joined stream. */
interface JoinedPicture {
  readonly size: number;
  /** Of the clip. */
  readonly frame: number;
  readonly isKey: boolean;
  readonly from: 'clip' | 'encoder';
  readonly sample: number;
}

async function openEncoded(path: string, plan: CopyPlan): Promise<Encoded> {
  const file = await open(path);
  try {
    const table = await readSampleTable(file);
    const config = plan.rules.readConfig(table.config);
    const difference = differenceOf(plan.config.facts, config.facts);
    if (difference !== undefined) refuse(difference);
    return { file, table, lengthSize: config.lengthSize, joiner: plan.rules.joiner(plan.config, config) };
  } catch (error) {
    await file.close();
    throw error;
  }
}

/** A picture of the encoder's as it is in the joined stream. */
async function encodedPicture({ file, table, lengthSize, joiner }: Encoded, sample: number): Promise<Buffer> {
  const units = unitsOf(await readSample(file, table, sample), lengthSize);
  return joinUnits(units.flatMap((unit) => joiner.unit(unit) ?? []));
}

/** By stored picture, the how manieth of all it is shown as. */
function ranksOf(shown: Float64Array): Int32Array {
  const order = Array.from(shown, (_, sample) => sample).sort((a, b) => shown[a] - shown[b]);
  const ranks = new Int32Array(order.length);
  order.forEach((sample, rank) => (ranks[sample] = rank));
  return ranks;
}

/** All pictures in the order of decoding. Throws where the encoder has not begun a closed group where one was asked for. */
async function pictureList(plan: CopyPlan, encoded: Encoded | undefined): Promise<JoinedPicture[]> {
  const { pieces, table, frameOf, firstFrame, rules } = plan;
  const list: JoinedPicture[] = [];
  const rankOf = encoded === undefined ? [] : ranksOf(encoded.table.shown);
  let next = 0;
  for (const piece of pieces) {
    if (piece.kind === 'copy') {
      for (let sample = piece.startSample; sample < piece.endSample; sample++) {
        const frame = frameOf[sample] - firstFrame;
        list.push({
          size: table.sizes[sample],
          frame,
          isKey: table.sync[sample] === 1,
          from: 'clip',
          sample,
        });
      }
      continue;
    }
    const [start, end] = [next, next + piece.endFrame - piece.startFrame];
    if (encoded === undefined || end > rankOf.length) refuse('the encoder has left out pictures');
    for (let sample = start; sample < end; sample++) {
      const rank = rankOf[sample];
      if (rank < start || rank >= end) refuse('the encoder has not ended a group where it was asked to');
      const units = unitsOf(await readSample(encoded.file, encoded.table, sample), encoded.lengthSize);
      if (sample === start && rules.kindOf(units) !== 'closed')
        refuse('the encoder has not begun a group where it was asked to');
      const size = (await encodedPicture(encoded, sample)).length;
      const isKey = encoded.table.sync[sample] === 1;
      list.push({ size, frame: piece.startFrame + rank - start, isKey, from: 'encoder', sample });
    }
    next = end;
  }
  if (next !== rankOf.length) refuse('the encoder has made too many pictures');
  return list;
}

async function* joinedBytes(
  header: Buffer,
  list: readonly JoinedPicture[],
  clipFile: FileHandle,
  plan: CopyPlan,
  encoded: Encoded | undefined,
  hash: Hash,
): AsyncGenerator<Buffer> {
  yield header;
  for (const { from, sample } of list) {
    const bytes =
      from === 'encoder' && encoded !== undefined
        ? await encodedPicture(encoded, sample)
        : await readSample(clipFile, plan.table, sample);
    if (from === 'clip') checkSets(unitsOf(bytes, plan.config.lengthSize), plan.rules, plan.config);
    hash.update(bytes);
    yield bytes;
  }
}

/** The export as its encoder's share and what is copied are put together. Throws `smart-render` where that does not come out sound. */
export async function joinedFile(
  tools: MediaTools,
  path: string,
  clip: ClipInfo,
  settings: EncodeSettings,
  plan: CopyPlan,
): Promise<Output> {
  const container = containerOf(path, settings.format);
  const partialPath = partialPathOf(path);
  await mkdir(partialPath).catch((error: NodeJS.ErrnoException) => {
    throw writeError(path, error.code ?? error.message, error);
  });
  const encodedPath = join(partialPath, 'encoded.mp4');
  const result = join(partialPath, `joined${extname(path)}`);
  const wanted = plan.pieces.filter(({ kind }) => kind === 'encode');
  const all = clip.ptsSec.length;

  async function mux(signal: AbortSignal | undefined): Promise<string> {
    const hash = createHash('md5');
    const encoded = wanted.length === 0 ? undefined : await openEncoded(encodedPath, plan);
    const clipFile = await open(clip.path);
    try {
      const list = await pictureList(plan, encoded);
      const ticks = plan.source.times.ticks;
      const frameTicks = Array.from(
        clip.ptsSec,
        (_, i) => ticks[plan.firstFrame + i] - ticks[plan.firstFrame],
      );
      const endTicks = Math.round(clip.durationSec * plan.table.timescale);
      const { bytes, delay } = joinedHeader(plan.table, encoded?.joiner.config ?? plan.config.bytes, {
        sizes: list.map(({ size }) => size),
        shown: list.map(({ frame }) => frameTicks[frame]),
        sync: list.map(({ isKey }) => isKey),
        frameTicks,
        lastTicks: Math.max(1, endTicks - frameTicks[all - 1]),
      });
      const start = clip.ptsSec[0] - outputOriginSec(clip) - delay / plan.table.timescale;
      const stream = Readable.from(joinedBytes(bytes, list, clipFile, plan, encoded, hash), {
        objectMode: false,
      });
      let failure: string | undefined;
      let cause: Error | undefined;
      stream.once('error', (error: Error) => (cause = error));
      const run = tools.ffmpeg.start({
        inputs: [
          { source: stream, options: ['-copyts', '-itsoffset', start.toFixed(6), '-f', 'mov'] },
          soundInput(clip),
        ],
        outputOptions: encodeOptions(tools.binary, container, clip, settings, 'copy'),
        target: result,
        onLine: (line) => {
          failure ??= writeFailureIn(line);
        },
        signal,
      });
      await run.finished.catch((error: unknown) => {
        if (failure !== undefined) throw writeError(path, failure, error);
        throw cause ?? error;
      });
      if (cause !== undefined) throw cause;
      if (failure !== undefined) throw writeError(path, failure);
      return hash.digest('hex');
    } finally {
      await clipFile.close();
      await encoded?.file.close();
    }
  }

  return {
    partialPath,
    result,
    target: encodedPath,
    pixelFormat: clip.pixelFormat,
    pictureOf: (frame) => frame.planes,
    device: [],
    inputs: [],
    options: segmentOptions(tools.binary, clip, settings, plan),
    warnings: soundWarnings(clip, settings),
    wanted,
    copied: { frames: plan.copied },
    async finish(_, signal) {
      try {
        const hash = await mux(signal);
        const { durationNs, startNs } = clipNs(clip);
        const shownNs = startNs[all - 1] + durationNs[all - 1] - startNs[0];
        await repairLastPicture(result, Number(durationNs[all - 1]) / 1e9, Number(shownNs) / 1e9);
        const joined = await probeClip(tools.ffprobe, result, signal);
        const written = Array.from(clip.ptsSec, (_pts, frame) => frame);
        checkOutput(joined.info, { codec: clip.codec, sound: settings.sound }, clip, written, path);
        if ((await packetHash(tools, result, signal)) !== hash) refuse('its packets were changed on the way');
        await checkJoins(tools, joined, plan, signal);
      } catch (error) {
        throw asSmartError(path, error, signal);
      }
      await toDisk(result);
    },
  };
}

/** MD5 of all pictures of a file, as they are stored. */
async function packetHash({ ffmpeg }: MediaTools, path: string, signal?: AbortSignal): Promise<string> {
  const said = new PassThrough({ emitClose: false });
  const parts: Buffer[] = [];
  said.on('data', (part: Buffer) => parts.push(part));
  await ffmpeg.start({
    inputs: [{ source: path, options: ['-nostdin', '-copyts'] }],
    outputOptions: ['-map', '0:v:0', '-c', 'copy', '-f', 'md5'],
    target: said,
    signal,
  }).finished;
  return /MD5=([0-9a-f]{32})/.exec(Buffer.concat(parts).toString())?.[1] ?? '';
}

/** The export can be made anew without copying after these; after others it would fail in the same way. */
export function asSmartError(path: string, error: unknown, signal: AbortSignal | undefined): unknown {
  const canHelp =
    error instanceof CopyRefusal ||
    error instanceof RangeError ||
    (error instanceof HetcutError &&
      ['output-check', 'ffmpeg-failed', 'no-decodable-frame'].includes(error.code));
  if (signal?.aborted || !canHelp) return error;
  return new HetcutError('smart-render', `${path} could not be put together: ${error.message}`, {
    hint: 'Export with --reencode.',
    details: { reason: error.message },
    cause: error,
  });
}
