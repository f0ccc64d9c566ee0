/** Successive over-relaxation (Young 1954): steps, and by how much each overshoots. */
const relaxation = { steps: 60, factor: 1.6 } as const;
/** How strongly the result is held to the means: changes over more than about 1 / √pull pixels are theirs. */
const pull = 0.01;

/** What is laid into the hole of one channel. */
export interface CopiedChannel {
  /** [height, width]: known values outside the hole, the means of all patches inside: where the solver starts. */
  readonly values: Float32Array;
  /** The value that pixel `pixel` of the hole's patch `patch` copies for itself or a neighbour. */
  readonly copied: (patch: number, pixel: number) => number;
}

/**
 * Puts copied patches into the hole so that no seam shows: inside, differences between neighbours are those of what was
 * copied; at the border the picture goes on; where patches meet, their differences are averaged. Pérez, Gangnet and
 * Blake, "Poisson Image Editing", 2003, with a weak pull towards `values`, so that errors stay where they are made.
 *
 * @param hole [height, width]; 1 = filled here. @param patches [height, width]: the patch of each pixel of the hole.
 * @returns [height, width], `values` outside the hole.
 */
export function blendGradients(
  { values, copied }: CopiedChannel,
  hole: Uint8Array,
  patches: Int32Array,
  width: number,
  height: number,
): Float32Array {
  const inside: number[] = [];
  for (let pixel = 0; pixel < hole.length; pixel++) if (hole[pixel] === 1) inside.push(pixel);
  const wanted = new Float32Array(inside.length);
  const neighbours = new Int32Array(4 * inside.length).fill(-1);
  const counts = new Uint8Array(inside.length);
  inside.forEach((pixel, at) => {
    const x = pixel % width;
    const y = (pixel - x) / width;
    const here = copied(patches[pixel], pixel);
    for (const [dx, dy] of [[-1, 0], [1, 0], [0, -1], [0, 1]]) {
      if (x + dx < 0 || x + dx >= width || y + dy < 0 || y + dy >= height) continue;
      const other = pixel + dy * width + dx;
      neighbours[4 * at + counts[at]++] = other;
      const mine = here - copied(patches[pixel], other);
      const theirs =
        hole[other] === 1 ? copied(patches[other], pixel) - copied(patches[other], other) : mine;
      wanted[at] += (mine + theirs) / 2;
    }
    wanted[at] += pull * values[pixel];
  });
  const result = values.slice();
  for (let step = 0; step < relaxation.steps; step++) {
    for (let at = 0; at < inside.length; at++) {
      let sum = wanted[at];
      for (let k = 4 * at; k < 4 * at + counts[at]; k++) sum += result[neighbours[k]];
      const pixel = inside[at];
      result[pixel] += relaxation.factor * (sum / (counts[at] + pull) - result[pixel]);
    }
  }
  return result;
}
