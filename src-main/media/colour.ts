import type { ColourInfo } from '../engine/frames.ts';

/** What ffprobe says about a stream's colour; "unknown" and absent mean the same. */
export interface ColourTags {
  readonly color_space?: string | undefined;
  readonly color_primaries?: string | undefined;
  readonly color_transfer?: string | undefined;
  readonly color_range?: string | undefined;
  readonly chroma_location?: string | undefined;
}

/** ffmpeg's names of the Y'CbCr matrices that are in use, and which of ours each one is. */
const matrices: Readonly<Record<string, ColourInfo['matrix']>> = {
  bt709: 'bt709',
  smpte170m: 'bt601',
  bt470bg: 'bt601',
  fcc: 'bt601',
  // SMPTE 240M's coefficients are within 0.01 of BT.709's.
  smpte240m: 'bt709',
  bt2020nc: 'bt2020',
  bt2020c: 'bt2020',
};

const spaceNames: Readonly<Record<ColourInfo['matrix'], string>> = {
  bt601: 'smpte170m',
  bt709: 'bt709',
  bt2020: 'bt2020nc',
};

/** The usual rule for files that do not say: standard definition BT.601, high definition BT.709. */
function assumedMatrix(width: number, height: number): 'bt601' | 'bt709' {
  return width >= 1280 || height > 576 ? 'bt709' : 'bt601';
}

export const isHdr = (transfer: string | undefined): boolean =>
  transfer === 'smpte2084' || transfer === 'arib-std-b67';

function stated(value: string | undefined): string | undefined {
  return value === undefined || ['unknown', 'unspecified', 'reserved'].includes(value) ? undefined : value;
}

export interface ColourSource {
  readonly tags: ColourTags;
  /** Of the coded picture. */
  readonly width: number;
  readonly height: number;
  readonly sourcePixelFormat: string;
  readonly rgb: boolean;
  /** Luma only. */
  readonly grey: boolean;
  readonly codec: string;
}

/** Codecs whose grey is what a picture file's grey is: full range. */
const pictureCodecs = new Set([
  'ffv1',
  'png',
  'apng',
  'rawvideo',
  'mjpeg',
  'qtrle',
  'utvideo',
  'huffyuv',
  'gif',
]);

/**
 * Decides matrix and range, and which tags are written again on export. RGB becomes limited-range Y'CbCr, and full
 * range is always tagged: without the tag a player would take it for limited.
 */
export function decideColour(source: ColourSource): ColourInfo {
  const space = stated(source.tags.color_space);
  const matrix =
    (space === undefined ? undefined : matrices[space]) ?? assumedMatrix(source.width, source.height);
  const statedRange = stated(source.tags.color_range);
  const fullByFormat =
    source.sourcePixelFormat.startsWith('yuvj') || (source.grey && pictureCodecs.has(source.codec));
  const full =
    !source.rgb && (statedRange === undefined ? fullByFormat : ['pc', 'full', 'jpeg'].includes(statedRange));
  const primaries = stated(source.tags.color_primaries);
  const transfer = stated(source.tags.color_transfer);
  const chromaLocation = stated(source.tags.chroma_location);
  const writtenSpace = source.rgb ? spaceNames[matrix] : space;
  const writtenRange = full ? 'pc' : source.rgb || statedRange !== undefined ? 'tv' : undefined;
  return {
    matrix,
    range: full ? 'full' : 'limited',
    assumed:
      !source.rgb &&
      (space === undefined || matrices[space] === undefined || (statedRange === undefined && !full)),
    tags: {
      ...(writtenSpace === undefined ? {} : { space: writtenSpace }),
      ...(primaries === undefined ? {} : { primaries }),
      ...(transfer === undefined ? {} : { transfer }),
      ...(writtenRange === undefined ? {} : { range: writtenRange }),
      ...(chromaLocation === undefined ? {} : { chromaLocation }),
    },
  };
}
