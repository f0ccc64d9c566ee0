import { BitReader, BitWriter, withPrevention, withoutPrevention } from './bits.ts';
import { refuse } from './refusal.ts';
import { readVuiHead, type Vui } from './vui.ts';

/** What a sequence parameter set says (ITU-T H.265, 7.3.2.2). */
export interface HevcSps {
  readonly id: number;
  readonly profile: number;
  readonly chromaFormat: number;
  readonly size: readonly [number, number];
  readonly crop: readonly number[];
  readonly bitDepths: readonly [luma: number, chroma: number];
  /** Pictures that a decoder keeps, the one it decodes among them. */
  readonly decodedPictures: number;
  readonly vui: Vui;
  readonly fields: boolean;
}

/** Bytes of a unit's head. */
const headBytes = 2;
const profileBits = 88;
const levelBits = 8;

function skipProfileTierLevel(bits: BitReader, subLayers: number): number {
  const [, , profile] = [bits.u(2), bits.u(1), bits.u(5)];
  bits.skip(profileBits - 8 + levelBits);
  const present = Array.from({ length: subLayers - 1 }, () => [bits.flag(), bits.flag()] as const);
  if (subLayers > 1) bits.skip(2 * (9 - subLayers));
  for (const [hasProfile, hasLevel] of present)
    bits.skip((hasProfile ? profileBits : 0) + (hasLevel ? levelBits : 0));
  return profile;
}

function skipScalingLists(bits: BitReader): void {
  for (let size = 0; size < 4; size++) {
    for (let matrix = 0; matrix < 6; matrix += size === 3 ? 3 : 1) {
      if (!bits.flag()) {
        bits.ue();
        continue;
      }
      if (size > 1) bits.se();
      for (let i = 0; i < Math.min(64, 1 << (4 + 2 * size)); i++) bits.se();
    }
  }
}

function skipReferenceSets(bits: BitReader): void {
  const counts: number[] = [];
  const sets = bits.ue();
  if (sets > 64) throw new RangeError('too many sets of references');
  for (let set = 0; set < sets; set++) {
    if (set > 0 && bits.flag()) {
      bits.flag();
      bits.ue();
      let count = 0;
      for (let j = 0; j <= counts[set - 1]; j++) if (bits.flag() || bits.flag()) count++;
      counts.push(count);
      continue;
    }
    const count = bits.ue() + bits.ue();
    if (count > 32) throw new RangeError('too many references');
    for (let i = 0; i < count; i++) {
      bits.ue();
      bits.flag();
    }
    counts.push(count);
  }
}

/** Reads up to what a decoder keeps; `place`: the bit where the identifier and that number stand. */
function readHead(bits: BitReader) {
  bits.u(4);
  const subLayers = bits.u(3) + 1;
  bits.flag();
  const profile = skipProfileTierLevel(bits, subLayers);
  const idAt = bits.position;
  const id = bits.ue();
  const afterId = bits.position;
  const chromaFormat = bits.ue();
  if (chromaFormat === 3 && bits.flag()) refuse('its colours are coded as pictures of their own');
  const size = [bits.ue(), bits.ue()] as const;
  const crop = bits.flag() ? [bits.ue(), bits.ue(), bits.ue(), bits.ue()] : [0, 0, 0, 0];
  const bitDepths = [8 + bits.ue(), 8 + bits.ue()] as const;
  const orderBits = bits.ue() + 4;
  const layers = bits.flag() ? subLayers : 1;
  return { profile, id, idAt, afterId, chromaFormat, size, crop, bitDepths, orderBits, layers };
}

export function parseHevcSps(unit: Buffer): HevcSps {
  const bits = new BitReader(withoutPrevention(unit.subarray(headBytes)));
  const { layers, orderBits, idAt: _, afterId: __, ...head } = readHead(bits);
  let decodedPictures = 0;
  for (let i = 0; i < layers; i++) {
    decodedPictures = bits.ue() + 1;
    bits.ue();
    bits.ue();
  }
  for (let i = 0; i < 6; i++) bits.ue();
  if (bits.flag() && bits.flag()) skipScalingLists(bits);
  bits.skip(2);
  if (bits.flag()) {
    bits.skip(8);
    bits.ue();
    bits.ue();
    bits.flag();
  }
  skipReferenceSets(bits);
  if (bits.flag()) for (let left = bits.ue(); left > 0; left--) bits.skip(orderBits + 1);
  bits.skip(2);
  const hasVui = bits.flag();
  const vui = readVuiHead(hasVui ? bits : undefined);
  if (hasVui) bits.flag();
  const fields = hasVui && bits.flag();
  return { ...head, decodedPictures, vui, fields };
}

