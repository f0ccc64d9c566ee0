import type {
  FloatType,
  Precision,
  Umt5Config,
  WanVaceConfig,
  WanVaeConfig,
} from '../../../src-shared/core/graph/index.ts';
import type { ModelCalibration } from '../../../src-shared/core/caches/index.ts';
import type { SchedulerConfig } from '../../../src-shared/core/schedulers/index.ts';

/** What is in the hole of the control picture. */
export type FillKind = 'grey' | 'push-pull';

/** How a model wants to be used; `src-main/models/settings.ts` says what each field means. */
export interface ModelSettings {
  readonly description: string;
  readonly fill: FillKind;
  readonly guidanceScale: number;
  readonly recommendedSteps: number;
  readonly strength: number;
  /** Absent: the scheduler configuration's own. */
  readonly flowShift?: number;
  readonly workingPixels: number;
  readonly maxWindowFrames: number;
  readonly overlapFrames: number;
  readonly textTokens: number;
  readonly followsPrompt: boolean;
}

export type TransformerGraph = keyof TransformerGraphPaths;

/** Paths of the transformer's graphs: variants of one network on one file of weights. */
export interface TransformerGraphPaths {
  /** Tokens in, velocity out. */
  readonly plain: string;
  /** Also says what chooses the context tokens of partial steps. */
  readonly selection: string;
  /** Takes attention outputs of an earlier call. */
  readonly broadcast: string;
  /** Only the features by which caches judge the distance between steps. */
  readonly drift: string;
}

/** Paths of the VAE's graphs: whole clips, and chunks with explicit state. */
export interface VaeGraphPaths {
  readonly encoder: string;
  readonly decoder: string;
  readonly encoderFirst: string;
  readonly encoderNext: string;
  readonly decoderFirst: string;
  readonly decoderNext: string;
}

/** An imported model, opened: where its graphs are and what they need. Paths are absolute. */
export interface ModelFolder {
  readonly id: string;
  readonly path: string;
  readonly precision: Precision;
  /** Element type of tokens, control, text, pictures and latents at the graphs' borders. */
  readonly type: FloatType;
  /** Changes whenever the imported bytes do. */
  readonly fingerprint: string;
  readonly transformer: { readonly graphs: TransformerGraphPaths; readonly config: WanVaceConfig };
  readonly vae: { readonly graphs: VaeGraphPaths; readonly config: WanVaeConfig };
  /** Absent: the model was made without a text encoder; its text input is zeros. */
  readonly textEncoder?: { readonly graph: string; readonly config: Umt5Config };
  /** Path of tokenizer.json; absent with `textEncoder`, or where the source had none. */
  readonly tokenizer?: string;
  /** Bytes of each part's files; 0 for a part that is not there. */
  readonly weightBytes: { readonly transformer: number; readonly vae: number; readonly textEncoder: number };
  readonly scheduler: SchedulerConfig;
  readonly settings: ModelSettings;
  /** What was measured of the model for caching. */
  readonly calibration: ModelCalibration;
}

/** Names all of a model that a result depends on: its bytes, its settings and its calibration. */
export function modelState({ fingerprint, calibration }: ModelFolder): string {
  return `${fingerprint} ${JSON.stringify(calibration)}`;
}
