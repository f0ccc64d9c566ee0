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

/** Whether letters are text to what has the focus. */
export function isTyping(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement &&
    (target.isContentEditable || ['INPUT', 'TEXTAREA', 'SELECT'].includes(target.tagName))
  );
}

/** Whether the key belongs to what has the focus: text fields, and what arrows move. */
export function isTaken(target: EventTarget | null, key: string): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (isTyping(target)) return true;
  if (document.querySelector('[role="dialog"], [role="menu"]') !== null) return true;
  const moves = key.startsWith('Arrow') || key === 'Home' || key === 'End';
  if (moves)
    return (
      target.closest('[role="slider"], [role="radiogroup"], [role="group"], [role="separator"]') !== null
    );
  // A button that the keyboard came to is pressed by Space; one that was clicked gives the key back to play.
  return key === ' ' && target.matches('button:focus-visible, [role="button"]:focus-visible');
}
