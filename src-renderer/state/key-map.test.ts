import { afterEach, describe, expect, it } from 'vitest';
import { chooseKeys, commandOf, commands, keysFor, readChosenKeys, usualKeys } from './key-map.ts';

afterEach(usualKeys);

describe('the key map', () => {
  it('has each key once', () => {
    const keys = Object.values(commands).map((command) => command.keys);
    expect(new Set(keys).size).toBe(keys.length);
  });

  it('gives a command other keys, and frees those that it had', () => {
    expect(chooseKeys('stop', 'Q')).toBeNull();
    expect([keysFor('stop'), commandOf('Q'), commandOf('K')]).toEqual(['Q', 'stop', undefined]);
    expect(chooseKeys('box', 'K')).toBeNull();
    usualKeys();
    expect([commandOf('K'), commandOf('R')]).toEqual(['stop', 'box']);
  });

  it('says who has the keys, and refuses those that others need', () => {
    expect(chooseKeys('stop', 'J')).toBe('backwards');
    expect(chooseKeys('stop', 'K')).toBeNull();
    for (const keys of [
      ' ',
      'Tab',
      'Enter',
      'ArrowLeft',
      'Shift+ArrowLeft',
      'Ctrl+S',
      'Alt+1',
      'Delete',
      '?',
    ])
      expect(chooseKeys('stop', keys)).toBe('fixed');
    expect(keysFor('stop')).toBe('K');
  });

  it('reads only what still means something', () => {
    expect(readChosenKeys('{"stop":"S","gone":"X","box":5}')).toEqual({ stop: 'S' });
    for (const broken of [null, '', '{', 'null', '7']) expect(readChosenKeys(broken)).toEqual({});
  });
});
