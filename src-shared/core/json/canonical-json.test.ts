import fc from 'fast-check';
import { expect, it } from 'vitest';
import { canonicalJson } from './index.ts';

it('orders keys, leaves out undefined, and keeps arrays as they are', () => {
  expect(canonicalJson({ b: [2, 1, null], a: { d: 'x"', c: undefined, B: true } })).toBe(
    '{"a":{"B":true,"d":"x\\""},"b":[2,1,null]}',
  );
});

it('says the same whatever the order of the keys, and nothing else', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (value) => {
      const turned = Object.fromEntries(Object.entries(value).reverse());
      expect(canonicalJson(turned)).toBe(canonicalJson(value));
      expect(JSON.parse(canonicalJson(value))).toEqual(JSON.parse(JSON.stringify(value)));
    }),
    { seed: 20_26 },
  );
});
