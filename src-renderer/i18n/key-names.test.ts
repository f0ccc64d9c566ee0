import { describe, expect, it } from 'vitest';
import { keyNames } from './key-names.ts';
import { setLanguage, startLanguage } from './text.ts';

describe('keys are named', () => {
  it.each([
    ['Ctrl+Shift+Z', 'Ctrl+Shift+Z', 'Strg+Umschalt+Z', '⇧⌘Z'],
    ['Ctrl+Enter', 'Ctrl+Enter', 'Strg+Eingabe', '⌘↩'],
    ['Alt+1', 'Alt+1', 'Alt+1', '⌥1'],
    ['Space', 'Space', 'Leertaste', 'Leertaste'],
    ['Home', 'Home', 'Pos1', '↖'],
    ['End', 'End', 'Ende', '↘'],
    ['Delete', 'Del', 'Entf', '⌫'],
    ['Esc', 'Esc', 'Esc', 'Esc'],
    ['Shift+K', 'Shift+K', 'Umschalt+K', '⇧K'],
    ['Ctrl+Shift+←→↑↓', 'Ctrl+Shift+←→↑↓', 'Strg+Umschalt+←→↑↓', '⇧⌘←→↑↓'],
    ['Ctrl++', 'Ctrl++', 'Strg++', '⌘+'],
    ['[', '[', '[', '['],
  ])('%s', async (keys, english, german, germanOnMac) => {
    await startLanguage('en');
    expect(keyNames(keys, false)).toBe(english);
    setLanguage('de');
    expect(keyNames(keys, false)).toBe(german);
    expect(keyNames(keys, true)).toBe(germanOnMac);
  });
});
