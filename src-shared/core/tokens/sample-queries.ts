import { evenlySpread } from './evenly-spread.ts';

/**
 * At most `count` of the generative tokens, ascending and evenly spread over the list: the queries whose attention says
 * how important context tokens are. All of them where there are no more than `count`, none of none.
 *
 * @param seed an integer; another one, other tokens.
 */
export function sampleQueries(generative: Int32Array, count: number, seed: number): Int32Array {
  return Int32Array.from(evenlySpread(generative.length, count, seed), (at) => generative[at]);
}
