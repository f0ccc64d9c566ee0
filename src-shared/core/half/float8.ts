/**
 * The 256 values of float8 e4m3fn (OCP 8-bit floating point, "FN": no infinities, all ones is NaN): sign, four bits of
 * exponent with bias 7, three of mantissa.
 */
const values = Float32Array.from({ length: 256 }, (_, bits) => {
  const sign = bits & 0x80 ? -1 : 1;
  const exponent = (bits >> 3) & 0x0f;
  const mantissa = bits & 0x07;
  if (exponent === 0x0f && mantissa === 0x07) return NaN;
  return exponent === 0 ? sign * mantissa * 2 ** -9 : sign * (1 + mantissa / 8) * 2 ** (exponent - 7);
});

/** Each element times `scale`, rounded to float32. */
export function float8e4m3ToFloat32Array(source: Uint8Array, scale: number): Float32Array {
  const scaled = values.map((value) => value * scale);
  return Float32Array.from(source, (bits) => scaled[bits]);
}
