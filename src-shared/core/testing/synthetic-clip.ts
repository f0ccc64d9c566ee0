/** A large textured picture that synthetic cameras look at: luma and two chroma planes, [height, width] each. */
export interface Scene {
  readonly width: number;
  readonly height: number;
  readonly planes: readonly [Float32Array, Float32Array, Float32Array];
}

/** Where a camera looks: frame pixel (x, y) sees the scene at centre + zoom · R(turn) · ((x, y) − frame centre). */
export interface View {
  readonly centreX: number;
  readonly centreY: number;
  readonly zoom: number;
  readonly turn: number;
}

/** A small generator of uniform numbers in [0, 1) (mulberry32), so that every run sees the same pictures. */
export function seededNumbers(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

/** Octaves of smooth noise, falling off as in photographs, under boxes with soft edges. */
export function makeScene(width: number, height: number, seed: number): Scene {
  const next = seededNumbers(seed);
  const octaves = (strengths: readonly (readonly [number, number])[], base: number) => {
    const plane = new Float32Array(width * height).fill(base);
    for (const [wavelength, strength] of strengths)
      addNoise(plane, width, height, wavelength, strength, next);
    return plane;
  };
  const planes = [
    octaves(
      [
        [96, 44],
        [48, 30],
        [24, 22],
        [12, 14],
        [6, 8],
      ],
      120,
    ),
    octaves(
      [
        [80, 24],
        [24, 10],
      ],
      128,
    ),
    octaves(
      [
        [80, 24],
        [24, 10],
      ],
      128,
    ),
  ] as const;
  for (let box = 0; box < (width * height) / 6000; box++) {
    const [x, y, w, h] = [next() * width, next() * height, 8 + next() * 50, 8 + next() * 50];
    const levels = [60 * (next() - 0.5), 30 * (next() - 0.5), 30 * (next() - 0.5)];
    for (let row = Math.max(0, Math.floor(y - h)); row < Math.min(height, y + h); row++) {
      for (let column = Math.max(0, Math.floor(x - w)); column < Math.min(width, x + w); column++) {
        const inside = Math.min(w - Math.abs(column - x), h - Math.abs(row - y)) / 2;
        const share = Math.min(1, Math.max(0, inside));
        planes.forEach((plane, index) => (plane[row * width + column] += share * levels[index]));
      }
    }
  }
  for (const plane of planes)
    plane.forEach((value, index) => (plane[index] = Math.min(235, Math.max(16, value))));
  return { width, height, planes };
}

function addNoise(
  plane: Float32Array,
  width: number,
  height: number,
  wavelength: number,
  strength: number,
  next: () => number,
): void {
  const columns = Math.ceil(width / wavelength) + 2;
  const lattice = Float32Array.from(
    { length: columns * (Math.ceil(height / wavelength) + 2) },
    () => next() - 0.5,
  );
  const ease = (t: number) => t * t * (3 - 2 * t);
  for (let y = 0; y < height; y++) {
    const row = Math.floor(y / wavelength);
    const ty = ease(y / wavelength - row);
    for (let x = 0; x < width; x++) {
      const column = Math.floor(x / wavelength);
      const tx = ease(x / wavelength - column);
      const at = row * columns + column;
      const upper = lattice[at] * (1 - tx) + lattice[at + 1] * tx;
      const lower = lattice[at + columns] * (1 - tx) + lattice[at + columns + 1] * tx;
      plane[y * width + x] += 2 * strength * (upper * (1 - ty) + lower * ty);
    }
  }
}

/** The homography [3, 3] from frame pixels to scene pixels. */
export function viewMatrix(view: View, width: number, height: number): Float64Array {
  const [cos, sin] = [view.zoom * Math.cos(view.turn), view.zoom * Math.sin(view.turn)];
  const [midX, midY] = [(width - 1) / 2, (height - 1) / 2];
  return Float64Array.of(
    cos, -sin, view.centreX - cos * midX + sin * midY,
    sin, cos, view.centreY - sin * midX - cos * midY,
    0, 0, 1,
  ); // prettier-ignore
}

/** What a camera sees: three planes [height, width], float32, full chroma, by bilinear interpolation. */
export function renderView(scene: Scene, view: View, width: number, height: number): Float32Array[] {
  const m = viewMatrix(view, width, height);
  return scene.planes.map((plane) => {
    const picture = new Float32Array(width * height);
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) {
        const u = Math.min(scene.width - 2, Math.max(0, m[0] * x + m[1] * y + m[2]));
        const v = Math.min(scene.height - 2, Math.max(0, m[3] * x + m[4] * y + m[5]));
        const [column, row] = [Math.floor(u), Math.floor(v)];
        const [tx, ty] = [u - column, v - row];
        const at = row * scene.width + column;
        const upper = plane[at] * (1 - tx) + plane[at + 1] * tx;
        const lower = plane[at + scene.width] * (1 - tx) + plane[at + scene.width + 1] * tx;
        picture[y * width + x] = upper * (1 - ty) + lower * ty;
      }
    }
    return picture;
  });
}

/**
 * Rounds a rendered picture to 8-bit 4:2:0 planes (chroma is the mean of 2 × 2 pixels), with Gaussian noise of
 * `sigma` levels on every sample. Width and height must be even.
 */
export function toPlanes(
  picture: readonly Float32Array[],
  width: number,
  height: number,
  sigma: number,
  next: () => number,
): [Uint8Array, Uint8Array, Uint8Array] {
  const noisy = (value: number) => {
    const noise =
      sigma === 0 ? 0 : sigma * Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next());
    return Math.min(255, Math.max(0, Math.round(value + noise)));
  };
  const halved = (plane: Float32Array) =>
    Uint8Array.from({ length: (width * height) / 4 }, (_, index) => {
      const at = 2 * (index % (width / 2)) + 2 * width * Math.floor(index / (width / 2));
      return noisy((plane[at] + plane[at + 1] + plane[at + width] + plane[at + width + 1]) / 4);
    });
  return [Uint8Array.from(picture[0], noisy), halved(picture[1]), halved(picture[2])];
}

/** Peak signal-to-noise ratio in dB, peak 255, over the samples where `where` is not 0. */
export function psnrWhere(
  actual: ArrayLike<number>,
  expected: ArrayLike<number>,
  where: ArrayLike<number>,
): number {
  let [sum, count] = [0, 0];
  for (let index = 0; index < actual.length; index++) {
    if (where[index] === 0) continue;
    sum += (actual[index] - expected[index]) ** 2;
    count++;
  }
  return 10 * Math.log10((255 * 255 * count) / sum);
}
