/**
 * What keeps the focus when it is clicked: what is typed into, what chooses from a list of its own until that is done,
 * everything in dialogs and menus, and what says so by `data-keeps-focus`.
 */
const keeps =
  'input:not([type="checkbox"], [type="radio"], [type="range"]), textarea, select, [contenteditable="true"], ' +
  '[role="dialog"], [role="alertdialog"], [role="menu"], [role="listbox"], [data-keeps-focus]';
/** Ends with its choice. */
const choosers = 'select, input[type="color"]';

let lastInput: 'pointer' | 'keyboard' = 'keyboard';

/** Whether the last thing done was done with the pointer. */
export const wasPointed = (): boolean => lastInput === 'pointer';

/**
 * Gives the keyboard back to the window after a click: what was clicked would otherwise press itself at the next Space,
 * and swallow arrows. What the keyboard or a screen reader went to keeps the focus. Returns how to stop.
 */
export function returnFocus(): () => void {
  let clicking = false;
  const onPointerDown = (): void => {
    lastInput = 'pointer';
    clicking = true;
  };
  const onPointerUp = (): void => {
    // The click comes after it.
    setTimeout(() => (clicking = false));
  };
  const onKeyDown = (): void => {
    lastInput = 'keyboard';
    clicking = false;
  };
  const onFocus = ({ target }: Event): void => {
    if (clicking && target instanceof HTMLElement && target.closest(keeps) === null) target.blur();
  };
  const onChange = ({ target }: Event): void => {
    if (wasPointed() && target instanceof HTMLElement && target.matches(choosers)) target.blur();
  };
  const listeners = [
    ['pointerdown', onPointerDown],
    ['pointerup', onPointerUp],
    ['pointercancel', onPointerUp],
    ['keydown', onKeyDown],
    ['focusin', onFocus],
    ['change', onChange],
  ] as const;
  // Before anyone else, who may stop the event.
  for (const [type, listener] of listeners) window.addEventListener(type, listener, true);
  return () => {
    for (const [type, listener] of listeners) window.removeEventListener(type, listener, true);
  };
}
