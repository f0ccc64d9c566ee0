/**
 * An event's keys as the window writes them: "Ctrl+Shift+Z", "Alt+1", "Shift+ArrowLeft", "K", "?". On a Mac, Command
 * counts as Ctrl.
 */
export function keysOf(event: KeyboardEvent): string {
  const ctrl = event.ctrlKey || event.metaKey;
  const modified = ctrl || event.altKey;
  const isLetter = /^[a-z]$/i.test(event.key);
  // What a keyboard without Latin letters writes, and what Alt makes of a digit, is told by where the key lies.
  const lies = modified && !isLetter ? /^(?:Key|Digit)(.)$/.exec(event.code)?.[1] : undefined;
  const key = lies ?? (event.key.length === 1 ? event.key.toUpperCase() : event.key);
  // What Shift makes of other keys differs from keyboard to keyboard.
  const shift = event.shiftKey && (modified || isLetter || event.key.startsWith('Arrow'));
  return [...(ctrl ? ['Ctrl'] : []), ...(event.altKey ? ['Alt'] : []), ...(shift ? ['Shift'] : []), key].join(
    '+',
  );
}

const notTyped: ReadonlySet<string> = new Set(['checkbox', 'radio', 'range', 'color', 'file', 'button']);
const movedByArrows =
  'input, [role="slider"], [role="radiogroup"], [role="group"], [role="tablist"], [role="separator"]';
const pressedBySpace =
  'button, input, summary, [role="button"], [role="checkbox"], [role="switch"], [role="radio"]';

/** Whether letters are text to what has the focus. */
export function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (target.tagName === 'INPUT') return !notTyped.has((target as HTMLInputElement).type);
  return target.isContentEditable || target.tagName === 'TEXTAREA' || target.tagName === 'SELECT';
}

/** Whether the key belongs to what has the focus: text fields, and what arrows move. */
export function isTaken(target: EventTarget | null, key: string): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (isTyping(target)) return true;
  if (document.querySelector('[role="dialog"], [role="menu"], [role="listbox"]') !== null) return true;
  const moves = key.startsWith('Arrow') || key === 'Home' || key === 'End';
  if (moves) return target.closest(movedByArrows) !== null;
  // What was clicked has given the focus back (`returnFocus`): the keyboard came to this one.
  return key === ' ' && target.closest(pressedBySpace) !== null;
}
