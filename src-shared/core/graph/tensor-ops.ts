import type { GraphBuilder, Value } from './graph-builder.ts';

/** Elementwise arithmetic with ONNX (numpy) broadcasting; both operands of one element type. */
export function add(g: GraphBuilder, a: Value, b: Value): Value {
  return g.op('Add', [a, b]);
}
export function sub(g: GraphBuilder, a: Value, b: Value): Value {
  return g.op('Sub', [a, b]);
}
export function mul(g: GraphBuilder, a: Value, b: Value): Value {
  return g.op('Mul', [a, b]);
}
export function div(g: GraphBuilder, a: Value, b: Value): Value {
  return g.op('Div', [a, b]);
}
export function matMul(g: GraphBuilder, a: Value, b: Value): Value {
  return g.op('MatMul', [a, b]);
}

/** Reshapes to constant `dims`: 0 keeps the axis at that place, one −1 is inferred. */
export function reshape(g: GraphBuilder, x: Value, dims: readonly number[]): Value {
  return g.op('Reshape', [x, g.ints(dims)]);
}

/** Output axis i is input axis perm[i]. */
export function transpose(g: GraphBuilder, x: Value, perm: readonly number[]): Value {
  return g.op('Transpose', [x], { perm });
}

export function concat(g: GraphBuilder, xs: readonly Value[], axis: number): Value {
  return g.op('Concat', xs, { axis });
}

/** x[start:end] along one axis; negative bounds count from the end; no `end` means up to the end. */
export function slice(g: GraphBuilder, x: Value, axis: number, start: number, end?: number, step = 1): Value {
  const stop = end ?? Number.MAX_SAFE_INTEGER;
  return g.op('Slice', [x, g.ints([start]), g.ints([stop]), g.ints([axis]), g.ints([step])]);
}

/** Cuts an axis into pieces of the given lengths. */
export function split(g: GraphBuilder, x: Value, axis: number, lengths: readonly number[]): Value[] {
  return g.ops('Split', [x, g.ints(lengths)], lengths.length, { axis });
}

/** Inserts axes of length 1 at the given places of the result. */
export function unsqueeze(g: GraphBuilder, x: Value, axes: readonly number[]): Value {
  return g.op('Unsqueeze', [x, g.ints(axes)]);
}
