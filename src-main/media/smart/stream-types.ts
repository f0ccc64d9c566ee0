/** What two streams must have in common to be decoded as one: names for people, and values. */
export type StreamFacts = Readonly<Record<string, string | number | boolean>>;

/** The parameter sets of a stream (`avcC`, `hvcC`). */
export interface StreamConfig {
  /** The box's content. */
  readonly bytes: Buffer;
  /** Bytes of the length before each unit. */
  readonly lengthSize: number;
  /** All units with parameters. */
  readonly sets: readonly Buffer[];
  readonly facts: StreamFacts;
  /** Code points of H.273 that the stream itself states: 2 where it does not. */
  readonly colour: StreamColour;
  /** Pictures that are held back until it is their turn, and pictures that a decoder keeps. */
  readonly decodedPictures: number;
  /** Width to height of a pixel, as "16:15"; "0:1" where the stream does not say. */
  readonly aspect: string;
}

export interface StreamColour {
  readonly primaries: number;
  readonly transfer: number;
  readonly matrix: number;
  readonly full: boolean;
}

/** What a picture of a stream is, by its units. */
export type PictureKind =
  /** Decoding can start, and nothing before it is needed by what follows. */
  | 'closed'
  /** Decoding can start, but pictures that follow may need what came before. */
  | 'open'
  /** Decoding becomes right some pictures later. */
  | 'refresh'
  | 'other';

/** What encoding has to know of the stream that it is to match. */
export interface MatchWish {
  readonly config: StreamConfig;
  /** The most pictures that are stored before one that is shown earlier. */
  readonly reorder: number;
  /** Every picture is a key picture. */
  readonly intraOnly: boolean;
}

/** How a codec's streams are read, matched and joined. */
export interface StreamRules {
  readonly encoder: 'libx264' | 'libx265';
  /** Of the sample description in a file. */
  readonly box: 'avcC' | 'hvcC';
  /** Throws `CopyRefusal` where nothing can be joined to such a stream. */
  readConfig(bytes: Buffer): StreamConfig;
  isSet(unit: Buffer): boolean;
  kindOf(units: readonly Buffer[]): PictureKind;
  /** Parameters of x264 or x265 behind their usual ones, so that its stream has the same facts. */
  parameters(wish: MatchWish): readonly string[];
  /** Options of ffmpeg besides. */
  options(wish: MatchWish): readonly string[];
  /** Makes the encoder's stream fit behind the source's. */
  joiner(source: StreamConfig, encoded: StreamConfig): StreamJoiner;
}

export interface StreamJoiner {
  /** Both streams' parameters, as the box holds them. */
  readonly config: Buffer;
  /** A unit of the encoder's as it is in the joined stream; undefined: left out. */
  unit(encoded: Buffer): Buffer | undefined;
}
