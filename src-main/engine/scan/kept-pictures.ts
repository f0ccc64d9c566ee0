import { cancelledError } from '../../../src-shared/core/errors/index.ts';
import { boundingBox } from '../../../src-shared/core/mask/index.ts';
import type { Rect } from '../../../src-shared/core/plan/index.ts';
import { cropMask, uncropMask } from '../../../src-shared/core/track/index.ts';
import type { ClipInfo, FrameSource, MaskSource, VideoFrame } from '../frames.ts';

/** A job reads its frames four to six times. It keeps them where all of them take no more than this, in bytes. */
const mostFrameBytes = 2 ** 28;
/** Masks are kept until they take this, in bytes: cut to what they cover they are small. */
const mostMaskBytes = 2 ** 26;

/** Bytes of decoded frames that `keepFrames` holds once all have been read; 0 where it keeps none. */
export function keptFrameBytes({ width, height, pixelFormat, ptsSec }: ClipInfo): number {
  const { bitDepth, chromaShiftX, chromaShiftY } = pixelFormat;
  const samples = 1 + 2 / 2 ** (chromaShiftX + chromaShiftY);
  const bytes = ptsSec.length * width * height * samples * (bitDepth === 8 ? 1 : 2);
  return bytes <= mostFrameBytes ? bytes : 0;
}

/**
 * [start, end) of what `read` reads; what `kept` has is not read again. `keep` and `give` turn an item into what is kept of
 * it, or nothing, and back.
 */
async function* readOnce<Item, Kept>(
  kept: (Kept | undefined)[],
  [start, end]: readonly [number, number],
  {
    read,
    keep,
    give,
    signal,
  }: {
    readonly read: (start: number, end: number) => AsyncIterable<Item>;
    readonly keep: (item: Item) => Kept | undefined;
    readonly give: (kept: Kept) => Item;
    readonly signal: AbortSignal | undefined;
  },
): AsyncGenerator<Item> {
  let next = start;
  while (next < end) {
    const known = kept[next];
    if (known !== undefined) {
      if (signal?.aborted) throw cancelledError();
      next++;
      yield give(known);
      continue;
    }
    let stop = next + 1;
    while (stop < end && kept[stop] === undefined) stop++;
    for await (const item of read(next, stop)) {
      kept[next++] ??= keep(item);
      yield item;
    }
    if (next < stop) return;
  }
}

/**
 * The frames of a clip, decoded once: kept where all of them fit, so that later passes start no decoder; else read anew in
 * each pass. Do not change their planes.
 */
export function keepFrames(source: FrameSource): FrameSource {
  if (keptFrameBytes(source.info) === 0) return source;
  const kept: (VideoFrame | undefined)[] = [];
  const same = (frame: VideoFrame): VideoFrame => frame;
  return {
    info: source.info,
    frames: (start, end, signal) =>
      readOnce(kept, [start, end], {
        read: (from, to) => source.frames(from, to, signal),
        keep: same,
        give: same,
        signal,
      }),
    damagedFrames: () => source.damagedFrames(),
  };
}

/** What a mask covers: the box around it, and its values in there [box.height, box.width]; a box of nothing is empty. */
interface CutMask {
  readonly box: Rect;
  readonly values: Uint8Array;
}

const nothing: CutMask = { box: { x: 0, y: 0, width: 0, height: 0 }, values: new Uint8Array(0) };

function cut(mask: Uint8Array, width: number): CutMask {
  const box = boundingBox(mask, width);
  if (box === null) return nothing;
  return { box, values: cropMask(mask, width, box) };
}

const isSame = (a: CutMask, b: CutMask): boolean =>
  a.box.x === b.box.x &&
  a.box.y === b.box.y &&
  a.box.width === b.box.width &&
  a.box.height === b.box.height &&
  Buffer.compare(a.values, b.values) === 0;

/**
 * The masks of a clip, read once: kept, cut to what they cover, as far as memory for them goes. Frames that follow each other
 * with the same mask are given the same array.
 */
export function keepMasks(source: MaskSource, clip: ClipInfo): MaskSource {
  const kept: (CutMask | undefined)[] = [];
  let keptBytes = 0;
  return {
    frameCount: source.frameCount,
    masks(start, end, signal) {
      let last: { readonly picture: Uint8Array; readonly piece: CutMask } | undefined;
      const keep = (picture: Uint8Array): CutMask | undefined => {
        if (picture === last?.picture) return last.piece;
        const piece = cut(picture, clip.width);
        if (last !== undefined && isSame(last.piece, piece)) {
          last = { picture, piece: last.piece };
          return last.piece;
        }
        last = { picture, piece };
        if (keptBytes + piece.values.byteLength > mostMaskBytes) return undefined;
        keptBytes += piece.values.byteLength;
        return piece;
      };
      const give = (piece: CutMask): Uint8Array => {
        if (piece !== last?.piece)
          last = { piece, picture: uncropMask(piece.values, piece.box, clip.width, clip.height) };
        return last.picture;
      };
      const read = (from: number, to: number): AsyncIterable<Uint8Array> => source.masks(from, to, signal);
      return readOnce(kept, [start, end], { read, keep, give, signal });
    },
  };
}
