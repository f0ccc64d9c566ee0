import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { keptCount, selections, type SelectionInput, type SelectionKind } from './index.ts';

const kinds = Object.keys(selections) as SelectionKind[];
const choose = (kind: SelectionKind, input: SelectionInput): number[] => [...selections[kind].select(input)];

/** Ten context tokens 1, 3, … 19 in clusters of 6 (0), 3 (1) and 1 (2); token 2i + 1 has importance[2i + 1]. */
const context = Int32Array.from({ length: 10 }, (_, i) => 2 * i + 1);
const assignment = Int32Array.of(0, 0, 1, 0, 1, 2, 0, 1, 0, 0);
const importance = new Float32Array(20);
[5, 1, 9, 2, 8, 0, 4, 7, 3, 6].forEach((value, i) => (importance[context[i]] = value));
const example: SelectionInput = { context, assignment, importance, clusters: 3, keep: 0.5, seed: 0 };

describe('keptCount', () => {
  it('rounds to the nearest, halves up', () => {
    expect([
      keptCount(11, 0.7),
      keptCount(10, 0.75),
      keptCount(5, 0),
      keptCount(5, 1),
      keptCount(0, 0.7),
    ]).toEqual([8, 8, 0, 5, 0]);
  });
});

describe('selections, by hand', () => {
  it('clusters+importance: the best of each cluster', () => {
    // 5 of 10: 3 + 1.5 + 0.5; the one left over goes to cluster 1, the lower of two halves.
    // Cluster 0 is tokens 1, 3, 7, 13, 17, 19 of 5, 1, 2, 4, 3, 6: 19, 1, 13. Cluster 1: 5, 9, 15 of 9, 8, 7: 5, 9.
    expect(choose('clusters+importance', example)).toEqual([1, 5, 9, 13, 19]);
  });

  it('clusters: an even spread over each cluster', () => {
    // Of cluster 0 the 1st, 3rd and 5th; of cluster 1 the 1st and (⌊3/2⌋) 2nd.
    expect(choose('clusters', example)).toEqual([1, 5, 7, 9, 17]);
  });

  it('importance: the best of all', () => {
    expect(choose('importance', example)).toEqual([1, 5, 9, 15, 19]);
  });

  it('uniform: an even spread over all', () => {
    expect(choose('uniform', example)).toEqual([1, 5, 9, 13, 17]);
    expect(choose('uniform', { ...example, seed: 1 })).toEqual([3, 7, 11, 15, 19]);
  });

  it('ties of importance keep the lower token', () => {
    const flat = { ...example, importance: new Float32Array(20).fill(1) };
    expect(choose('importance', flat)).toEqual([1, 3, 5, 7, 9]);
    expect(choose('clusters+importance', flat)).toEqual([1, 3, 5, 7, 9]);
  });

  it('the largest remainder comes first, whatever its place', () => {
    // 7 of 10: 4.2 + 2.1 + 0.7: the cluster of one keeps its token.
    const kept = choose('clusters+importance', { ...example, keep: 0.7 });
    expect(kept.filter((token) => token === 11)).toEqual([11]);
    expect(kept.length).toBe(7);
  });

  it('clusters that are empty get nothing', () => {
    const sparse = { ...example, assignment: assignment.map((cluster) => 2 * cluster + 1), clusters: 8 };
    expect(choose('clusters+importance', sparse)).toEqual(choose('clusters+importance', example));
  });
});

describe.each(kinds)('selection %s', (kind) => {
  it('keeps exactly as many as it must, ascending, each a context token', () => {
    const inputs = fc
      .record({ tokens: fc.integer({ min: 0, max: 60 }), clusters: fc.integer({ min: 1, max: 6 }) })
      .chain(({ tokens, clusters }) =>
        fc.record({
          context: fc
            .uniqueArray(fc.nat({ max: 99 }), { minLength: tokens, maxLength: tokens })
            .map((list) => Int32Array.from(list).sort()),
          importance: fc.float32Array({ minLength: 100, maxLength: 100, noNaN: true, min: 0, max: 1 }),
          assignment: fc
            .array(fc.nat({ max: clusters - 1 }), { minLength: tokens, maxLength: tokens })
            .map((list) => Int32Array.from(list)),
          clusters: fc.constant(clusters),
          keep: fc.double({ min: 0, max: 1, noNaN: true }),
          seed: fc.integer(),
        }),
      );
    fc.assert(
      fc.property(inputs, (input) => {
        const kept = choose(kind, input);
        expect(kept.length).toBe(keptCount(input.context.length, input.keep));
        expect(kept).toEqual([...new Set(kept)].sort((a, b) => a - b));
        expect(kept.filter((token) => !input.context.includes(token))).toEqual([]);
        checkShares(kind, input, kept);
        checkImportance(kind, input, kept);
        expect(choose(kind, input)).toEqual(kept);
      }),
      { seed: 23, numRuns: 300 },
    );
  });

  it('keeps all at 1, none at 0, none of none', () => {
    expect(choose(kind, { ...example, keep: 1 })).toEqual([...context]);
    expect(choose(kind, { ...example, keep: 0 })).toEqual([]);
    const none = { ...example, context: new Int32Array(0), assignment: new Int32Array(0) };
    expect(choose(kind, none)).toEqual([]);
  });

  it('asks for what it says it uses, and for nothing else', () => {
    const { usesClusters, usesImportance } = selections[kind];
    const bare = { context, keep: 0.5, seed: 0 };
    const input: SelectionInput = {
      ...bare,
      ...(usesImportance && { importance }),
      ...(usesClusters && { assignment, clusters: 3 }),
    };
    expect(choose(kind, input)).toEqual(choose(kind, example));
    if (usesImportance || usesClusters) expect(() => choose(kind, bare)).toThrow(RangeError);
    if (usesImportance) {
      expect(() => choose(kind, { ...input, importance: new Float32Array(19) })).toThrow('importance: 19');
    }
    if (usesClusters) {
      expect(() => choose(kind, { ...input, assignment: assignment.slice(1) })).toThrow(
        'assignment: 9 elements',
      );
      expect(() => choose(kind, { ...input, clusters: 2 })).toThrow('cluster 2, of 2');
    }
  });
});

/** Largest remainder leaves every cluster within one token of its exact share of what is kept. */
function checkShares(
  kind: SelectionKind,
  { context, assignment, clusters = 0 }: SelectionInput,
  kept: number[],
) {
  if (!selections[kind].usesClusters || assignment === undefined || kept.length === 0) return;
  for (let cluster = 0; cluster < clusters; cluster++) {
    const members = [...context].filter((_, i) => assignment[i] === cluster);
    const exact = (kept.length * members.length) / context.length;
    const taken = members.filter((token) => kept.includes(token)).length;
    expect(Math.abs(taken - exact)).toBeLessThan(1);
  }
}

/** No dropped token of a group beats a kept one of it. */
function checkImportance(kind: SelectionKind, input: SelectionInput, kept: number[]) {
  const { context, assignment, importance } = input;
  if (!selections[kind].usesImportance || importance === undefined || assignment === undefined) return;
  const groupOf = (i: number) => (selections[kind].usesClusters ? assignment[i] : 0);
  context.forEach((token, i) => {
    if (kept.includes(token)) return;
    context.forEach((other, j) => {
      if (!kept.includes(other) || groupOf(i) !== groupOf(j)) return;
      const beaten = importance[other] > importance[token];
      expect(beaten || (importance[other] === importance[token] && other < token)).toBe(true);
    });
  });
}
