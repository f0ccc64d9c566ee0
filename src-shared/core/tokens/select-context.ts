import { assertLength } from '../control/index.ts';
import { evenlySpread } from './evenly-spread.ts';

/** How a partial step chooses the context tokens it computes: HetCache's way, and its ablations. */
export type SelectionKind = 'clusters+importance' | 'clusters' | 'importance' | 'uniform';

/** What a selection chooses from. m: context tokens, n: all tokens. */
export interface SelectionInput {
  /** [m], ascending indices of 0 … n − 1. */
  readonly context: Int32Array;
  /** Share that is kept, 0 … 1. Higher: closer to the full step, and slower. */
  readonly keep: number;
  /** Sets which tokens an even spread takes; an integer. Seeds that count up let all tokens have their turn. */
  readonly seed: number;
  /** [n], higher is kept first; equal ones: the lower token. Read only where the selection `usesImportance`. */
  readonly importance?: Float32Array;
  /** [m], the cluster, 0 … clusters − 1, of each context token. Read only where the selection `usesClusters`. */
  readonly assignment?: Int32Array;
  readonly clusters?: number;
}

export interface Selection {
  readonly usesImportance: boolean;
  readonly usesClusters: boolean;
  /**
   * The kept context tokens, ascending, exactly `keptCount(m, keep)` of them.
   * Throws RangeError where what it uses is missing or of another length.
   */
  select(input: SelectionInput): Int32Array;
}

/**
 * All ways to select. With clusters, each cluster contributes its share (`shares`), so that no kind of content is dropped
 * altogether; without, all context tokens are one group. Within a group the most important are kept, or an even spread.
 */
export const selections: Readonly<Record<SelectionKind, Selection>> = {
  'clusters+importance': selection(true, true),
  clusters: selection(true, false),
  importance: selection(false, true),
  uniform: selection(false, false),
};

/** How many of m context tokens a share of `keep` (0 … 1) is: the nearest whole number, halves up. */
export function keptCount(contextTokens: number, keep: number): number {
  return Math.round(keep * contextTokens);
}

function selection(usesClusters: boolean, usesImportance: boolean): Selection {
  return {
    usesClusters,
    usesImportance,
    select(input) {
      const { context } = input;
      const groups = usesClusters ? groupByCluster(input) : [Array.from(context)];
      const choose = usesImportance ? mostImportant(importanceOf(input)) : evenly(input.seed);
      const counts = shares(
        groups.map((group) => group.length),
        keptCount(context.length, input.keep),
      );
      return Int32Array.from(groups.flatMap((group, c) => choose(group, counts[c]))).sort();
    },
  };
}

/** Takes `count` tokens of an ascending list. */
type Choice = (tokens: number[], count: number) => number[];

function mostImportant(importance: Float32Array): Choice {
  return (tokens, count) =>
    [...tokens].sort((a, b) => importance[b] - importance[a] || a - b).slice(0, count);
}

function evenly(seed: number): Choice {
  return (tokens, count) => evenlySpread(tokens.length, count, seed).map((at) => tokens[at]);
}

function importanceOf({ context, importance }: SelectionInput): Float32Array {
  const tokens = (context.at(-1) ?? -1) + 1;
  if (importance === undefined || importance.length < tokens) {
    throw new RangeError(`importance: ${importance?.length ?? 0} elements, expected ${tokens} or more`);
  }
  return importance;
}

/** The tokens of each cluster, ascending. */
function groupByCluster({ context, assignment, clusters = 0 }: SelectionInput): number[][] {
  assertLength('assignment', assignment?.length ?? 0, context.length);
  const groups = Array.from({ length: clusters }, (): number[] => []);
  assignment?.forEach((cluster, i) => {
    if (!(cluster >= 0 && cluster < clusters)) {
      throw new RangeError(`assignment: cluster ${cluster}, of ${clusters}`);
    }
    groups[cluster].push(context[i]);
  });
  return groups;
}

/**
 * Splits `kept` over groups in proportion to their sizes, to the last one (Hamilton's largest remainder): each gets
 * ⌊kept · size / total⌋, and those with the largest remainders one more; equal remainders: the lower group first.
 * Whole numbers throughout, so that no rounding decides. No group gets more than it has.
 */
function shares(sizes: readonly number[], kept: number): number[] {
  const total = sizes.reduce((sum, size) => sum + size, 0);
  // One token at least, so that nothing of nothing is 0 and not NaN.
  const divisor = Math.max(1, total);
  const remainders = sizes.map((size) => (kept * size) % divisor);
  const counts = sizes.map((size, c) => (kept * size - remainders[c]) / divisor);
  const left = kept - counts.reduce((sum, count) => sum + count, 0);
  const order = remainders.map((_, c) => c).sort((a, b) => remainders[b] - remainders[a] || a - b);
  for (const c of order.slice(0, left)) counts[c]++;
  return counts;
}
