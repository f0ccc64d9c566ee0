import { createReadStream } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { Readable } from 'node:stream';
import { HetcutError, usageError } from '../../src-shared/core/errors/index.ts';
import {
  parseProjectMask,
  rasteriseMask,
  isStillAt,
  type ProjectMask,
} from '../../src-shared/project/mask/index.ts';
import type { ClipInfo, MaskSource } from '../engine/frames.ts';
import { mostDocumentBytes, readSmallFile } from '../engine/small-file.ts';
import { ClipReader } from './frame-source.ts';
import type { MediaTools } from './picture-reader.ts';
import { inputFile, isFolder } from './input-file.ts';
import { probeClip } from './probe.ts';
import { decodeStills, probeStill, type StillInfo } from './still-picture.ts';

function checkSize(path: string, size: { width: number; height: number }, clip: ClipInfo): void {
  if (size.width === clip.width && size.height === clip.height) return;
  const turned = clip.rotation !== 0 && size.width === clip.height && size.height === clip.width;
  throw usageError(
    'mask-size',
    `The mask ${path} is ${size.width}×${size.height}, the clip ${clip.width}×${clip.height}.`,
    turned
      ? `The clip is shown turned by ${clip.rotation} degrees; turn the mask the same way.`
      : 'Give a mask of the clip’s size.',
  );
}

function lengthError(path: string, count: number, clip: ClipInfo): HetcutError {
  return usageError(
    'mask-length',
    `The mask ${path} has ${count} frames, the clip ${clip.ptsSec.length}.`,
    'Give a mask with one frame for each of the clip’s, or a single picture for all of them.',
  );
}

/** White on black, 0…255, from RGBA: transparent counts as black. Luma after ITU-R BT.601, in 256ths. */
export function maskFromRgba(rgba: Uint8Array): Uint8Array {
  const mask = new Uint8Array(rgba.length / 4);
  for (let i = 0; i < mask.length; i++) {
    const luma = (77 * rgba[4 * i] + 150 * rgba[4 * i + 1] + 29 * rgba[4 * i + 2]) >> 8;
    mask[i] = luma * rgba[4 * i + 3] > 127 * 255 ? 255 : 0;
  }
  return mask;
}

/** One mask for every frame. */
function heldMask(mask: Uint8Array, clip: ClipInfo): MaskSource {
  return {
    frameCount: clip.ptsSec.length,
    async *masks(startFrame, endFrame) {
      for (let index = startFrame; index < endFrame; index++) yield mask;
    },
  };
}

async function stillMask(
  tools: MediaTools,
  path: string,
  still: StillInfo,
  clip: ClipInfo,
): Promise<MaskSource> {
  checkSize(path, still, clip);
  const byteLength = still.width * still.height * 4;
  for await (const rgba of decodeStills(
    tools.ffmpeg,
    createReadStream(path),
    still.codec,
    'rgba',
    byteLength,
  )) {
    return heldMask(maskFromRgba(rgba), clip);
  }
  throw usageError(
    'mask-unreadable',
    `The picture ${path} cannot be decoded.`,
    'Save the mask again as PNG.',
  );
}

/** "mask2.png" before "mask10.png". */
const inNumberOrder = new Intl.Collator('en', { numeric: true }).compare;

async function* bytesOf(paths: readonly string[]): AsyncGenerator<Buffer> {
  for (const path of paths) yield* createReadStream(path) as AsyncIterable<Buffer>;
}

async function folderMask(tools: MediaTools, folder: string, clip: ClipInfo): Promise<MaskSource> {
  const names = (await readdir(folder)).filter((name) => /^[^.].*\.png$/i.test(name)).sort(inNumberOrder);
  const paths = names.map((name) => join(folder, name));
  if (paths.length === 0) {
    throw usageError(
      'mask-folder-empty',
      `The mask folder ${folder} holds no PNG.`,
      'Name a folder of PNG pictures.',
    );
  }
  if (paths.length !== 1 && paths.length !== clip.ptsSec.length)
    throw lengthError(folder, paths.length, clip);
  for (const path of paths) checkSize(path, await pngSize(path), clip);
  if (paths.length === 1)
    return stillMask(tools, paths[0], { ...(await pngSize(paths[0])), codec: 'png' }, clip);
  return {
    frameCount: paths.length,
    async *masks(startFrame, endFrame, signal) {
      const wanted = paths.slice(startFrame, endFrame);
      if (wanted.length === 0) return;
      const byteLength = clip.width * clip.height * 4;
      let given = 0;
      const pictures = decodeStills(
        tools.ffmpeg,
        Readable.from(bytesOf(wanted)),
        'png',
        'rgba',
        byteLength,
        signal,
      );
      for await (const rgba of pictures) {
        given++;
        yield maskFromRgba(rgba);
      }
      if (given !== wanted.length) {
        throw usageError(
          'mask-unreadable',
          `A picture of the mask folder ${folder} is damaged.`,
          'Save the masks again.',
        );
      }
    },
  };
}

