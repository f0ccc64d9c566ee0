import { describe, expect, it } from 'vitest';
import { de } from './de.ts';
import { en } from './en.ts';

/** The names in double braces, sorted. */
function placeholders(text: string): string[] {
  return [...text.matchAll(/\{\{(\w+)\}\}/g)].map(([, name]) => name).sort();
}

describe('catalogues', () => {
  it('have the same keys in the same order, none empty', () => {
    expect(Object.keys(de)).toEqual(Object.keys(en));
    for (const [key, text] of [...Object.entries(en), ...Object.entries(de)]) expect(text, key).not.toBe('');
  });

  it('fill in the same values', () => {
    for (const [key, text] of Object.entries(en)) {
      expect(placeholders(de[key as keyof typeof en]), key).toEqual(placeholders(text));
    }
  });
});
