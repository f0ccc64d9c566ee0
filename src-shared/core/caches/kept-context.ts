import type { CachedTokens, CacheRun, KeptStep, StepView } from './cache-method.ts';
import type { ScheduleLetters } from './schedule-search.ts';

/** The full steps that kept tokens: newest last, at most two. */
export type SavedContext = readonly KeptStep[];

/**
 * Which full steps of a planned schedule keep the context: those that are the last or the one before it of a partial step.
 */
export function keepingSteps(letters: ScheduleLetters): boolean[] {
  const keeping = new Array<boolean>(letters.length).fill(false);
  const full: number[] = [];
  [...letters].forEach((letter, step) => {
    if (letter === 'F') full.push(step);
    if (letter === 'P') for (const kept of full.slice(-2)) keeping[kept] = true;
  });
  return keeping;
}

/** What a run's partial steps look at without computing it: the context, as the last two full steps kept it. */
export class KeptContext {
  readonly #run: Pick<CacheRun, 'sigmas'>;
  readonly #kept: KeptStep[];

  constructor(run: Pick<CacheRun, 'sigmas'>, saved: SavedContext = []) {
    this.#run = run;
    this.#kept = [...saved];
  }

  save(): SavedContext {
    return [...this.#kept];
  }

  /** Those that the steps from `nextStep` of a planned schedule still look at; without one all. */
  stillNeeded(letters: ScheduleLetters | undefined, nextStep: number): readonly KeptStep[] {
    if (letters === undefined) return this.save();
    const next = letters.indexOf('P', nextStep);
    if (next < 0) return [];
    const before = [...letters.slice(nextStep, next)].filter((letter) => letter === 'F').length;
    return before >= 2 ? [] : this.#kept.slice(before - 2);
  }

  /** A full step has kept the whole context. */
  keep({ stepIndex, sample }: StepView, keep: Int32Array): void {
    this.#kept.push({ stepIndex, sample, keep });
    if (this.#kept.length > 2) this.#kept.shift();
  }

  /** For a partial step: `tokens` of the context, carried on to its noise level. */
  at({ stepIndex }: StepView, tokens: Int32Array): CachedTokens {
    const { sigmas } = this.#run;
    const [before, last = before] = this.#kept;
    if (last === before) return { tokens, reach: 0 };
    const from = sigmas[last.stepIndex];
    return { tokens, reach: (sigmas[stepIndex] - from) / (from - sigmas[before.stepIndex]) };
  }
}
