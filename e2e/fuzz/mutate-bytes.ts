import fc from 'fast-check';

type ByteChange = (bytes: Buffer, at: number, value: number) => Buffer;

const place = (bytes: Buffer, at: number): number =>
  Math.min(bytes.length - 1, Math.floor(at * bytes.length));

/** Lengths and counts that no file has. */
const lengths = [
  0n,
  1n,
  2n ** 31n - 1n,
  2n ** 31n,
  2n ** 32n - 1n,
  2n ** 40n,
  2n ** 53n,
  2n ** 63n,
  2n ** 64n - 1n,
];

const withNumber = (bytes: Buffer, at: number, width: 4 | 8, number: bigint, little: boolean): Buffer => {
  const changed = Buffer.from(bytes);
  if (changed.length < width) return changed;
  const from = Math.min(changed.length - width, place(changed, at));
  const cut = BigInt.asUintN(8 * width, number);
  for (let i = 0; i < width; i++) {
    changed[from + (little ? i : width - 1 - i)] = Number((cut >> BigInt(8 * i)) & 255n);
  }
  return changed;
};

/** What can happen to a file. `value`: 0…1. */
const changes: readonly ByteChange[] = [
  (bytes, at, value) => {
    const changed = Buffer.from(bytes);
    if (changed.length > 0) changed[place(bytes, at)] ^= 1 << Math.floor(value * 8);
    return changed;
  },
  (bytes, at, value) => {
    const changed = Buffer.from(bytes);
    if (changed.length > 0) changed[place(bytes, at)] = Math.floor(value * 256);
    return changed;
  },
  (bytes, at) => bytes.subarray(0, Math.floor(at * bytes.length)),
  (bytes, at, value) => {
    const from = Math.floor(at * bytes.length);
    return Buffer.concat([bytes.subarray(0, from), bytes.subarray(from + 1 + Math.floor(value * 300))]);
  },
  (bytes, at, value) => {
    const from = Math.floor(at * bytes.length);
    return Buffer.from(bytes).fill(0, from, Math.min(bytes.length, from + 1 + Math.floor(value * 3000)));
  },
  (bytes, at, value) => {
    const from = Math.floor(at * bytes.length);
    const piece = bytes.subarray(from, from + 1 + Math.floor(value * 3000));
    return Buffer.concat([bytes.subarray(0, from), piece, bytes.subarray(from)]);
  },
  (bytes, at, value) => {
    const number = lengths[Math.floor(value * lengths.length)];
    const width = (value * 1000) % 2 < 1 ? 4 : 8;
    return withNumber(bytes, at, width, number, (value * 5000) % 2 < 1);
  },
];

const share = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });

/** A place in a file: its first bytes, which say what is in it, as often as all others. */
const somewhere = fc.oneof(
  share,
  share.map((at) => at * at * at),
  share.map((at) => at / 50),
);

/** How bytes are changed; plain data, so that a case can be shown and made again. */
export type ByteRecipe = readonly (readonly [change: number, at: number, value: number])[];

export function byteRecipe(most: number, least = 0): fc.Arbitrary<ByteRecipe> {
  const one = fc.tuple(fc.nat({ max: changes.length - 1 }), somewhere, share);
  return fc.array(one, { minLength: least, maxLength: most, size: 'max' });
}

export function changedBytes(bytes: Uint8Array, recipe: ByteRecipe): Buffer {
  let changed: Buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (const [which, at, value] of recipe) changed = changes[which](changed, at, value);
  return changed;
}

/** A valid file's bytes with some changes. */
export function mutatedBytes(seeds: readonly Uint8Array[]): fc.Arbitrary<Buffer> {
  return fc
    .tuple(fc.nat({ max: seeds.length - 1 }), byteRecipe(4))
    .map(([seed, recipe]) => changedBytes(seeds[seed], recipe));
}
