/**
 * A projective map of the plane, [3, 3] row-major, float64, with the last entry 1: the point (x, y) in pixels goes
 * to ((h0·x + h1·y + h2) / w, (h3·x + h4·y + h5) / w), w = h6·x + h7·y + h8. Pixel centres are at whole numbers.
 */
export type Homography = Float64Array;

export const identityMotion = (): Homography => Float64Array.of(1, 0, 0, 0, 1, 0, 0, 0, 1);

/** True only for the exact identity: nothing moves and nothing needs to be resampled. */
export function isIdentity(motion: Homography): boolean {
  return motion.every((value, index) => value === (index % 4 === 0 ? 1 : 0));
}

/** `second` after `first`: the matrix product second × first, scaled so that its last entry is 1. */
export function chain(first: Homography, second: Homography): Homography {
  const product = new Float64Array(9);
  for (let row = 0; row < 3; row++) {
    for (let column = 0; column < 3; column++) {
      let sum = 0;
      for (let k = 0; k < 3; k++) sum += second[3 * row + k] * first[3 * k + column];
      product[3 * row + column] = sum;
    }
  }
  return normalised(product);
}

/** The inverse map (adjugate over its last entry); its entries are not finite where the map is singular. */
export function invert(motion: Homography): Homography {
  if (isIdentity(motion)) return identityMotion();
  const [a, b, c, d, e, f, g, h, i] = motion;
  const adjugate = Float64Array.of(
    e * i - f * h,
    c * h - b * i,
    b * f - c * e,
    f * g - d * i,
    a * i - c * g,
    c * d - a * f,
    d * h - e * g,
    b * g - a * h,
    a * e - b * d,
  );
  return normalised(adjugate);
}

/** From `target`'s pixels to `donor`'s, both given by their maps to common pixels; the exact identity where these are equal. */
export function motionBetween(target: Homography, donor: Homography): Homography {
  const same = target.every((value, entry) => value === donor[entry]);
  return same ? identityMotion() : chain(target, invert(donor));
}

/** (x, y) mapped by `motion`. For loops over many pixels, write the three sums out instead. */
export function mapPoint(motion: Homography, x: number, y: number): readonly [number, number] {
  const w = motion[6] * x + motion[7] * y + motion[8];
  return [(motion[0] * x + motion[1] * y + motion[2]) / w, (motion[3] * x + motion[4] * y + motion[5]) / w];
}

/**
 * A motion found in pictures reduced `factor` times by averaging factor × factor blocks, in full-size pixels.
 * A reduced pixel x covers the centre factor·x + (factor − 1) / 2.
 */
export function enlargeMotion(motion: Homography, factor: number): Homography {
  if (factor === 1 || isIdentity(motion)) return Float64Array.from(motion);
  const centre = (factor - 1) / 2;
  const toFull = Float64Array.of(factor, 0, centre, 0, factor, centre, 0, 0, 1);
  return chain(chain(invert(toFull), motion), toFull);
}

function normalised(motion: Float64Array): Homography {
  // Adding 0 turns -0 into 0.
  return motion.map((value) => value / motion[8] + 0);
}
