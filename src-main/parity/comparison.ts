/** One comparison of what HetCut computes with what the reference computed. */
export interface ParityCase {
  /** Golden folder and what was compared: `A_wan_vace_dit/output_scale_ones`. */
  readonly name: string;
  /** Largest absolute difference; NaN or infinite (null in JSON) where nothing could be compared. */
  readonly maxAbs: number;
  /** Largest difference that passes. */
  readonly tolerance: number;
  readonly ok: boolean;
  /** Why nothing could be compared. */
  readonly error?: string;
}

/** Largest |actual − expected|: NaN where either holds one, infinite where the lengths differ. */
function largestDifference(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  if (actual.length !== expected.length) return Infinity;
  let largest = 0;
  for (let i = 0; i < expected.length; i++) {
    const difference = Math.abs(actual[i] - expected[i]);
    if (Number.isNaN(difference)) return NaN;
    if (difference > largest) largest = difference;
  }
  return largest;
}

/** Collects the comparisons of one golden folder. */
export class Comparisons {
  readonly cases: ParityCase[] = [];
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Compares element by element. */
  check(name: string, actual: ArrayLike<number>, expected: ArrayLike<number>, tolerance: number): void {
    const maxAbs = largestDifference(actual, expected);
    const lengths = `${actual.length} numbers, expected ${expected.length}`;
    this.cases.push({
      name: `${this.#folder}/${name}`,
      maxAbs,
      tolerance,
      // Written so that NaN fails; an empty comparison proves nothing.
      ok: expected.length > 0 && maxAbs <= tolerance,
      ...(maxAbs === Infinity && actual.length !== expected.length ? { error: lengths } : {}),
    });
  }

  /** Compares things that are right or wrong: the difference is how many are wrong, and none may be. */
  countFailures(name: string, isRight: readonly boolean[]): void {
    const wrong = isRight.filter((right) => !right).length;
    const rows = isRight.flatMap((right, row) => (right ? [] : [row])).join(', ');
    this.cases.push({
      name: `${this.#folder}/${name}`,
      maxAbs: wrong,
      tolerance: 0,
      ok: isRight.length > 0 && wrong === 0,
      ...(wrong === 0 ? {} : { error: `wrong rows: ${rows}` }),
    });
  }

  /** Compares with what is known to be wrong: right where the largest difference is `distance` or more. */
  checkDiffers(name: string, actual: ArrayLike<number>, wrong: ArrayLike<number>, distance: number): void {
    const largest = largestDifference(actual, wrong);
    // Another length or NaN is no difference that was meant.
    const ok = largest >= distance && largest < Infinity;
    this.cases.push({
      name: `${this.#folder}/${name}`,
      maxAbs: ok ? 0 : 1,
      tolerance: 0,
      ok,
      ...(ok ? {} : { error: `differs by ${largest}, expected at least ${distance}` }),
    });
  }

  /** Records a comparison that could not be made. */
  fail(name: string, error: string): void {
    this.cases.push({ name: `${this.#folder}/${name}`, maxAbs: NaN, tolerance: 0, ok: false, error });
  }
}
