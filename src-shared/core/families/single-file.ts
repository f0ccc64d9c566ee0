/** Shape of each tensor of a file, by its name without what ComfyUI puts before it. */
export type TensorShapes = ReadonlyMap<string, readonly number[]>;

/**
 * How one file without a config.json holds a part of a model. Pure: the file is read by whoever asks.
 */
export interface SingleFileLayout {
  /** What such a file is, for messages. */
  readonly label: string;
  /** Whether these are the tensors of such a part. */
  recognises(tensors: TensorShapes): boolean;
  /** The part's config.json, from the shapes. Throws HetcutError naming `file` where they contradict each other. */
  config(tensors: TensorShapes, file: string): unknown;
  /** The name that the graphs know a tensor, or with `.weight` left out a module, by. */
  usualName(name: string): string;
  /** A module's name as the files have it, of one whose dots were made underscores (kohya's LoRAs); absent: there are none. */
  dottedName?(name: string): string;
}
