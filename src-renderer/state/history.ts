import { applyPatches, enablePatches, produceWithPatches, type Patch } from 'immer';

enablePatches();

/** One step that can be undone. */
interface Step {
  readonly label: string;
  readonly forward: readonly Patch[];
  readonly backward: readonly Patch[];
  /** Changes of the same key in a row become one step: a slider's drag is undone at once. */
  readonly key?: string;
}

/** A document with everything that was done to it; data only, so that views can compare it by identity. */
export interface History<T> {
  readonly present: T;
  readonly done: readonly Step[];
  readonly undone: readonly Step[];
}

const maxSteps = 500;

export function startHistory<T>(present: T): History<T> {
  return { present, done: [], undone: [] };
}

/** The history with `recipe` done; unchanged where it changes nothing. */
export function change<T>(
  history: History<T>,
  label: string,
  recipe: (draft: T) => void,
  key?: string,
): History<T> {
  const [present, forward, backward] = produceWithPatches(history.present, (draft) => {
    recipe(draft as T);
  });
  if (forward.length === 0) return history;
  const last = history.done.at(-1);
  const joins = key !== undefined && last?.key === key && history.undone.length === 0;
  const step: Step = joins
    ? { ...last, forward: [...last.forward, ...forward], backward: [...backward, ...last.backward] }
    : { label, forward, backward, ...(key !== undefined && { key }) };
  const before = joins ? history.done.slice(0, -1) : history.done;
  return { present, done: [...before, step].slice(-maxSteps), undone: [] };
}

/** The same, but not to be undone: what a job left, a moved file. Steps before it stay undoable. */
export function amend<T>(history: History<T>, recipe: (draft: T) => void): History<T> {
  const [present] = produceWithPatches(history.present, (draft) => {
    recipe(draft as T);
  });
  return { ...history, present };
}

export function undo<T>(history: History<T>): History<T> {
  const step = history.done.at(-1);
  if (step === undefined) return history;
  return {
    present: applyPatches(history.present as object, [...step.backward]) as T,
    done: history.done.slice(0, -1),
    undone: [...history.undone, step],
  };
}

export function redo<T>(history: History<T>): History<T> {
  const step = history.undone.at(-1);
  if (step === undefined) return history;
  return {
    present: applyPatches(history.present as object, [...step.forward]) as T,
    done: [...history.done, step],
    undone: history.undone.slice(0, -1),
  };
}
