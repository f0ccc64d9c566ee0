/** An event's keys as `KeyboardEvent.key` writes them, letters in lower case; Ctrl+ and Shift+ before those that need it. */
export function keysOf(event: KeyboardEvent): string {
  const { key } = event;
  const ctrl = event.ctrlKey || event.metaKey ? 'Ctrl+' : '';
  // What Shift makes of other keys differs from keyboard to keyboard.
  const shift = event.shiftKey && (key.startsWith('Arrow') || /^[a-z]$/i.test(key)) ? 'Shift+' : '';
  return `${ctrl}${shift}${key.length === 1 ? key.toLowerCase() : key}`;
}

/** Whether the key belongs to what has the focus: text fields, and what arrows move. */
export function isTaken(target: EventTarget | null, key: string): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (target.isContentEditable || target.matches('input, textarea, select')) return true;
  if (document.querySelector('[role="dialog"], [role="menu"]') !== null) return true;
  const moves = key.startsWith('Arrow') || key === 'Home' || key === 'End';
  if (moves)
    return (
      target.closest('[role="slider"], [role="radiogroup"], [role="group"], [role="separator"]') !== null
    );
  // A button that the keyboard came to is pressed by Space; one that was clicked gives the key back to play.
  return key === ' ' && target.matches('button:focus-visible, [role="button"]:focus-visible');
}
