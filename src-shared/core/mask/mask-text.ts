const digits = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
const valueOfDigit = new Map([...digits].map((digit, value) => [digit, value]));
/** What a text of a mask with greys begins with. */
const greyMark = '~';

/** What `encodeMask` writes. */
export const maskTextPattern = /^~?[A-Za-z0-9+/]*$/;

/** A whole number from 0 as digits of five bits, the lowest first; the sixth bit says that another digit follows. */
function number(value: number): string {
  let text = '';
  let rest = value;
  do {
    const low = rest % 32;
    rest = (rest - low) / 32;
    text += digits[low + (rest > 0 ? 32 : 0)];
  } while (rest > 0);
  return text;
}

/** A whole number with its sign in the lowest bit. */
const signed = (value: number): string => number(value < 0 ? -2 * value - 1 : 2 * value);

/**
 * A mask as short text: lengths of the runs of one value in reading order, the first of zeros (it may be 0); the zeros at
 * the end are left out, so that an empty mask is an empty text. Each length is written as what it differs from the one
 * two before, which is about a row above. Masks of 0 and 255 change at each run; with greys the value follows each length.
 */
export function encodeMask(mask: Uint8Array): string {
  let last = mask.length;
  while (last > 0 && mask[last - 1] === 0) last--;
  const grey = mask.some((value) => value !== 0 && value !== 255);
  let text = last > 0 && grey ? greyMark : '';
  const lengths = [0, 0];
  let start = 0;
  let value = 0;
  for (let pixel = 0; pixel <= last; pixel++) {
    if (pixel < last && mask[pixel] === value) continue;
    if (last === 0) break;
    const length = pixel - start;
    text += signed(length - lengths[0]) + (grey ? number(value) : '');
    lengths.push(length);
    lengths.shift();
    start = pixel;
    value = mask[pixel];
  }
  return text;
}

/**
 * The mask that `encodeMask` was given. Throws a RangeError where the text is no mask of `pixels` pixels.
 *
 * @param pixels Of the mask, all that the text does not reach is 0.
 */
export function decodeMask(text: string, pixels: number): Uint8Array<ArrayBuffer> {
  const mask = new Uint8Array(pixels);
  readRuns(text, pixels, (value, start, end) => {
    if (value !== 0) mask.fill(value, start, end);
  });
  return mask;
}

/** Throws what `decodeMask` throws, and makes no mask: a document may claim any size. */
export function checkMaskText(text: string, pixels: number): void {
  readRuns(text, pixels, () => undefined);
}

/** Calls `onRun` with each run of one value: pixels [start, end). */
function readRuns(
  text: string,
  pixels: number,
  onRun: (value: number, start: number, end: number) => void,
): void {
  const grey = text.startsWith(greyMark);
  let at = grey ? 1 : 0;
  const next = (): number => {
    let value = 0;
    for (let factor = 1; ; factor *= 32) {
      const digit = valueOfDigit.get(text[at++]);
      if (digit === undefined || factor > 2 ** 40) throw new RangeError('the text of a mask is damaged');
      value += (digit % 32) * factor;
      if (digit < 32) return value;
    }
  };
  const lengths = [0, 0];
  let pixel = 0;
  let inside = false;
  while (at < text.length) {
    const change = next();
    const length = lengths[0] + (change % 2 === 0 ? change / 2 : -(change + 1) / 2);
    const value = grey ? next() : inside ? 255 : 0;
    if (length < 0 || pixel + length > pixels || value > 255)
      throw new RangeError('the text of a mask does not fit its picture');
    onRun(value, pixel, pixel + length);
    pixel += length;
    lengths.push(length);
    lengths.shift();
    inside = !inside;
  }
}
