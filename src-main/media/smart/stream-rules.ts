import { h264Rules } from './h264.ts';
import { hevcRules } from './hevc.ts';
import type { StreamFacts, StreamRules } from './stream-types.ts';

/** The codecs whose packets can be copied, by ffprobe's names. */
export const streamRules: Readonly<Record<string, StreamRules>> = { h264: h264Rules, hevc: hevcRules };

/** What differs, in words; undefined where nothing does. */
export function differenceOf(source: StreamFacts, encoded: StreamFacts): string | undefined {
  const name = Object.keys(source).find((key) => source[key] !== encoded[key]);
  if (name === undefined) return undefined;
  return `the encoder cannot match its ${name} (${source[name]}; it makes ${encoded[name]})`;
}
