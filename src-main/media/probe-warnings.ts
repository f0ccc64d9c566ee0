import type { ColourInfo } from '../engine/frames.ts';
import { isHdr } from './colour.ts';
import { keepsAlpha, type DecodeFormat } from './pixel-format.ts';
import type { ProbedStream } from './probed-file.ts';

export interface ClipFacts {
  readonly streams: readonly ProbedStream[];
  readonly video: ProbedStream;
  readonly format: DecodeFormat;
  readonly colour: ColourInfo;
  readonly interlaced: boolean;
  /** False where the display matrix is no right-angled turn. */
  readonly rightAngled: boolean;
  /** Set where the file ends before its index says so; `promised` is 0 where that is unknown. */
  readonly cutOff: { readonly readable: number; readonly promised: number } | undefined;
}

/** What is said of a clip with transparency. `kept`: some exports keep it. */
export const alphaWarning = (kept: boolean): string =>
  kept
    ? 'The clip has transparency; it is dropped, except in exports as ProRes 4444 or PNG.'
    : 'The clip has transparency; it is dropped.';

function trackWarnings({ streams, video }: ClipFacts): string[] {
  const count = (kind: string): number =>
    streams.filter((stream) => stream.codec_type === kind && stream.disposition?.attached_pic !== 1).length;
  const warnings: string[] = [];
  if (count('video') > 1)
    warnings.push(`The clip has ${count('video')} video tracks; track ${video.index} is edited.`);
  if (count('subtitle') > 0) warnings.push('Subtitle tracks are not exported.');
  const unknownAudio = streams.filter(
    (stream) => stream.codec_type === 'audio' && stream.codec_name === undefined,
  );
  if (unknownAudio.length > 0)
    warnings.push(`${unknownAudio.length} sound tracks of unknown codec are not exported.`);
  return warnings;
}

function pictureWarnings({ video, format, colour, interlaced, rightAngled }: ClipFacts): string[] {
  const { pixelFormat, route, rgb, alpha, sourceBitDepth } = format;
  const warnings: string[] = [];
  if (alpha) warnings.push(alphaWarning(keepsAlpha(format)));
  if (sourceBitDepth > pixelFormat.bitDepth) {
    warnings.push(`${sourceBitDepth}-bit samples are reduced to ${pixelFormat.bitDepth} bits.`);
  }
  if (rgb)
    warnings.push(
      `RGB pictures are converted to ${pixelFormat.name}, BT.${colour.matrix.slice(2)}, limited range.`,
    );
  else if (route === 'convert' && !alpha)
    warnings.push(`${video.pix_fmt} is converted to ${pixelFormat.name}.`);
  if (isHdr(colour.tags.transfer)) {
    const kind = colour.tags.transfer === 'smpte2084' ? 'PQ' : 'HLG';
    warnings.push(`HDR (${kind}): the tags are kept; metadata of the mastering display are not.`);
  }
  if (interlaced) warnings.push('The clip is interlaced; it is edited and exported as whole frames.');
  if (!rightAngled) warnings.push('The clip’s rotation is no multiple of 90°; it is edited as stored.');
  return warnings;
}

/** What the user should know about a clip before editing it. */
export function clipWarnings(facts: ClipFacts): string[] {
  const warnings = [...pictureWarnings(facts), ...trackWarnings(facts)];
  if (facts.cutOff !== undefined) {
    const { readable, promised } = facts.cutOff;
    const share = promised > readable ? `${readable} of ${promised} pictures` : `${readable} pictures`;
    warnings.push(`The file is cut off: ${share} can be read; the rest is left out.`);
  }
  return warnings;
}
