import type { ClipInfo, EncodeSettings } from '../../engine/frames.ts';
import type { Binary } from '../binaries.ts';
import {
  matrixCodes,
  outputTimescale,
  pictureOptions,
  primariesCodes,
  transferCodes,
} from '../encode-options.ts';
import { clipNs } from '../output-times.ts';
import type { CopyPlan } from './copy-plan.ts';
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

/** The options of the pictures that are encoded to stand between copied ones: a file that holds nothing else. */
export function segmentOptions(
  binary: Binary,
  clip: ClipInfo,
  settings: EncodeSettings,
  plan: CopyPlan,
): string[] {
  const { rules, config, reorder, intraOnly, keyFrames } = plan;
  const wish = { config, reorder, intraOnly };
  const described = asStreamSays(clip, config);
  const { startNs } = clipNs(clip);
  // Half a frame before it: what is rounded on the way stays on its side.
  const groupsSec = keyFrames.map((frame) => {
    const before = frame === 0 ? startNs[0] : startNs[frame - 1];
    return Number(before + startNs[frame]) / 2e9;
  });
  return [
    ...['-map', '0:0', ...pictureOptions(binary, rules.encoder, described, settings, rules.parameters(wish))],
    ...rules.options(wish),
    ...['-force_key_frames', groupsSec.map((sec) => sec.toFixed(6)).join(',')],
    ...['-video_track_timescale', String(outputTimescale(clip)), '-f', 'mp4'],
  ];
}
