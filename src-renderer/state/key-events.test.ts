import { describe, expect, it } from 'vitest';
import { keysOf } from './key-events.ts';

const none = { ctrlKey: false, metaKey: false, altKey: false, shiftKey: false };
const keys = (key: string, code: string, held: Partial<typeof none> = {}): string =>
  keysOf({ ...none, ...held, key, code } as KeyboardEvent);

describe('keysOf', () => {
  it('names letters as they are written on the keyboard, wherever they lie', () => {
    expect(keys('k', 'KeyK')).toBe('K');
    expect(keys('K', 'KeyK', { shiftKey: true })).toBe('Shift+K');
    // German: Z lies where English keyboards have Y.
    expect(keys('z', 'KeyY', { ctrlKey: true })).toBe('Ctrl+Z');
    expect(keys('Z', 'KeyY', { ctrlKey: true, shiftKey: true })).toBe('Ctrl+Shift+Z');
  });

  it('goes by the place where the key writes no Latin letter', () => {
    expect(keys('я', 'KeyZ', { ctrlKey: true })).toBe('Ctrl+Z');
    expect(keys('¡', 'Digit1', { altKey: true })).toBe('Alt+1');
  });

  it('takes Command for Ctrl, and leaves Shift out where it only makes another sign', () => {
    expect(keys('s', 'KeyS', { metaKey: true })).toBe('Ctrl+S');
    expect(keys('?', 'Slash', { shiftKey: true })).toBe('?');
    expect(keys('?', 'Minus', { shiftKey: true })).toBe('?');
    expect(keys('ArrowLeft', 'ArrowLeft', { shiftKey: true })).toBe('Shift+ArrowLeft');
    expect(keys('Enter', 'Enter', { ctrlKey: true })).toBe('Ctrl+Enter');
  });
});
