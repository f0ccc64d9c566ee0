import type { BitReader } from './bits.ts';
import type { StreamColour } from './stream-types.ts';

/** What video usability information says of pictures, as far as both codecs write it alike (H.264, E.1.1; H.265, E.2.1). */
export interface Vui {
  /** Width and height of a pixel; 0 where it is not said. */
  readonly aspect: readonly [width: number, height: number];
  readonly colour: StreamColour;
  /** `chroma_sample_loc_type`; 0 where it is not said. */
  readonly chromaLocation: number;
}

/** Shapes of pixels by `aspect_ratio_idc` (H.264, table E-1). */
const aspects: readonly (readonly [number, number])[] = [
  ...([
    [0, 0],
    [1, 1],
    [12, 11],
    [10, 11],
    [16, 11],
    [40, 33],
    [24, 11],
    [20, 11],
    [32, 11],
  ] as const),
  ...([
    [80, 33],
    [18, 11],
    [15, 11],
    [64, 33],
    [160, 99],
    [4, 3],
    [3, 2],
    [2, 1],
  ] as const),
];
const extendedAspect = 255;

/** Reads the information's head, up to the place of chroma samples; undefined: the stream has none. */
export function readVuiHead(bits: BitReader | undefined): Vui {
  let aspect: readonly [number, number] = [0, 0];
  const colour = { primaries: 2, transfer: 2, matrix: 2, full: false };
  let chromaLocation = 0;
  if (bits === undefined) return { aspect, colour, chromaLocation };
  if (bits.flag()) {
    const code = bits.u(8);
    aspect = code === extendedAspect ? [bits.u(16), bits.u(16)] : (aspects[code] ?? [0, 0]);
  }
  if (bits.flag()) bits.flag(); // overscan
  if (bits.flag()) {
    bits.u(3); // video_format
    colour.full = bits.flag();
    if (bits.flag()) [colour.primaries, colour.transfer, colour.matrix] = [bits.u(8), bits.u(8), bits.u(8)];
  }
  if (bits.flag()) {
    chromaLocation = bits.ue();
    bits.ue();
  }
  return { aspect, colour, chromaLocation };
}

/** "16:15", "0:1" where it is not said. */
export function aspectOf({ aspect: [width, height] }: Vui): string {
  if (width === 0 || height === 0) return '0:1';
  const divisor = (a: number, b: number): number => (b === 0 ? a : divisor(b, a % b));
  const common = divisor(width, height);
  return `${width / common}:${height / common}`;
}

function skipRates(bits: BitReader): void {
  const count = bits.ue() + 1;
  bits.skip(8);
  for (let i = 0; i < count; i++) {
    bits.ue();
    bits.ue();
    bits.flag();
  }
  bits.skip(20);
}

/** Reads the rest of H.264's information: how many pictures a decoder keeps; undefined where it is not said. */
export function readDecoderLimits(bits: BitReader): number | undefined {
  if (bits.flag()) bits.skip(65); // timing
  const [nal, vcl] = [bits.flag() && (skipRates(bits), true), bits.flag() && (skipRates(bits), true)];
  if (nal || vcl) bits.flag();
  bits.flag(); // pic_struct_present_flag
  if (!bits.flag()) return undefined;
  bits.flag();
  for (let i = 0; i < 5; i++) bits.ue();
  return bits.ue();
}
