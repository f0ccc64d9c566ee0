import type { SelectAnswer } from '../engine/select/select-request.ts';
import type { StartHost } from './message-loop.ts';
import { QuestionHost } from './question-host.ts';
import type { Selector } from './selector.ts';

/** Frames and OpenCV are not kept for longer than this after the last click. */
const idleMs = 120_000;

/** A selector in a process of its own; errors: those of the selector, and of `QuestionHost`. */
export function openHostedSelector(
  startHost: StartHost,
  home: string,
  onNote: (text: string) => void,
): { readonly select: Selector; readonly close: () => void } {
  const host = new QuestionHost(startHost, 'selecting', home, onNote, idleMs);
  return {
    // The host answers what it was asked.
    select: (select) => host.ask({ about: 'select', select }) as Promise<SelectAnswer>,
    close: () => host.close(),
  };
}
