/**
 * The thin face of one loaded ONNX graph. `src-main/ort` implements it; tests may fake it.
 * float16 data travels as its raw 16 bits.
 */
export type TensorValue =
  | { readonly type: 'float32'; readonly dims: readonly number[]; readonly data: Float32Array }
  | { readonly type: 'float16'; readonly dims: readonly number[]; readonly data: Uint16Array }
  | { readonly type: 'int64'; readonly dims: readonly number[]; readonly data: BigInt64Array }
  | { readonly type: 'int32'; readonly dims: readonly number[]; readonly data: Int32Array }
  | { readonly type: 'int8'; readonly dims: readonly number[]; readonly data: Int8Array }
  | { readonly type: 'bool'; readonly dims: readonly number[]; readonly data: Uint8Array };

export type TensorMap = Readonly<Record<string, TensorValue>>;

export interface Session {
  readonly inputNames: readonly string[];
  readonly outputNames: readonly string[];
  /** Runs the graph. `fetches`: the outputs wanted (default: all). Blocks its process until done. */
  run(feeds: TensorMap, fetches?: readonly string[]): Promise<TensorMap>;
  release(): Promise<void>;
}

/** An input or output of a graph; a length that is given by name, or below 0, may be any. */
export interface PortShape {
  readonly name: string;
  readonly shape: readonly (number | string)[];
}

/** A session that says what shapes its graph takes. */
export interface DescribedSession extends Session {
  readonly inputs: readonly PortShape[];
}

export type ExecutionProvider = 'cuda' | 'webgpu' | 'dml' | 'cpu';

export interface SessionOptions {
  /** Providers in order of preference; `cpu` is always the last resort. */
  readonly providers?: readonly ExecutionProvider[];
  /** Threads of the CPU provider; default: the machine's physical cores. */
  readonly threads?: number;
  /**
   * Memory of the CPU provider goes back to the system as soon as it is free, instead of being kept for the next call:
   * what a run takes is then what is live at once, about half; small graphs are slower.
   */
  readonly lean?: boolean;
}

export interface SessionFactory {
  /** Opens `modelPath` (a .onnx file; its external data next to it). Throws HetcutError naming the file. */
  open(modelPath: string, options?: SessionOptions): Promise<Session>;
}
