/**
 * What a partial step that looks at the kept context is off by, from recorded runs: root mean square over the generative
 * tokens of its guided velocity against the whole network's on the same sample.
 */
export interface PartialErrors {
  /** Full steps that kept the context, ascending. */
  readonly after: readonly number[];
  /** Steps from there to the partial one, ascending. */
  readonly ages: readonly number[];
  /** [after][ages]; a row ends where the run does, and has at least one entry. */
  readonly errors: readonly (readonly number[])[];
}

/** One measurement. */
export interface PartialProbe {
  readonly after: number;
  readonly age: number;
  readonly error: number;
}

/** Of a smaller one nothing can be said in float32. */
const leastError = 1e-7;

/**
 * The errors in a table: the root mean square of what was measured alike. Full steps after which not every age was
 * measured that the ones before them had are cut to what they have in a row.
 */
export function partialErrorsOf(probes: readonly PartialProbe[]): PartialErrors {
  const ascending = (values: readonly number[]): number[] => [...new Set(values)].sort((a, b) => a - b);
  const ages = ascending(probes.map(({ age }) => age));
  const rowOf = (after: number): number[] => {
    const row: number[] = [];
    for (const age of ages) {
      const found = probes.filter((probe) => probe.after === after && probe.age === age);
      if (found.length === 0) break;
      const square = found.reduce((sum, { error }) => sum + error * error, 0) / found.length;
      row.push(Math.max(leastError, Math.sqrt(square)));
    }
    return row;
  };
  const rows = ascending(probes.map(({ after }) => after)).map((after) => ({ after, row: rowOf(after) }));
  const whole = rows.filter(({ row }) => row.length > 0);
  return { after: whole.map(({ after }) => after), ages, errors: whole.map(({ row }) => row) };
}

/** At `age` steps after the full step `after`: straight lines of logarithms, over age carried on, over steps level. */
export function partialErrorAt(table: PartialErrors, after: number, age: number): number {
  const logs = table.errors.map((row) => logAtAge(row, table.ages, age));
  const high = table.after.findIndex((step) => step >= after);
  if (high === 0) return Math.exp(logs[0]);
  if (high < 0) return Math.exp(logs[logs.length - 1]);
  const share = (after - table.after[high - 1]) / (table.after[high] - table.after[high - 1]);
  return Math.exp(logs[high - 1] + share * (logs[high] - logs[high - 1]));
}

function logAtAge(row: readonly number[], ages: readonly number[], age: number): number {
  if (row.length === 1) {
    // What is wrong grows about evenly with the distance.
    return Math.log(row[0]) + Math.log(age / ages[0]);
  }
  let i = 1;
  while (i < row.length - 1 && ages[i] < age) i++;
  const [x0, x1] = [Math.log(ages[i - 1]), Math.log(ages[i])];
  const [y0, y1] = [Math.log(row[i - 1]), Math.log(row[i])];
  return y0 + ((Math.log(age) - x0) / (x1 - x0)) * (y1 - y0);
}
