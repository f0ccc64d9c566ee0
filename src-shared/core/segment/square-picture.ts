/** A picture [height, width, 3] of RGB, 0…1, as planes [3, side, side], bilinear, minus `mean` and over `deviation`. */
export function squareRgb(
  rgb: ArrayLike<number>,
  width: number,
  height: number,
  side: number,
  { mean, deviation }: { readonly mean: readonly number[]; readonly deviation: readonly number[] },
): Float32Array {
  const square = new Float32Array(3 * side * side);
  for (let y = 0; y < side; y++) {
    const [top, bottom, down] = between(y, side, height);
    for (let x = 0; x < side; x++) {
      const [left, right, across] = between(x, side, width);
      for (let channel = 0; channel < 3; channel++) {
        const at = (row: number, column: number): number => rgb[3 * (row * width + column) + channel];
        const upper = at(top, left) + across * (at(top, right) - at(top, left));
        const lower = at(bottom, left) + across * (at(bottom, right) - at(bottom, left));
        const value = upper + down * (lower - upper);
        square[(channel * side + y) * side + x] = (value - mean[channel]) / deviation[channel];
      }
    }
  }
  return square;
}

/** The two pixels of a row of `from` pixels beside the centre of pixel `at` of `to`, and how far it is to the second. */
function between(at: number, to: number, from: number): readonly [number, number, number] {
  const place = Math.min(from - 1, Math.max(0, ((at + 0.5) * from) / to - 0.5));
  const first = Math.floor(place);
  return [first, Math.min(from - 1, first + 1), place - first];
}

/** Logits [side, side] as a mask [height, width]: 255 where they are above 0, bilinear. */
export function resizeLogits(
  logits: Float32Array,
  side: number,
  width: number,
  height: number,
): Uint8Array<ArrayBuffer> {
  const mask = new Uint8Array(width * height);
  for (let y = 0; y < height; y++) {
    const [top, bottom, down] = between(y, height, side);
    for (let x = 0; x < width; x++) {
      const [left, right, across] = between(x, width, side);
      const upper = logits[top * side + left] * (1 - across) + logits[top * side + right] * across;
      const lower = logits[bottom * side + left] * (1 - across) + logits[bottom * side + right] * across;
      if (upper * (1 - down) + lower * down > 0) mask[y * width + x] = 255;
    }
  }
  return mask;
}

/** A mask [height, width] as logits [side, side]: `strength` inside, −`strength` outside; the nearest pixel's. */
export function maskLogits(
  mask: Uint8Array,
  width: number,
  height: number,
  side: number,
  strength: number,
): Float32Array {
  return Float32Array.from({ length: side * side }, (_, at) => {
    const row = Math.min(height - 1, Math.floor((((at - (at % side)) / side + 0.5) * height) / side));
    const column = Math.min(width - 1, Math.floor((((at % side) + 0.5) * width) / side));
    return mask[row * width + column] > 127 ? strength : -strength;
  });
}

/** Labels of places in prompts: beside the object, on it, upper left and lower right corner of a box around it. */
const labels = { beside: 0, on: 1, boxFrom: 2, boxTo: 3 } as const;

type Place = readonly [number, number];

/** Prompts of a picture as `points` [count, 2] in pixels of the square, and `labels` [count]; a box comes first. */
export function placesIn(
  prompt: {
    readonly add: readonly Place[];
    readonly remove: readonly Place[];
    readonly box?: { readonly from: Place; readonly to: Place };
  },
  { width, height }: { readonly width: number; readonly height: number },
  side: number,
): { readonly points: Float32Array; readonly labels: Int32Array } {
  const { add, remove, box } = prompt;
  const all: (readonly [Place, number])[] = [
    ...(box === undefined
      ? []
      : ([
          [box.from, labels.boxFrom],
          [box.to, labels.boxTo],
        ] as const)),
    ...add.map((place) => [place, labels.on] as const),
    ...remove.map((place) => [place, labels.beside] as const),
  ];
  return {
    points: Float32Array.from(all.flatMap(([[x, y]]) => [(x * side) / width, (y * side) / height])),
    labels: Int32Array.from(all, ([, label]) => label),
  };
}
