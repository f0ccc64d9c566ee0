import { BitReader, withoutPrevention } from './bits.ts';
import { readParameters, refuse } from './refusal.ts';
import { aspectOf, readDecoderLimits, readVuiHead, type Vui } from './vui.ts';
import type { MatchWish, PictureKind, StreamConfig, StreamRules } from './stream-types.ts';

/** Types of units (ITU-T H.264, table 7-1). */
const unitTypes = { slice: 1, idr: 5, sei: 6, sps: 7, pps: 8, spsExtension: 13, subsetSps: 15 } as const;
const typeOf = (unit: Buffer): number => unit[0] & 31;

/** Profiles whose parameters state chroma format and depth (7.3.2.1.1). */
const highProfiles = new Set([100, 110, 122, 244, 44, 83, 86, 118, 128, 138, 139, 134, 135]);
/** x264's names of profiles. */
const profileNames: Readonly<Record<number, string>> = {
  66: 'baseline',
  77: 'main',
  100: 'high',
  110: 'high10',
  122: 'high422',
  244: 'high444',
};

interface Sps {
  readonly id: number;
  readonly profile: number;
  readonly constraints: number;
  readonly level: number;
  readonly chromaFormat: number;
  readonly bitDepths: readonly [luma: number, chroma: number];
  readonly bypass: boolean;
  readonly separatePlanes: boolean;
  readonly widthInBlocks: number;
  readonly heightInUnits: number;
  readonly framesOnly: boolean;
  readonly crop: readonly number[];
  readonly vui: Vui;
  readonly decodedPictures: number;
}

function skipScalingList(bits: BitReader, size: number): void {
  let [last, next] = [8, 8];
  for (let i = 0; i < size; i++) {
    if (next !== 0) next = (last + bits.se() + 256) % 256;
    if (next !== 0) last = next;
  }
}

/** MaxDpbMbs by level_idc (table A-1). */
const mostDecodedBlocks: Readonly<Record<number, number>> = {
  ...{ 9: 396, 10: 396, 11: 900, 12: 2376, 13: 2376, 20: 2376, 21: 4752, 22: 8100, 30: 8100, 31: 18_000 },
  ...{ 32: 20_480, 40: 32_768, 41: 32_768, 42: 34_816, 50: 110_400, 51: 184_320, 52: 184_320 },
  ...{ 60: 696_320, 61: 696_320, 62: 696_320 },
};

function parseSps(unit: Buffer): Sps {
  const bits = new BitReader(withoutPrevention(unit.subarray(1)));
  const [profile, constraints, stated] = [bits.u(8), bits.u(8), bits.u(8)];
  // Level 1b of the older profiles is written as 1.1 and a flag (A.3.1).
  const level = stated === 11 && (constraints & 0x10) !== 0 && profile < 100 ? 9 : stated;
  const id = bits.ue();
  let [chromaFormat, separatePlanes, bypass] = [1, false, false];
  let bitDepths: Sps['bitDepths'] = [8, 8];
  if (highProfiles.has(profile)) {
    chromaFormat = bits.ue();
    if (chromaFormat === 3) separatePlanes = bits.flag();
    bitDepths = [8 + bits.ue(), 8 + bits.ue()];
    bypass = bits.flag();
    if (bits.flag()) {
      for (let list = 0; list < (chromaFormat === 3 ? 12 : 8); list++)
        if (bits.flag()) skipScalingList(bits, list < 6 ? 16 : 64);
    }
  }
  bits.ue(); // log2_max_frame_num_minus4
  const orderType = bits.ue();
  if (orderType === 0) bits.ue();
  if (orderType === 1) {
    bits.flag();
    bits.se();
    bits.se();
    for (let left = bits.ue(); left > 0; left--) bits.se();
  }
  bits.ue(); // max_num_ref_frames
  bits.flag(); // gaps_in_frame_num_value_allowed_flag
  const [widthInBlocks, heightInUnits] = [bits.ue() + 1, bits.ue() + 1];
  const framesOnly = bits.flag();
  if (!framesOnly) bits.flag();
  bits.flag(); // direct_8x8_inference_flag
  const crop = bits.flag() ? [bits.ue(), bits.ue(), bits.ue(), bits.ue()] : [0, 0, 0, 0];
  const hasVui = bits.flag();
  const vui = readVuiHead(hasVui ? bits : undefined);
  const limit = hasVui ? readDecoderLimits(bits) : undefined;
  // Without a statement: none for the intra profiles, else what the level allows (E.2.1, max_dec_frame_buffering).
  const isIntra = (constraints & 0x10) !== 0 && [44, 86, 100, 110, 122, 244].includes(profile);
  const blocks = widthInBlocks * heightInUnits * (framesOnly ? 1 : 2);
  const byLevel = Math.min(16, Math.floor((mostDecodedBlocks[level] ?? 0) / blocks));
  const decodedPictures = limit ?? (isIntra ? 0 : byLevel);
  return {
    ...{ id, profile, constraints, level, chromaFormat, bitDepths, bypass, separatePlanes },
    ...{ widthInBlocks, heightInUnits, framesOnly, crop, vui, decodedPictures },
  };
}

function ppsId(unit: Buffer): number {
  return new BitReader(withoutPrevention(unit.subarray(1))).ue();
}

