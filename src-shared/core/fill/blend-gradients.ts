/** Successive over-relaxation (Young 1954): steps, and by how much each overshoots. */
const relaxation = { steps: 30, factor: 1.85 } as const;
/** How strongly the result is held to the means: changes over more than about 1 / √pull pixels are theirs. */
const pull = 0.01;
/** What is laid into the hole. */
export interface CopiedPatches {
  readonly width: number;
  readonly height: number;
  /** [3, height, width]: known values outside the hole, the means of all patches inside: where the solver starts. */
  readonly values: Float32Array;
  /** [height, width]; 1 = filled here. */
  readonly hole: Uint8Array;
  /** [height, width]: the patch that each pixel of the hole belongs to. */
  readonly patches: Int32Array;
  /** Where two patches, or a patch and the picture, differ by much more than this, in levels, an edge may stand. */
  readonly edgeLevels: number;
  /** The value of `channel` that patch `patch` has at `pixel`: one of its own or a neighbour of one. */
  readonly copied: (channel: number, patch: number, pixel: number) => number;
}

/** Neighbours of the pixels of a hole, four entries each. */
interface Links {
  readonly inside: Int32Array;
  /** Index of the neighbour; −1 beyond the picture. */
  readonly other: Int32Array;
  /** How firmly the two hang together, 0…1. */
  readonly hold: Float32Array;
}

/**
 * Puts copied patches into the hole so that no seam shows: inside, differences between neighbours are those of what was
 * copied; at the border the picture goes on; where patches meet, their differences are averaged. Pérez, Gangnet and
 * Blake, "Poisson Image Editing", 2003, with a weak pull towards `values`, so that errors stay where they are made, and
 * loose where two sides differ much: the colour of a thing that ends at the hole must not run into it.
 *
 * @returns [3, height, width], `values` outside the hole.
 */
export function blendGradients(input: CopiedPatches): Float32Array {
  const links = linkPixels(input);
  const pixels = input.width * input.height;
  const result = input.values.slice();
  for (let channel = 0; channel < 3; channel++) {
    solve(
      result.subarray(channel * pixels, (channel + 1) * pixels),
      links,
      wantedSums(input, links, channel),
    );
  }
  return result;
}

function linkPixels({ hole, width, height, patches, copied, values, edgeLevels }: CopiedPatches): Links {
  const inside = Int32Array.from(hole.keys()).filter((pixel) => hole[pixel] === 1);
  const other = new Int32Array(4 * inside.length).fill(-1);
  const hold = new Float32Array(4 * inside.length);
  const steps = [-1, 1, -width, width];
  inside.forEach((pixel, at) => {
    const x = pixel % width;
    const within = [x > 0, x < width - 1, pixel >= width, pixel < width * (height - 1)];
    for (let k = 0; k < 4; k++) {
      if (!within[k]) continue;
      const next = pixel + steps[k];
      other[4 * at + k] = next;
      let square = 0;
      for (let channel = 0; channel < 3; channel++) {
        const theirs =
          hole[next] === 1 ? copied(channel, patches[next], next) : values[channel * hole.length + next];
        square += (copied(channel, patches[pixel], next) - theirs) ** 2;
      }
      hold[4 * at + k] = 1 / (1 + (square / edgeLevels ** 2) ** 2);
    }
  });
  return { inside, other, hold };
}

/** For every pixel of the hole the held sum of the differences to its neighbours, plus the pull. */
function wantedSums(
  { hole, patches, copied, values }: CopiedPatches,
  { inside, other, hold }: Links,
  channel: number,
): Float32Array {
  return Float32Array.from(inside, (pixel, at) => {
    const here = copied(channel, patches[pixel], pixel);
    let sum = pull * values[channel * hole.length + pixel];
    for (let k = 4 * at; k < 4 * at + 4; k++) {
      const next = other[k];
      if (next < 0) continue;
      const mine = here - copied(channel, patches[pixel], next);
      const theirs =
        hole[next] === 1
          ? copied(channel, patches[next], pixel) - copied(channel, patches[next], next)
          : mine;
      sum += (hold[k] * (mine + theirs)) / 2;
    }
    return sum;
  });
}

function solve(plane: Float32Array, { inside, other, hold }: Links, wanted: Float32Array): void {
  const { steps, factor } = relaxation;
  // Each pixel is a constant plus shares of its neighbours and of itself.
  const constant = new Float32Array(inside.length);
  const shares = new Float32Array(hold.length);
  const from = new Int32Array(hold.length);
  inside.forEach((pixel, at) => {
    const held = pull + hold[4 * at] + hold[4 * at + 1] + hold[4 * at + 2] + hold[4 * at + 3];
    constant[at] = (factor * wanted[at]) / held;
    for (let k = 4 * at; k < 4 * at + 4; k++) {
      shares[k] = (factor * hold[k]) / held;
      from[k] = other[k] < 0 ? pixel : other[k];
    }
  });
  for (let step = 0; step < steps; step++) {
    for (let at = 0, k = 0; at < inside.length; at++, k += 4) {
      plane[inside[at]] =
        (1 - factor) * plane[inside[at]] +
        constant[at] +
        shares[k] * plane[from[k]] +
        shares[k + 1] * plane[from[k + 1]] +
        shares[k + 2] * plane[from[k + 2]] +
        shares[k + 3] * plane[from[k + 3]];
    }
  }
}
