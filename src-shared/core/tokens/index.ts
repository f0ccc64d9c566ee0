export type { TokenGrid, TokenPartition } from './token-partition.ts';
export {
  defaultMargin,
  partitionTokens,
  type MarginTokens,
  type PartitionOptions,
} from './partition-tokens.ts';
export { gatherRows, scatterRows } from './token-rows.ts';
export { kMeans, type KMeansInput, type KMeansResult } from './k-means.ts';
export {
  keptCount,
  selections,
  type Selection,
  type SelectionInput,
  type SelectionKind,
} from './select-context.ts';
export { sampleQueries } from './sample-queries.ts';