/** The units of an `avcC` (ISO/IEC 14496-15, 5.3.3.1). */
function setsIn(bytes: Buffer): { sps: Buffer[]; pps: Buffer[]; rest: Buffer } {
  let at = 5;
  const take = (count: number): Buffer[] =>
    Array.from({ length: count }, () => {
      const length = bytes.readUInt16BE(at);
      at += 2 + length;
      if (at > bytes.length) throw new RangeError('the parameters end early');
      return bytes.subarray(at - length, at);
    });
  const sps = take(bytes[at++] & 31);
  const pps = take(bytes[at++]);
  return { sps, pps, rest: bytes.subarray(at) };
}

function parseConfig(bytes: Buffer): StreamConfig {
  const { sps: units, pps } = setsIn(bytes);
  if (units.length === 0 || pps.length === 0)
    refuse('its file does not state the parameters of its pictures');
  if (units.length > 1) refuse('it has more than one set of parameters');
  const sps = parseSps(units[0]);
  const { vui, crop, profile } = sps;
  if (!sps.framesOnly) refuse('it is interlaced');
  if (sps.bypass) refuse('it is coded without loss');
  if (sps.separatePlanes) refuse('its colours are coded as pictures of their own');
  if (profileNames[profile] === undefined) refuse(`the encoder has not its profile (${profile})`);
  return {
    bytes,
    lengthSize: (bytes[4] & 3) + 1,
    sets: [...units, ...pps],
    colour: vui.colour,
    decodedPictures: sps.decodedPictures,
    aspect: aspectOf(vui),
    facts: {
      profile: profileNames[profile],
      level: sps.level,
      'size in blocks': `${sps.widthInBlocks}×${sps.heightInUnits}`,
      crop: crop.join(' '),
      'chroma format': sps.chromaFormat,
      depth: sps.bitDepths.join('/'),
      'shape of pixels': aspectOf(vui),
      range: vui.colour.full ? 'full' : 'limited',
      colour: `${vui.colour.primaries}/${vui.colour.transfer}/${vui.colour.matrix}`,
      'place of chroma samples': vui.chromaLocation,
      'number of decoded pictures': sps.decodedPictures,
    },
  };
}

function kindOf(units: readonly Buffer[]): PictureKind {
  const slices = units.filter((unit) => typeOf(unit) >= unitTypes.slice && typeOf(unit) <= unitTypes.idr);
  if (slices.some((unit) => typeOf(unit) === unitTypes.idr)) return 'closed';
  const isIntra = slices.every((unit) => {
    const bits = new BitReader(withoutPrevention(unit.subarray(1, 32)));
    bits.ue();
    // I, SI: numbers from 5 on say that all slices of the picture are alike (table 7-6).
    return [2, 4].includes(bits.ue() % 5);
  });
  return isIntra ? 'open' : 'refresh';
}

/** The smallest number that no set of the source has. */
function freeId({ sets }: StreamConfig): number {
  const taken = new Set(
    sets.map((unit) => (typeOf(unit) === unitTypes.sps ? parseSps(unit).id : ppsId(unit))),
  );
  for (let id = 0; id < 32; id++) if (!taken.has(id)) return id;
  return refuse('it uses all numbers of parameter sets');
}

function parameters({ config, reorder, intraOnly }: MatchWish): string[] {
  const { facts, decodedPictures } = config;
  const baseline = facts['profile'] === 'baseline';
  // A picture that is held back, and in a pyramid those that are referred to, take a place each.
  const pyramid = reorder >= 2 && decodedPictures >= 4;
  const holdsBack = !baseline && !intraOnly && reorder >= 1 && decodedPictures >= 2;
  return [
    `sps-id=${freeId(config)}`,
    `level=${facts['level'] === 9 ? '1b' : facts['level']}`,
    `ref=${Math.max(1, Math.min(3, decodedPictures))}`,
    `dpb-size=${Math.max(1, decodedPictures)}`,
    ...(holdsBack ? [`b-pyramid=${pyramid ? 'normal' : 'none'}`] : ['bframes=0']),
    ...(intraOnly ? ['keyint=1'] : []),
    'open-gop=0',
  ];
}

export const h264Rules: StreamRules = {
  encoder: 'libx264',
  box: 'avcC',
  readConfig: (bytes) => readParameters(() => parseConfig(bytes)),
  isSet: (unit) =>
    typeOf(unit) === unitTypes.sps ||
    typeOf(unit) === unitTypes.pps ||
    typeOf(unit) === unitTypes.spsExtension ||
    typeOf(unit) === unitTypes.subsetSps,
  kindOf,
  parameters,
  options: ({ config }) => ['-profile:v', String(config.facts['profile'])],
  joiner(source, encoded) {
    const [own, more] = [setsIn(source.bytes), setsIn(encoded.bytes)];
    const list = (units: readonly Buffer[]): Buffer[] =>
      units.flatMap((unit) => [Buffer.from([unit.length >> 8, unit.length & 255]), unit]);
    const sps = [...own.sps, ...more.sps];
    const pps = [...own.pps, ...more.pps];
    const head = Buffer.from(source.bytes.subarray(0, 6));
    // What may be said of all sets only.
    head[2] &= encoded.bytes[2];
    head[4] |= 3;
    head[5] = (head[5] & 0xe0) | sps.length;
    return {
      config: Buffer.concat([head, ...list(sps), Buffer.from([pps.length]), ...list(pps), own.rest]),
      // x264 states its version, by which ffmpeg's decoder works around old faults: in the source's pictures, too.
      unit: (unit) => (typeOf(unit) === unitTypes.sei ? undefined : unit),
    };
  },
};
