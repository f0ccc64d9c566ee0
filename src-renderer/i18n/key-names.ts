import { text, type TextKey } from './text.ts';

/** Keys whose names differ from language to language; others stand on the keyboard as they are written here. */
const named: Readonly<Record<string, TextKey>> = {
  Ctrl: 'key.ctrl',
  Shift: 'key.shift',
  Alt: 'key.alt',
  Enter: 'key.enter',
  Space: 'key.space',
  Delete: 'key.delete',
  Home: 'key.home',
  End: 'key.end',
  Esc: 'key.esc',
};

/** As macOS writes them, in every language, without a sign between them. */
const onMac: Readonly<Record<string, string>> = {
  Ctrl: '⌘',
  Shift: '⇧',
  Alt: '⌥',
  Enter: '↩',
  Delete: '⌫',
  Home: '↖',
  End: '↘',
};
/** The order in which macOS writes what is held. */
const heldOnMac = ['Alt', 'Shift', 'Ctrl'];

/** Whose keyboard is typed on, wherever the program runs. */
const isOnMac = (): boolean => navigator.platform.startsWith('Mac');

/** Keys as `keysOf` of state/key-events.ts writes them ("Ctrl+Shift+Z"), as they stand on this keyboard. */
export function keyNames(keys: string, isMac = isOnMac()): string {
  // The last may be a plus.
  const parts = keys.split(/\+(?=.)/);
  if (!isMac) return parts.map((part) => (part in named ? text(named[part]) : part)).join('+');
  const held = heldOnMac.filter((key) => parts.slice(0, -1).includes(key));
  return [...held, parts[parts.length - 1]]
    .map((part) => onMac[part] ?? (part in named ? text(named[part]) : part))
    .join('');
}
