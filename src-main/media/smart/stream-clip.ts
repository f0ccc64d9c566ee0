import type { ClipInfo } from '../../engine/frames.ts';
import { matrixCodes, primariesCodes, transferCodes } from '../encode-options.ts';
import { refuse } from './refusal.ts';
import type { StreamConfig } from './stream-types.ts';

/** The name of a code point; undefined for "unspecified". Throws `CopyRefusal` where ffmpeg has no name for it. */
function nameOf(names: Readonly<Record<string, number>>, code: number): string | undefined {
  if (code === 2) return undefined;
  const found = Object.entries(names).find(([, value]) => value === code);
  return found?.[0] ?? refuse(`the encoder has no name for its colour (${code})`);
}

/** The clip with what its stream itself says of colour and shape, in place of what its container says. */
export function asStreamSays(clip: ClipInfo, { colour, aspect }: StreamConfig): ClipInfo {
  const { chromaLocation } = clip.colour.tags;
  const tags = {
    space: nameOf(matrixCodes, colour.matrix),
    primaries: nameOf(primariesCodes, colour.primaries),
    transfer: nameOf(transferCodes, colour.transfer),
    range: colour.full ? 'pc' : 'tv',
    chromaLocation,
  };
  const stated = Object.fromEntries(Object.entries(tags).filter(([, tag]) => tag !== undefined));
  const range = colour.full ? 'full' : 'limited';
  return { ...clip, sampleAspectRatio: aspect, colour: { ...clip.colour, range, tags: stated } };
}
