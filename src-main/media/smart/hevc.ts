import {
  hevcPpsId,
  parseHevcSps,
  renumberedPps,
  renumberedSlice,
  renumberedSps,
  renumberedVps,
  type HevcIds,
} from './hevc-parameters.ts';
import { readParameters, refuse } from './refusal.ts';
import { aspectOf } from './vui.ts';
import type { MatchWish, PictureKind, StreamConfig, StreamRules } from './stream-types.ts';

/** Types of units (ITU-T H.265, table 7-1). */
const unitTypes = { vps: 32, sps: 33, pps: 34, prefixSei: 39, suffixSei: 40 } as const;
const typeOf = (unit: Buffer): number => (unit[0] >> 1) & 63;
const isSlice = (type: number): boolean => type < 32;
/** Pictures at which decoding can start; of these, the two kinds of IDR. */
const isEntry = (type: number): boolean => type >= 16 && type <= 23;
const isIdr = (type: number): boolean => type === 19 || type === 20;

/** Where the units begin in an `hvcC` (ISO/IEC 14496-15, 8.3.3.1), its level, and how it numbers types. */
const headLength = 22;
const levelAt = 12;

/** Units of an `hvcC`, and its head. */
function unitsIn(bytes: Buffer): { head: Buffer; units: Buffer[] } {
  const units: Buffer[] = [];
  let at = headLength + 1;
  for (let array = 0; array < bytes[headLength]; array++) {
    const count = bytes.readUInt16BE(at + 1);
    at += 3;
    for (let i = 0; i < count; i++) {
      const length = bytes.readUInt16BE(at);
      at += 2 + length;
      if (at > bytes.length) throw new RangeError('the parameters end early');
      units.push(bytes.subarray(at - length, at));
    }
  }
  return { head: bytes.subarray(0, headLength), units };
}

const ofType = (units: readonly Buffer[], type: number): Buffer[] =>
  units.filter((unit) => typeOf(unit) === type);

function parseConfig(bytes: Buffer): StreamConfig {
  const { units } = unitsIn(bytes);
  const [first, ...others] = ofType(units, unitTypes.sps);
  const hasAll = [unitTypes.vps, unitTypes.pps].every((type) => ofType(units, type).length > 0);
  if (first === undefined || !hasAll) refuse('its file does not state the parameters of its pictures');
  if (others.length > 0) refuse('it has more than one set of parameters');
  const sps = parseHevcSps(first);
  if (sps.fields) refuse('it is interlaced');
  const { colour, chromaLocation } = sps.vui;
  return {
    bytes,
    lengthSize: (bytes[21] & 3) + 1,
    sets: units.filter((unit) => typeOf(unit) >= unitTypes.vps && typeOf(unit) <= unitTypes.pps),
    colour,
    decodedPictures: sps.decodedPictures,
    aspect: aspectOf(sps.vui),
    facts: {
      profile: sps.profile,
      size: sps.size.join('×'),
      crop: sps.crop.join(' '),
      'chroma format': sps.chromaFormat,
      depth: sps.bitDepths.join('/'),
      'shape of pixels': aspectOf(sps.vui),
      range: colour.full ? 'full' : 'limited',
      colour: `${colour.primaries}/${colour.transfer}/${colour.matrix}`,
      'place of chroma samples': chromaLocation,
    },
  };
}

function kindOf(units: readonly Buffer[]): PictureKind {
  const types = units.map(typeOf).filter(isSlice);
  if (types.length > 0 && types.every(isIdr)) return 'closed';
  return types.every(isEntry) ? 'open' : 'refresh';
}

function parameters({ config: { decodedPictures }, reorder, intraOnly }: MatchWish): string[] {
  // x265 keeps two pictures more than it holds back, and the one it decodes (x265, Encoder::initVPS).
  const pyramid = reorder >= 2 && decodedPictures >= 5;
  const holdsBack = !intraOnly && reorder >= 1 && decodedPictures >= 4;
  return [
    `ref=${Math.max(1, Math.min(3, decodedPictures - 1))}`,
    ...(holdsBack ? [`b-pyramid=${pyramid ? 1 : 0}`] : ['bframes=0']),
    ...(intraOnly ? ['keyint=1'] : []),
    'open-gop=0',
    'info=0',
  ];
}

/** Numbers that are free: 15 and more, because they are written in nine bits; see `renumberedSlice`. */
function freeIds({ sets }: StreamConfig): HevcIds {
  const taken = ofType(sets, unitTypes.pps).map(hevcPpsId);
  const takenVps = ofType(sets, unitTypes.vps).map((unit) => unit[2] >> 4);
  const [sps] = ofType(sets, unitTypes.sps).map(parseHevcSps);
  const free = (from: number, to: number, used: readonly number[]): number => {
    for (let id = from; id <= to; id++) if (!used.includes(id)) return id;
    return refuse('it uses all numbers of parameter sets');
  };
  return { vps: free(0, 15, takenVps), sps: free(15, 15, [sps.id]), pps: free(15, 30, taken) };
}

function configOf(head: Buffer, units: readonly Buffer[]): Buffer {
  const types = [...new Set(units.map(typeOf))].sort((a, b) => a - b);
  const arrays = types.map((type) => {
    const own = ofType(units, type);
    const count = Buffer.from([type | (type <= unitTypes.pps ? 0x80 : 0), own.length >> 8, own.length & 255]);
    return Buffer.concat([
      count,
      ...own.flatMap((unit) => [Buffer.from([unit.length >> 8, unit.length & 255]), unit]),
    ]);
  });
  return Buffer.concat([head, Buffer.from([arrays.length]), ...arrays]);
}

export const hevcRules: StreamRules = {
  encoder: 'libx265',
  box: 'hvcC',
  readConfig: (bytes) => readParameters(() => parseConfig(bytes)),
  isSet: (unit) => typeOf(unit) >= unitTypes.vps && typeOf(unit) <= unitTypes.pps,
  kindOf,
  parameters,
  options: () => ['-forced-idr', '1'],
  joiner(source, encoded) {
    if (encoded.decodedPictures > source.decodedPictures)
      refuse(
        `the encoder needs more decoded pictures than it allows (${encoded.decodedPictures}, ${source.decodedPictures})`,
      );
    if (encoded.sets.length !== 3) refuse('the encoder has written more than one set of parameters');
    const ids = freeIds(source);
    const [vps, sps, pps] = [unitTypes.vps, unitTypes.sps, unitTypes.pps].map(
      (type) => ofType(encoded.sets, type)[0],
    );
    const own = unitsIn(source.bytes);
    const head = Buffer.from(own.head);
    head[levelAt] = Math.max(head[levelAt], encoded.bytes[levelAt]);
    head[21] |= 3;
    const added = [
      renumberedVps(vps, ids),
      renumberedSps(sps, ids, source.decodedPictures),
      renumberedPps(pps, ids),
    ];
    return {
      config: configOf(head, [...own.units, ...added]),
      unit(unit) {
        const type = typeOf(unit);
        if (isSlice(type)) return renumberedSlice(unit, ids);
        return type === unitTypes.prefixSei || type === unitTypes.suffixSei ? undefined : unit;
      },
    };
  },
};
