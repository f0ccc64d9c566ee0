import { access } from 'node:fs/promises';
import { join, parse } from 'node:path';
import { usageError } from '../../src-shared/core/errors/index.ts';
import { pixelSourceNames, pixelSources, type PixelSource } from '../../src-shared/core/fill/index.ts';
import { boundingBox } from '../../src-shared/core/mask/index.ts';
import type { SourceMap } from '../../src-shared/ipc/index.ts';
import type { Media } from '../engine/frames.ts';

/** More rows or columns than this are not seen in an overlay. */
const mostPixels = 640;

/** Where the map of a result is: beside it. */
export function sourceMapPath(resultPath: string): string {
  const { dir, name } = parse(resultPath);
  return join(dir, `${name}.sources.mkv`);
}

/** A frame's map from its greys [height, width]; every so manyth pixel of a large one. */
export function cutSourceMap(greys: Uint8Array, width: number): SourceMap {
  const rect = boundingBox(greys, width) ?? { x: 0, y: 0, width: 0, height: 0 };
  const step = Math.max(1, Math.ceil(Math.max(rect.width, rect.height) / mostPixels));
  const [columns, rows] = [Math.ceil(rect.width / step), Math.ceil(rect.height / step)];
  const map = new Uint8Array(columns * rows);
  for (let y = 0; y < rows; y++) {
    for (let x = 0; x < columns; x++) {
      map[y * columns + x] = greys[(rect.y + y * step) * width + rect.x + x * step];
    }
  }
  const byGrey = new Float64Array(256);
  for (const grey of greys) byGrey[grey]++;
  const counts = Object.fromEntries(pixelSourceNames.map((name) => [name, byGrey[pixelSources[name]]]));
  return {
    rect,
    width: columns,
    height: rows,
    greys: Buffer.from(map).toString('base64'),
    counts: counts as Record<PixelSource, number>,
  };
}

/** One frame of the map at `path`; null where there is none. Throws `frame` where it is not that long. */
export async function readSourceMap(
  media: Media,
  path: string,
  frame: number,
  signal?: AbortSignal,
): Promise<SourceMap | null> {
  const there = await access(path).then(
    () => true,
    () => false,
  );
  if (!there) return null;
  const source = await media.openClip(path, signal);
  if (frame >= source.info.ptsSec.length) {
    throw usageError('frame', `The result has no frame ${frame}.`, 'Name one that it has.');
  }
  for await (const { planes } of source.frames(frame, frame + 1, signal)) {
    return cutSourceMap(Uint8Array.from(planes[0]), source.info.width);
  }
  return null;
}
