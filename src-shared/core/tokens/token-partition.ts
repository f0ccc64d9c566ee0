/** Frames, rows and columns of tokens. Tokens run frame, row, column. */
export interface TokenGrid {
  readonly frames: number;
  readonly rows: number;
  readonly cols: number;
}

/**
 * The three kinds of token (HetCache): generative tokens hold masked pixels, margin tokens are near one that does,
 * context tokens are the rest. Indices ascend; together they are 0 … n − 1.
 */
export interface TokenPartition {
  readonly grid: TokenGrid;
  /** Tokens in all. */
  readonly count: number;
  readonly generative: Int32Array;
  readonly margin: Int32Array;
  readonly context: Int32Array;
}
