import type { TokenGeometry } from '../control/index.ts';
import type { DitCall, VaePass, VideoSize } from '../flops/index.ts';
import type { FloatType, ModelGraph, Precision, RopeTables, TextPrecision } from '../graph/index.ts';
import type { SingleFileLayout } from './single-file.ts';

/** What a published folder says of itself, before anything of it is checked. */
export interface SourceConfigs {
  /** `_class_name` of model_index.json; absent where the folder has no such file. */
  readonly pipelineClass?: string;
  /** transformer/config.json as parsed. */
  readonly transformer: unknown;
}

/** What is in the hole of the control picture: mid grey, or colours drawn in from the border. */
export type FillKind = 'grey' | 'push-pull';

/**
 * How a family's models are run where neither hetcut.json nor the job says otherwise; `src-main/models/settings.ts` says
 * what each field means.
 */
export interface FamilyDefaults {
  readonly fill: FillKind;
  readonly guidanceScale: number;
  readonly negativePrompt: string;
  readonly removalPrompt: string;
  readonly recommendedSteps: number;
  readonly strength: number;
  readonly workingPixels: number;
  /** 1 + k · the geometry's temporal stride. */
  readonly maxWindowFrames: number;
  readonly overlapFrames: number;
  readonly textTokens: number;
}

/**
 * The graphs of a transformer: variants of one network on one file of weights, in which the first one's parameters set
 * the order. Inputs by name, each only where the network has it: tokens [B, n, tokenLength], timestep [B], control
 * [B, n, controlLength], ropeCos and ropeSin as `rope` makes them, text [B, L, textDim], controlScale [hints]. Output:
 * velocity [B, n, tokenLength].
 */
export interface TransformerGraphs {
  /** Tokens in, velocity out. */
  readonly plain: ModelGraph;
  /** Also says what chooses the context tokens of partial steps; absent: no method that selects can be used. */
  readonly selection?: ModelGraph;
  /**
   * Keeps what its tokens are looked at by, for partial steps on the others: as it is, or in eight bits; absent: partial
   * steps of that kind are not planned.
   */
  readonly cached?: ModelGraph;
  readonly cachedInt8?: ModelGraph;
  /** Takes attention outputs of an earlier call; absent: no method that reuses them can be used. */
  readonly broadcast?: ModelGraph;
  /** Only the features by which caches judge the distance between steps: temb, timestepProj, modulatedInput. */
  readonly drift: ModelGraph;
  /** Of a large network `plain` with its first blocks alone (`TransformerSpec.probe`): quick to open and to time. */
  readonly probe?: ModelGraph;
}

/** Grid of the tokens of a window, frames with those of references. */
export interface TokenGridSize {
  readonly frames: number;
  readonly rows: number;
  readonly cols: number;
}

/** A transformer of some size: what the program has to know to feed it, to cost it and to build it. Pure. */
export interface TransformerSpec {
  /** Elements of one token of the sample and of the velocity: patchEdge² · latent channels. */
  readonly tokenLength: number;
  /** Elements of one control token. */
  readonly controlLength: number;
  /** Length of one row of the text embedding; 0: the network reads no text. */
  readonly textDim: number;
  /** Hints of the control branch, each with a weight; 0: the graph has no input `controlScale`. */
  readonly hints: number;
  /** Attention outputs of the `broadcast` graph: [blocks, B, n, width]; what the `cached` ones keep, by block. */
  readonly blocks: number;
  readonly width: number;
  rope(grid: TokenGridSize): RopeTables;
  /** Floating-point operations of one call. */
  flops(call: DitCall): number;
  /** An estimate of what is live at once in one call beyond the weights, in bytes; `type`: of its products. */
  liveBytes(call: { readonly tokens: number; readonly streams: number }, type: FloatType): number;
  /** What the graph `probe` is of, where there is one. */
  readonly probe?: TransformerSpec;
  graphs(precision: Precision): TransformerGraphs;
}

/**
 * The graphs of a VAE. encoder: video [1, 3, T, H, W] to mean; decoder: z to video, both float32 at the border.
 * `…First` and `…Next` take a clip in chunks with explicit state; a VAE has all four of them or none. `…Fine` and
 * `…Coarse` are a coder in two parts, between them `features` [1, C, t, h, w] float32 at the latents' size: the fine part
 * can be run on tiles of the picture; all four or none.
 */
export interface VaeGraphs {
  readonly encoder: ModelGraph;
  readonly encoderFirst?: ModelGraph;
  readonly encoderNext?: ModelGraph;
  readonly decoder: ModelGraph;
  readonly decoderFirst?: ModelGraph;
  readonly decoderNext?: ModelGraph;
  readonly encoderFine?: ModelGraph;
  readonly encoderCoarse?: ModelGraph;
  readonly decoderCoarse?: ModelGraph;
  readonly decoderFine?: ModelGraph;
}

