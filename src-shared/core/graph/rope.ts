/** Cosines and sines of rotary position embeddings: float32 [tokens, columns], row-major. */
export interface RopeTables {
  readonly cos: Float32Array;
  readonly sin: Float32Array;
  readonly tokens: number;
  /** head_dim / 2 */
  readonly columns: number;
}

/**
 * Wan's rotary tables for the token grid (diffusers' WanRotaryPosEmbed): the pairs of one head are divided among
 * frame, row and column: rows and columns get 2·⌊headDim/6⌋ elements each, frames the rest, in the order frame, row,
 * column. Along an axis with `size` elements pair i of position p turns by p / theta^(2i/size).
 * Tokens run frame, row, column. Angles in float64, tables in float32.
 */
export function ropeTables(
  gridFrames: number,
  gridRows: number,
  gridCols: number,
  headDim: number,
  theta = 10000,
): RopeTables {
  const spatialSize = 2 * Math.floor(headDim / 6);
  const frequencies = [headDim - 2 * spatialSize, spatialSize, spatialSize].map((size) =>
    Array.from({ length: size / 2 }, (_, i) => 1 / theta ** ((2 * i) / size)),
  );
  const tokens = gridFrames * gridRows * gridCols;
  const columns = headDim / 2;
  const cos = new Float32Array(tokens * columns);
  const sin = new Float32Array(tokens * columns);
  let cell = 0;
  for (let frame = 0; frame < gridFrames; frame++) {
    for (let row = 0; row < gridRows; row++) {
      for (let col = 0; col < gridCols; col++) {
        for (const [axis, position] of [frame, row, col].entries()) {
          for (const frequency of frequencies[axis]) {
            cos[cell] = Math.cos(position * frequency);
            sin[cell] = Math.sin(position * frequency);
            cell++;
          }
        }
      }
    }
  }
  return { cos, sin, tokens, columns };
}

/** The rows of the tokens `indices`, in that order: the tables of a step that runs on those tokens only. */
export function ropeRows(tables: RopeTables, indices: ArrayLike<number>): RopeTables {
  const { columns } = tables;
  const cos = new Float32Array(indices.length * columns);
  const sin = new Float32Array(indices.length * columns);
  for (let i = 0; i < indices.length; i++) {
    const start = indices[i] * columns;
    cos.set(tables.cos.subarray(start, start + columns), i * columns);
    sin.set(tables.sin.subarray(start, start + columns), i * columns);
  }
  return { cos, sin, tokens: indices.length, columns };
}
