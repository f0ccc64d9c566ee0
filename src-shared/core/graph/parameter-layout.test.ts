import { describe, expect, it } from 'vitest';
import { GraphBuilder, layoutParameters, type FloatType, type ModelGraph } from './index.ts';

function graphOf(weights: Readonly<Record<string, number>>, type: FloatType = 'float32'): ModelGraph {
  const g = new GraphBuilder('graph');
  for (const [name, length] of Object.entries(weights)) g.parameter(name, [length], { type });
  return g.toModelGraph();
}

describe('layoutParameters', () => {
  it('places weights page by page in the order of use, shared ones once', () => {
    const layout = layoutParameters(
      [graphOf({ a: 1024, b: 1025 }), graphOf({ b: 1025, c: 1 })],
      'part.weights',
    );
    expect([...layout.placements]).toEqual([
      ['a', { file: 'part.weights', offset: 0, length: 4096 }],
      ['b', { file: 'part.weights', offset: 4096, length: 4100 }],
      ['c', { file: 'part.weights', offset: 12288, length: 4 }],
    ]);
    expect(layout.parameters.map(({ name }) => name)).toEqual(['a', 'b', 'c']);
    expect(layout.fileBytes).toBe(12292);
  });

  it('counts two bytes for float16', () => {
    expect(layoutParameters([graphOf({ a: 3 }, 'float16')], 'f').fileBytes).toBe(6);
  });

  it('stays exact beyond 4 GiB', () => {
    const layout = layoutParameters([graphOf({ big: 2 ** 31, next: 1 })], 'f');
    expect(layout.placements.get('next')).toEqual({ file: 'f', offset: 2 ** 33, length: 4 });
  });

  it('refuses graphs that want one weight in two forms', () => {
    expect(() => layoutParameters([graphOf({ a: 3 }), graphOf({ a: 3 }, 'float16')], 'f')).toThrow(
      /weight a differs between graphs that share f/,
    );
  });
});