/** A video autoencoder of some size. Sizes are of the video, in pixels and frames. Pure. */
export interface VaeSpec {
  readonly inChannels: number;
  readonly latentChannels: number;
  /** [latentChannels]: the denoiser works on (latent − mean) / std. */
  readonly latentsMean: readonly number[];
  readonly latentsStd: readonly number[];
  /** Pixels of a latent cell along each side, and frames of a latent frame after the first. */
  readonly spatialFactor: number;
  readonly temporalFactor: number;
  /** False: clips go through whole, whatever memory that takes. */
  readonly hasChunkGraphs: boolean;
  /**
   * Latent cells around a tile that must be computed with it for its own to be right; absent: there are no graphs for
   * tiles.
   */
  readonly tileHalo?: number;
  /** Floating-point operations of one pass, all at once unless it is said otherwise. */
  encodeFlops(size: VideoSize, pass?: VaePass): number;
  decodeFlops(size: VideoSize, pass?: VaePass): number;
  /** An estimate of the memory that one pass takes beyond weights and video, in bytes. */
  peakBytes(part: 'encoder' | 'decoder', size: VideoSize, pass: VaePass): number;
  graphs(precision: Precision): VaeGraphs;
}

/** A text encoder of some size: inputIds int64 [1, L] to embeddings [1, L, textDim]. Pure. */
export interface TextEncoderSpec {
  /** Other names under which a tensor may be stored, by its usual name. */
  readonly aliases: Readonly<Record<string, readonly string[]>>;
  flops(tokens: number): number;
  /** Bytes of its table of the vocabulary, of which a text reads its own rows alone. */
  tableBytes(precision: TextPrecision): number;
  graph(precision: TextPrecision): ModelGraph;
}

/** One window as the generator sees it. */
export interface WindowPicture {
  /** [3, T, H, W] float32 in −1…1; inside the mask whatever fills it. */
  readonly video: Float32Array;
  /** [T, H, W] float32, 1 = generate. */
  readonly mask: Float32Array;
  readonly frames: number;
  readonly height: number;
  readonly width: number;
  /** Reference pictures [3, H, W] float32 in −1…1, on the video's canvas; none for families that take none. */
  readonly references?: readonly Float32Array[];
}

/** What the network is shown of a window beside its noisy sample. Tokens run frame, row, column, references first. */
export interface ControlTokens {
  /** [n, controlLength] float32 */
  readonly control: Float32Array;
  /** The source as far as it is known, latents as tokens [n, tokenLength] float32, references among them. */
  readonly source: Float32Array;
}

/** How a family shows its network what stays and what goes. Pure: the VAE is run by whoever asks. */
export interface ControlLayout {
  /** Whether a picture of what should be generated can be shown; each takes a latent frame in front of the clip's. */
  readonly takesReferences: boolean;
  /** Videos of the window's length that are encoded, for the forecast of the time. */
  readonly passes: number;
  /** The videos that are to be encoded, each [3, frames, H, W] float32 in −1…1. */
  videos(picture: WindowPicture): readonly { readonly data: Float32Array; readonly frames: number }[];
  /** The tokens, of the normalised latents of `videos` in their order, each [latentChannels, t, h, w] float32. */
  tokens(picture: WindowPicture, latents: readonly Float32Array[], latentChannels: number): ControlTokens;
}

/**
 * A family of models: everything that its models have in common and others have not. One file each, and one line in
 * `family-table.ts`; nothing else of the program names a family.
 */
export interface ModelFamily {
  /** In manifests and in `model list`. */
  readonly name: string;
  /** What a folder is recognised by, for the message about one that nobody knows. */
  readonly recognisedBy: string;
  recognises(source: SourceConfigs): boolean;
  readonly geometry: TokenGeometry;
  /** Its models take things out better than texture from around them does, though they follow no prompt. */
  readonly madeForRemoval?: true;
  /** What its makers allow, a sentence that whoever imports a model of it must accept; absent: nothing to accept. */
  readonly licence?: string;
  readonly defaults: FamilyDefaults;
  readonly control: ControlLayout;
  /** Each reads its part's config.json; throws HetcutError naming `file`, field and value. */
  transformer(config: unknown, file: string): TransformerSpec;
  vae(config: unknown, file: string): VaeSpec;
  /** How single files hold its parts; absent: only folders are read. */
  readonly singleFiles?: {
    readonly transformer: SingleFileLayout;
    readonly vae: SingleFileLayout;
    readonly textEncoder?: SingleFileLayout;
    /** scheduler_config.json of the released models. */
    readonly scheduler: unknown;
  };
  /** Absent: the family has no text encoder; what a folder has of one is left alone. */
  textEncoder?(config: unknown, file: string): TextEncoderSpec;
}