/** Size from the header, which every PNG starts with (ISO/IEC 15948, 11.2.2). */
async function pngSize(path: string): Promise<{ width: number; height: number }> {
  const parts: Buffer[] = [];
  for await (const chunk of createReadStream(path, { end: 23 }) as AsyncIterable<Buffer>) parts.push(chunk);
  const header = Buffer.concat(parts);
  if (
    header.length < 24 ||
    header.toString('latin1', 1, 4) !== 'PNG' ||
    header.toString('latin1', 12, 16) !== 'IHDR'
  ) {
    throw usageError('mask-unreadable', `${path} is not a PNG.`, 'Save the mask again as PNG.');
  }
  return { width: header.readUInt32BE(16), height: header.readUInt32BE(20) };
}

/** A mask JSON for a clip. Throws `mask-project`, `mask-size` and `mask-length`. */
export async function readMaskDocument(path: string, clip: ClipInfo): Promise<ProjectMask> {
  let document: unknown;
  try {
    document = JSON.parse((await readSmallFile(path, mostDocumentBytes)).toString());
  } catch (error) {
    if (error instanceof HetcutError) throw error;
    throw usageError(
      'mask-project',
      `${path} is not JSON: ${(error as Error).message}.`,
      'Save the mask again.',
    );
  }
  const mask = parseProjectMask(document, path);
  checkSize(path, mask, clip);
  if (mask.frames !== clip.ptsSec.length) throw lengthError(path, mask.frames, clip);
  return mask;
}

async function projectMask(path: string, clip: ClipInfo): Promise<MaskSource> {
  const mask = await readMaskDocument(path, clip);
  return {
    frameCount: mask.frames,
    async *masks(startFrame, endFrame) {
      let drawn: Uint8Array | undefined;
      for (let index = startFrame; index < endFrame; index++) {
        if (drawn === undefined || !isStillAt(mask, index - 1)) drawn = rasteriseMask(mask, index);
        yield drawn;
      }
    },
  };
}

/** Half of white in a clip's own luma numbers: 127 of 255 in full range, and its place between 16 and 235 in limited. */
function lumaThreshold({ colour, pixelFormat }: ClipInfo): number {
  const eightBit = colour.range === 'full' ? 127 : 16 + (127 * 219) / 255;
  return eightBit * (pixelFormat.bitDepth === 8 ? 1 : 4);
}

async function videoMask(
  tools: MediaTools,
  path: string,
  clip: ClipInfo,
  signal?: AbortSignal,
): Promise<MaskSource> {
  const probed = await probeClip(tools.ffprobe, path, signal);
  checkSize(path, probed.info, clip);
  const reader = new ClipReader(tools, probed, 'over-black');
  const threshold = lumaThreshold(probed.info);
  const count = probed.info.ptsSec.length;
  // A loop: `from` with a function takes fifty times as long, and every frame of every pass comes through here.
  const maskOf = (luma: Uint8Array | Uint16Array): Uint8Array => {
    const mask = new Uint8Array(luma.length);
    for (let i = 0; i < luma.length; i++) if (luma[i] > threshold) mask[i] = 255;
    return mask;
  };
  if (count === 1) {
    for await (const { planes } of reader.frames(0, 1, signal)) return heldMask(maskOf(planes[0]), clip);
  }
  if (count !== clip.ptsSec.length) throw lengthError(path, count, clip);
  return {
    frameCount: count,
    async *masks(startFrame, endFrame, iterationSignal) {
      for await (const { planes } of reader.frames(startFrame, endFrame, iterationSignal))
        yield maskOf(planes[0]);
    },
  };
}

/**
 * Opens a mask for `clip`: a folder of PNGs (in the order of their numbers; one for each frame, or one for all), a
 * project mask (.json), a still picture (held), or a video. White = remove: brighter than the middle, transparency
 * over black. Pictures and videos give 0 or 255 only, for lossy codecs ring around hard edges; a project mask has the
 * greys of its soft strokes. Errors (exit code 2): as of `inputFile` and `probeClip`, mask-size, mask-length,
 * mask-folder-empty, mask-unreadable, mask-project.
 */
export async function openMask(
  tools: MediaTools,
  path: string,
  clip: ClipInfo,
  signal?: AbortSignal,
): Promise<MaskSource> {
  if (await isFolder(path)) return folderMask(tools, path, clip);
  const absolute = await inputFile(path, 'mask');
  if (extname(absolute).toLowerCase() === '.json') return projectMask(absolute, clip);
  const still = await probeStill(tools.ffprobe, absolute);
  return still === undefined
    ? videoMask(tools, absolute, clip, signal)
    : stillMask(tools, absolute, still, clip);
}
