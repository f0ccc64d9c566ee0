import { GapErrors } from './gap-errors.ts';
import { partialErrorAt, type PartialErrors } from './partial-errors.ts';
import type { ScheduleFacts, ScheduleLetters } from './schedule-search.ts';

/** The best schedule found whose full and partial steps together take so much. */
export interface PartialPoint {
  readonly full: number;
  readonly partial: number;
  readonly letters: ScheduleLetters;
  /** As `SchedulePoint.error`. */
  readonly error: number;
}

/** A full call in the units that costs are counted in. */
const unitsOfFull = 20;

/** A point is kept where it is better than every cheaper one by at least this factor. */
const worthwhile = 0.97;

/** What may follow a call, by the number of steps until the next one. */
interface Follow {
  readonly errors: Float64Array;
  readonly letters: readonly ('r' | 'f')[];
}

/**
 * The best schedules of full, partial and reuse steps, by dynamic programming over the last two calls and the cost. The
 * first two calls are full, and after each full one comes at most one partial one: it looks at what the last two full ones
 * kept. Its error e is taken to be independent of what its gap adds: it is in the result times w of its own step
 * and of those that take it over.
 *
 * @param share  what a partial step costs, of a full one
 * @param mostCost  in full calls
 * @returns with rising cost and falling error; those alone that have partial steps
 */
export function searchPartials(
  facts: ScheduleFacts,
  table: PartialErrors,
  share: number,
  mostCost: number,
): PartialPoint[] {
  const steps = facts.gram.length;
  const ofPartial = Math.max(1, Math.round(share * unitsOfFull));
  const levels = Math.floor(mostCost * unitsOfFull) + 1;
  const states = new States(steps);
  const follows = followsOf(facts, table, states);
  const best = Array.from({ length: levels }, () => new Float64Array(states.count).fill(Infinity));
  const from = Array.from({ length: levels }, () => new Int32Array(states.count).fill(-1));
  if (unitsOfFull < levels) best[unitsOfFull][states.of(0, -1, false)] = 0;
  for (let level = unitsOfFull; level < levels; level++) {
    for (let state = 0; state < states.count; state++) {
      const error = best[level][state];
      if (error === Infinity) continue;
      const { last, before, partial } = states.parts(state);
      const { errors } = follows(state);
      const step = (to: number, cost: number, total: number): void => {
        const next = level + cost;
        if (next >= levels || total >= best[next][to]) return;
        best[next][to] = total;
        from[next][to] = state;
      };
      for (let call = last + 1; call < steps; call++) {
        const total = error + errors[call - last - 1];
        step(states.of(call, last, false), unitsOfFull, total);
        if (!partial && before >= 0) step(states.of(call, last, true), ofPartial, total);
      }
    }
  }
  const points: PartialPoint[] = [];
  let least = Infinity;
  for (let level = unitsOfFull; level < levels; level++) {
    let [error, end] = [Infinity, -1];
    for (let state = 0; state < states.count; state++) {
      if (best[level][state] === Infinity) continue;
      const { errors } = follows(state);
      const total = best[level][state] + errors[steps - states.parts(state).last - 1];
      if (total < error) [error, end] = [total, state];
    }
    const root = Math.sqrt(error);
    if (!(root < least * worthwhile)) continue;
    least = root;
    const letters = walkBack(level, end, steps, states, follows, from, ofPartial);
    const count = (letter: string): number => [...letters].filter((one) => one === letter).length;
    if (count('P') > 0) points.push({ full: count('F'), partial: count('P'), letters, error: root });
  }
  return points;
}

/** The last call, the one before it (−1: none) and whether the last was partial, as one number. */
class States {
  readonly #steps: number;

  constructor(steps: number) {
    this.#steps = steps;
  }

  get count(): number {
    return 2 * this.#steps * (this.#steps + 1);
  }

  of(last: number, before: number, partial: boolean): number {
    return 2 * (last * (this.#steps + 1) + before + 1) + (partial ? 1 : 0);
  }

  parts(state: number): { readonly last: number; readonly before: number; readonly partial: boolean } {
    const pair = state >> 1;
    return {
      last: Math.floor(pair / (this.#steps + 1)),
      before: (pair % (this.#steps + 1)) - 1,
      partial: state % 2 === 1,
    };
  }
}

/** What each state's gap adds, worked out when first asked for. */
function followsOf(facts: ScheduleFacts, table: PartialErrors, states: States): (state: number) => Follow {
  const gaps = new GapErrors(facts);
  const known: (Follow | undefined)[] = [];
  return (state) => {
    const found = known[state];
    if (found !== undefined) return found;
    const { last, before, partial } = states.parts(state);
    const own = partial ? partialErrorAt(table, before, last - before) ** 2 : 0;
    const ways = gaps.ways(last, before < 0 ? undefined : before);
    const total = ways.map((way) =>
      way.map(({ error, weight }) => error + own * (gaps.weights[last] + weight) ** 2),
    );
    const errors = new Float64Array(total[0].length);
    const letters = ways[0].map((_, d) => {
      const forecast = total.length > 1 && total[1][d] < total[0][d];
      errors[d] = total[forecast ? 1 : 0][d];
      return forecast ? ('f' as const) : ('r' as const);
    });
    return (known[state] = { errors, letters });
  };
}

function walkBack(
  level: number,
  end: number,
  steps: number,
  states: States,
  follows: (state: number) => Follow,
  from: readonly Int32Array[],
  ofPartial: number,
): ScheduleLetters {
  const letters = new Array<string>(steps);
  let next = steps;
  let state = end;
  let at = level;
  while (state >= 0) {
    const { last, partial } = states.parts(state);
    letters.fill(follows(state).letters[next - last - 1], last + 1, next);
    letters[last] = partial ? 'P' : 'F';
    next = last;
    const previous = from[at][state];
    at -= partial ? ofPartial : unitsOfFull;
    state = previous;
  }
  return letters.join('');
}
