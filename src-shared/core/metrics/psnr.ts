/** Squared differences of 8-bit samples, to be added up over the frames of a clip. */
export interface SquaredError {
  readonly sum: number;
  readonly samples: number;
}

export const noError: SquaredError = { sum: 0, samples: 0 };

export function addErrors(a: SquaredError, b: SquaredError): SquaredError {
  return { sum: a.sum + b.sum, samples: a.samples + b.samples };
}

/** Of two pictures, RGB bytes [height, width, 3], over the pixels where `mask` [height, width] is not 0. */
export function maskedSquaredError(a: Uint8Array, b: Uint8Array, mask: Uint8Array): SquaredError {
  let sum = 0;
  let pixels = 0;
  for (let pixel = 0; pixel < mask.length; pixel++) {
    if (mask[pixel] === 0) continue;
    pixels++;
    for (let i = 3 * pixel; i < 3 * pixel + 3; i++) sum += (a[i] - b[i]) * (a[i] - b[i]);
  }
  return { sum, samples: 3 * pixels };
}

/** Peak signal-to-noise ratio in dB, peak 255. Infinity where nothing differs, NaN where nothing was compared. */
export function psnrOf({ sum, samples }: SquaredError): number {
  return 10 * Math.log10((255 * 255 * samples) / sum);
}
