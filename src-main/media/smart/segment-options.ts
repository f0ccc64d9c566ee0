import type { ClipInfo, EncodeSettings } from '../../engine/frames.ts';
import type { Binary } from '../binaries.ts';
import { outputTimescale, pictureOptions } from '../encode-options.ts';
import { filtersBack } from '../orientation.ts';
import { clipNs } from '../output-times.ts';
import type { CopyPlan } from './copy-plan.ts';
import { asStreamSays } from './stream-clip.ts';

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
    ...['-map', '0:0'],
    ...pictureOptions(binary, rules.encoder, described, settings, {
      filters: filtersBack(plan.source.orientation),
      parameters: rules.parameters(wish),
    }),
    ...rules.options(wish),
    ...['-force_key_frames', groupsSec.map((sec) => sec.toFixed(6)).join(',')],
    ...['-video_track_timescale', String(outputTimescale(clip)), '-f', 'mp4'],
  ];
}
