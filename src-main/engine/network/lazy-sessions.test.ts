import { expect, it } from 'vitest';
import { lazySessions, takeTurns } from './lazy-sessions.ts';
import type { Session, SessionFactory } from './session.ts';

/** A factory that writes down what is opened and closed. */
function recorder(): { readonly log: string[]; readonly factory: SessionFactory } {
  const log: string[] = [];
  const open = async (path: string): Promise<Session> => {
    log.push(`open ${path}`);
    return {
      inputNames: [],
      outputNames: [],
      run: async () => ({}),
      release: async () => void log.push(`close ${path}`),
    };
  };
  return { log, factory: { open } };
}

it('opens one part at a time where parts take turns', async () => {
  const { log, factory } = recorder();
  const [a, b] = takeTurns([
    lazySessions(factory, { first: 'a1', second: 'a2' }),
    lazySessions(factory, { first: 'b1' }),
  ]);
  await a.session('first');
  await a.session('second');
  await a.session('first');
  expect(log).toEqual(['open a1', 'open a2']);
  await b.session('first');
  expect(log.slice(2)).toEqual(['close a1', 'close a2', 'open b1']);
  await a.session('second');
  expect(log.slice(5)).toEqual(['close b1', 'open a2']);
  await a.release();
  await b.release();
  expect(log.slice(7)).toEqual(['close a2']);
});
