import { cancelledError } from '../../../src-shared/core/errors/index.ts';
import { pixelSources, type FillMeans } from '../../../src-shared/core/fill/index.ts';
import type { FramePatch } from '../composite/patch-store.ts';
import type { ClipInfo, MaskSource, Media } from '../frames.ts';
import { greyInfo, neutralChroma } from './matte-clip.ts';

export interface SourceMapInput {
  readonly clip: ClipInfo;
  readonly mask: MaskSource;
  /** The filled hole of a frame; null where it has none. */
  readonly patchOf: (frame: number) => Promise<FramePatch | null>;
  /** What has filled what no other frame shows. */
  readonly fill: FillMeans;
  readonly signal: AbortSignal;
}

/** Where the pixels of one frame come from: [height, width], a grey of `pixelSources`, 0 outside the mask. */
function sourceGreys(
  coverage: Uint8Array,
  patch: FramePatch | null,
  { width, height }: Pick<ClipInfo, 'width' | 'height'>,
  fill: FillMeans,
): Uint8Array {
  const greys = new Uint8Array(width * height);
  if (patch === null) return greys;
  const { rect, unseen } = patch;
  for (let y = 0; y < rect.height; y++) {
    for (let x = 0; x < rect.width; x++) {
      const at = (rect.y + y) * width + rect.x + x;
      if (coverage[at] === 0) continue;
      greys[at] = unseen[y * rect.width + x] === 0 ? pixelSources.plate : pixelSources[fill];
    }
  }
  return greys;
}

/** Writes a source map beside a result: a video of the clip's size and times. Nothing is left of one that fails. */
export async function writeSourceMap(
  media: Media,
  path: string,
  { clip, mask, patchOf, fill, signal }: SourceMapInput,
): Promise<void> {
  const info = greyInfo(clip);
  const sink = await media.openSink(path, info, { quality: 'lossless' }, signal);
  const neutral = neutralChroma(info);
  try {
    let index = 0;
    for await (const coverage of mask.masks(0, clip.ptsSec.length, signal)) {
      if (signal.aborted) throw cancelledError();
      const greys = sourceGreys(coverage, await patchOf(index), clip, fill);
      await sink.write({ index, planes: [greys, neutral, neutral] });
      index++;
    }
    await sink.close();
  } catch (error) {
    await sink.abort();
    throw signal.aborted ? cancelledError() : error;
  }
}
