import { describe, expect, it } from 'vitest';
import { readConfigFields } from './index.ts';

const fields = readConfigFields(
  { size: 4, ratio: 0.5, deep: true, kind: 'x', dims: [1, 2], flags: [true, false], nothing: null },
  'vae/config.json',
);

describe('readConfigFields', () => {
  it('returns fields that have the asked type, and fallbacks for absent ones', () => {
    expect(fields.count('size')).toBe(4);
    expect(fields.number('ratio')).toBe(0.5);
    expect(fields.number('absent', 7)).toBe(7);
    expect(fields.positive('ratio')).toBe(0.5);
    expect(fields.optionalNumber('ratio')).toBe(0.5);
    expect(fields.optionalNumber('absent')).toBeUndefined();
    expect(fields.optionalNumber('nothing')).toBeUndefined();
    expect(fields.boolean('deep')).toBe(true);
    expect(fields.string('kind')).toBe('x');
    expect(fields.counts('dims')).toEqual([1, 2]);
    expect(fields.numbers('absent', [])).toEqual([]);
    expect(fields.booleans('flags')).toEqual([true, false]);
  });

  it('names file, field and value of a field that is absent or of another type', () => {
    expect(() => fields.number('absent')).toThrow(
      'vae/config.json: "absent" must be a number, but is nothing.',
    );
    expect(() => fields.count('ratio')).toThrow(/"ratio" must be an integer from 1 to 16777216, but is 0.5/);
    expect(() => fields.number('kind')).toThrow(/"kind" must be a number, but is "x"/);
    expect(() => readConfigFields({ shift: 0 }, 'c').positive('shift')).toThrow(/a number above 0, but is 0/);
    expect(() => fields.counts('flags')).toThrow(/"flags" must be a list of at most 16 integers/);
    expect(() => fields.number('nothing', 1)).toThrow(/"nothing" must be a number, but is null/);
  });

  it('refuses values outside the supported ones, by name', () => {
    expect(() => fields.only('kind', ['x', 'y'])).not.toThrow();
    expect(() => fields.only('absent', ['x'])).not.toThrow();
    expect(() => fields.only('dims', [[1, 2]])).not.toThrow();
    expect(() => fields.require('kind', ['x'])).not.toThrow();
    expect(() => fields.require('absent', ['x'])).toThrow(
      /"absent": nothing is not supported; supported: "x"/,
    );
    expect(() => fields.only('kind', ['y', null])).toThrow(
      /"kind": "x" is not supported; supported: "y", null/,
    );
  });

  it('believes no size that no model has, and quotes no more of it than is read', () => {
    const huge = readConfigFields(
      { a: 1e9, b: 1001, c: new Array<number>(17).fill(1), d: [1e6], e: 'x'.repeat(9999) },
      'c',
    );
    expect(() => huge.count('a')).toThrow(/"a" must be an integer from 1 to 16777216, but is 1000000000/);
    expect(() => huge.few('b')).toThrow(/"b" must be an integer from 1 to 1000, but is 1001/);
    expect(() => huge.counts('c')).toThrow(/"c" must be a list of at most 16 integers from 1 to 65536/);
    expect(() => huge.counts('d')).toThrow(/"d" must be a list of at most 16/);
    expect(() => huge.count('e')).toThrow(/^c: "e" must be .*, but is "x{199}…\.$/);
  });

  it('refuses a file that holds no object', () => {
    for (const json of [null, [], 3, 'text']) {
      expect(() => readConfigFields(json, 'config.json')).toThrow(/config.json does not hold a JSON object/);
    }
  });
});