/** The numbers under which the encoder's parameter sets stand in the joined stream. */
export interface HevcIds {
  readonly vps: number;
  readonly sps: number;
  readonly pps: number;
}

/** Copies what is left, up to the bit that ends it. */
function copyRest(bits: BitReader, out: BitWriter, bare: Buffer): void {
  let last = bare.length - 1;
  while (last >= 0 && bare[last] === 0) last--;
  if (last < 0) throw new RangeError('the parameters end early');
  const end = 8 * last + 8 - Math.log2(bare[last] & -bare[last]);
  out.copy(bits, end - bits.position);
}

function rewritten(unit: Buffer, write: (bits: BitReader, out: BitWriter) => void): Buffer {
  const bare = withoutPrevention(unit.subarray(headBytes));
  const [bits, out] = [new BitReader(bare), new BitWriter()];
  write(bits, out);
  copyRest(bits, out, bare);
  return Buffer.concat([unit.subarray(0, headBytes), withPrevention(out.bytes())]);
}

/** The video parameter set under another number. */
export const renumberedVps = (unit: Buffer, { vps }: HevcIds): Buffer =>
  rewritten(unit, (bits, out) => {
    bits.u(4);
    out.u(vps, 4);
  });

/** The sequence parameter set under another number, for a decoder that keeps `decodedPictures`. */
export function renumberedSps(unit: Buffer, { vps, sps }: HevcIds, decodedPictures: number): Buffer {
  const ahead = new BitReader(withoutPrevention(unit.subarray(headBytes)));
  const { idAt, afterId, layers } = readHead(ahead);
  const limitsAt = ahead.position;
  return rewritten(unit, (bits, out) => {
    bits.u(4);
    out.u(vps, 4);
    out.copy(bits, idAt - 4);
    bits.ue();
    out.ue(sps);
    out.copy(bits, limitsAt - afterId);
    for (let i = 0; i < layers; i++) {
      bits.ue();
      out.ue(decodedPictures - 1);
      out.ue(bits.ue());
      out.ue(bits.ue());
    }
  });
}

export const renumberedPps = (unit: Buffer, { sps, pps }: HevcIds): Buffer =>
  rewritten(unit, (bits, out) => {
    bits.ue();
    bits.ue();
    out.ue(pps);
    out.ue(sps);
  });

/** Types of slices that state whether earlier pictures are shown (7.3.6.1). */
const isEntry = (type: number): boolean => type >= 16 && type <= 23;

/**
 * A slice that refers to picture parameters 0, made to refer to number `pps`. From 15 to 30 the number is written in nine
 * bits, 0 in one: all that follows moves by one byte, and what is aligned to bytes stays so.
 */
export function renumberedSlice(unit: Buffer, { pps }: HevcIds): Buffer {
  if (pps < 15 || pps > 30) throw new RangeError(`${pps} is not written in nine bits`);
  const bare = withoutPrevention(unit.subarray(headBytes));
  const before = isEntry((unit[0] >> 1) & 63) ? 2 : 1;
  const bits = new BitReader(bare);
  const out = new BitWriter();
  out.copy(bits, before);
  if (bits.ue() !== 0) throw new RangeError('the slice refers to other parameters');
  out.ue(pps);
  out.copy(bits, 7 - before);
  return Buffer.concat([
    unit.subarray(0, headBytes),
    withPrevention(Buffer.concat([out.bytes(), bare.subarray(1)])),
  ]);
}

export function hevcPpsId(unit: Buffer): number {
  return new BitReader(withoutPrevention(unit.subarray(headBytes))).ue();
}
