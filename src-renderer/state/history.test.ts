import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { amend, change, redo, startHistory, undo, type History } from './history.ts';

interface Document {
  values: Record<string, number>;
  list: number[];
  note: string;
}

type Action =
  | { readonly kind: 'set'; readonly name: string; readonly value: number; readonly key?: string }
  | { readonly kind: 'push'; readonly value: number }
  | { readonly kind: 'drop' }
  | { readonly kind: 'undo' }
  | { readonly kind: 'redo' };

const action: fc.Arbitrary<Action> = fc.oneof(
  fc.record({
    kind: fc.constant('set' as const),
    name: fc.constantFrom('a', 'b'),
    value: fc.integer({ min: 0, max: 3 }),
  }),
  fc.record({
    kind: fc.constant('set' as const),
    name: fc.constantFrom('a', 'b'),
    value: fc.integer({ min: 0, max: 3 }),
    key: fc.constantFrom('drag a', 'drag b'),
  }),
  fc.record({ kind: fc.constant('push' as const), value: fc.integer({ min: 0, max: 3 }) }),
  fc.constant({ kind: 'drop' as const }),
  fc.constant({ kind: 'undo' as const }),
  fc.constant({ kind: 'redo' as const }),
);

function applyTo(document: Document, action: Action): void {
  if (action.kind === 'set') document.values[action.name] = action.value;
  if (action.kind === 'push') document.list.push(action.value);
  if (action.kind === 'drop') document.list.shift();
}

const empty: Document = { values: {}, list: [], note: '' };

/** What a history must be, with whole documents instead of patches. */
class Snapshots {
  done: { readonly before: Document; readonly key: string | undefined }[] = [];
  undone: { readonly after: Document; readonly key: string | undefined }[] = [];
  present = structuredClone(empty);

  act(action: Action): void {
    if (action.kind === 'undo') {
      const step = this.done.pop();
      if (step === undefined) return;
      this.undone.push({ after: this.present, key: step.key });
      this.present = step.before;
    } else if (action.kind === 'redo') {
      const step = this.undone.pop();
      if (step === undefined) return;
      this.done.push({ before: this.present, key: step.key });
      this.present = step.after;
    } else {
      const next = structuredClone(this.present);
      applyTo(next, action);
      if (JSON.stringify(next) === JSON.stringify(this.present)) return;
      const key = action.kind === 'set' ? action.key : undefined;
      const joins = key !== undefined && this.done.at(-1)?.key === key && this.undone.length === 0;
      if (!joins) this.done.push({ before: this.present, key });
      this.undone = [];
      this.present = next;
    }
  }
}

function act(history: History<Document>, action: Action): History<Document> {
  if (action.kind === 'undo') return undo(history);
  if (action.kind === 'redo') return redo(history);
  const key = action.kind === 'set' ? action.key : undefined;
  return change(
    history,
    action.kind,
    (document) => {
      applyTo(document, action);
    },
    key,
  );
}

describe('history', () => {
  it('equals whole snapshots over any changes, undos and redos', () => {
    fc.assert(
      fc.property(fc.array(action, { maxLength: 40 }), (actions) => {
        const reference = new Snapshots();
        let history = startHistory(structuredClone(empty));
        for (const one of actions) {
          history = act(history, one);
          reference.act(one);
          expect(history.present).toEqual(reference.present);
          expect(history.done.length).toBe(reference.done.length);
          expect(history.undone.length).toBe(reference.undone.length);
        }
      }),
      { numRuns: 500 },
    );
  });

  it('undoes a whole drag at once, and keeps the drag before an undo apart', () => {
    const set = (value: number): Action => ({ kind: 'set', name: 'a', value, key: 'drag' });
    let history = [1, 2, 3].map(set).reduce(act, startHistory(structuredClone(empty)));
    expect(history.done).toHaveLength(1);
    history = undo(history);
    expect(history.present.values).toEqual({});
    history = act(history, set(2));
    expect(history.done).toHaveLength(1);
    expect(undo(history).present.values).toEqual({});
  });

  it('keeps what the program left, whatever is undone and redone', () => {
    let history = act(startHistory(structuredClone(empty)), { kind: 'push', value: 1 });
    history = amend(history, (document) => {
      document.note = 'result';
    });
    history = undo(history);
    expect(history.present).toEqual({ ...empty, note: 'result' });
    expect(redo(history).present).toEqual({ ...empty, list: [1], note: 'result' });
  });

  it('drops the oldest steps beyond 500', () => {
    let history = startHistory(structuredClone(empty));
    for (let i = 1; i <= 502; i++) history = act(history, { kind: 'set', name: 'a', value: i });
    expect(history.done).toHaveLength(500);
    for (let i = 0; i < 600; i++) history = undo(history);
    expect(history.present.values).toEqual({ a: 2 });
  });
});
