/**
 * What a checkpoint can hold and give back bit for bit. Whoever hands it out never writes to its arrays again, and
 * whoever takes it does not either. (Type aliases match it, interfaces do not.)
 */
export type PlainData =
  | undefined
  | boolean
  | number
  | string
  | Float32Array
  | Int32Array
  | readonly PlainData[]
  | { readonly [name: string]: PlainData };
