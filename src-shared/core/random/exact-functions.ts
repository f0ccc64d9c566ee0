// ln, sin and cos from + − × ÷ alone. IEEE 754 rounds these one way everywhere, while Math.log, Math.sin and
// Math.cos may differ in the last bit between engines, and a picture's noise would with them.

/** Coefficients 1, 1/3, 1/5 … of atanh(s)/s in s². */
const atanhSeries = Array.from({ length: 11 }, (_, k) => 1 / (2 * k + 1));
/** ±1/(2k+1)! of sin(x)/x in x², and ±1/(2k)! of cos(x). */
const sinSeries = alternatingFactorials(1, 9);
const cosSeries = alternatingFactorials(0, 10);

function alternatingFactorials(start: number, terms: number): number[] {
  const series: number[] = [];
  let factorial = 1;
  for (let k = 0; k < terms; k++) {
    if (k > 0) factorial *= (2 * k + start) * (2 * k + start - 1);
    series.push((k % 2 === 0 ? 1 : -1) / factorial);
  }
  return series;
}

/** 2^0 … 2^32, by doubling: `**` may differ between engines too. */
const powersOfTwo = [1];
while (powersOfTwo.length <= 32) powersOfTwo.push(2 * powersOfTwo[powersOfTwo.length - 1]);

function horner(series: readonly number[], x: number): number {
  let sum = 0;
  for (let k = series.length - 1; k >= 0; k--) sum = sum * x + series[k];
  return sum;
}

/**
 * ln((word + ½) / 2^32) for a uint32: the logarithm of a uniform number that is never 0 and never 1.
 * Relative error below 1e-14: x = 2^e · m with m in (√½, √2], ln m = 2·atanh((m − 1)/(m + 1)).
 */
export function logOfUniform(word: number): number {
  // The top bit of 2·word + 1 = 2·(word + ½).
  let exponent = 32 - Math.clz32(word);
  let mantissa = (2 * word + 1) / powersOfTwo[exponent];
  if (mantissa > Math.SQRT2) {
    mantissa /= 2;
    exponent++;
  }
  const s = (mantissa - 1) / (mantissa + 1);
  return (exponent - 33) * Math.LN2 + 2 * s * horner(atanhSeries, s * s);
}

/**
 * Writes [sin, cos] of the angle 2π · (word + ½) / 2^32 for a uint32 `word`. Absolute error below 1e-15.
 * The quarter turn is exact in the integer; the rest, within ±π/4 of its middle, is a Taylor series.
 */
export function sinCosOfTurn(word: number, result: Float64Array): void {
  const quarter = word >>> 30;
  // −½ … ½ of a quarter turn around the quarter's middle.
  const fraction = ((word & 0x3fffffff) + 0.5) / powersOfTwo[30] - 0.5;
  const x = fraction * (Math.PI / 2);
  const sine = x * horner(sinSeries, x * x);
  const cosine = horner(cosSeries, x * x);
  // sin and cos of x + π/4, and then by quarter turns.
  const upper = (sine + cosine) * Math.SQRT1_2;
  const right = (cosine - sine) * Math.SQRT1_2;
  const swapped = quarter % 2 === 1;
  const sinValue = swapped ? right : upper;
  const cosValue = swapped ? -upper : right;
  result[0] = quarter < 2 ? sinValue : -sinValue;
  result[1] = quarter < 2 ? cosValue : -cosValue;
}
