import type { ModelCalibration } from '../../../src-shared/core/caches/index.ts';
import type {
  FillKind,
  ModelFamily,
  TextEncoderSpec,
  TransformerGraphs,
  TransformerSpec,
  VaeGraphs,
  VaeSpec,
} from '../../../src-shared/core/families/index.ts';
import type { FloatType, Precision, TextPrecision } from '../../../src-shared/core/graph/index.ts';
import type { SchedulerConfig } from '../../../src-shared/core/schedulers/index.ts';
import type { Vocabulary } from '../../../src-shared/core/words/index.ts';

/** How a model wants to be used; `src-main/models/settings.ts` says what each field means. */
export interface ModelSettings {
  readonly description: string;
  readonly fill: FillKind;
  readonly guidanceScale: number;
  readonly negativePrompt: string;
  readonly removalPrompt: string;
  readonly recommendedSteps: number;
  readonly strength: number;
  /** Absent: the scheduler configuration's own. */
  readonly flowShift?: number;
  readonly workingPixels: number;
  readonly maxWindowFrames: number;
  readonly overlapFrames: number;
  readonly textTokens: number;
  readonly followsPrompt: boolean;
  readonly stands: boolean;
  /** Absent: it reads free text, or none. */
  readonly vocabulary?: Vocabulary;
}

/** Paths of graphs, by what they are for; those that the model's family does not have are absent. */
export type GraphPaths<Role extends string> = Readonly<Partial<Record<Role, string>>>;

export type TransformerGraph = keyof TransformerGraphs;
export type VaeGraph = keyof VaeGraphs;

/** What is wrong with a model's calibration file: it is not whole, from a newer HetCut, or was made of another model. */
export type CalibrationProblem = 'damaged' | 'newer' | 'other-model';

/** An imported model, opened: where its graphs are and what they need. Paths are absolute. */
export interface ModelFolder {
  readonly id: string;
  readonly path: string;
  readonly family: ModelFamily;
  readonly precision: Precision;
  /** Of the text encoder, where there is one. */
  readonly textPrecision: TextPrecision;
  /** Element type of tokens, control, text, pictures and latents at the graphs' borders. */
  readonly type: FloatType;
  /** Changes whenever the imported bytes do. */
  readonly fingerprint: string;
  readonly transformer: { readonly graphs: GraphPaths<TransformerGraph>; readonly spec: TransformerSpec };
  readonly vae: { readonly graphs: GraphPaths<VaeGraph>; readonly spec: VaeSpec };
  /** Absent: the model has none; what text its transformer reads is zeros. */
  readonly textEncoder?: { readonly graph: string; readonly spec: TextEncoderSpec };
  /** Path of tokenizer.json; absent with `textEncoder`, or where the source had none. */
  readonly tokenizer?: string;
  /** Bytes of each part's files; 0 for a part that is not there. */
  readonly weightBytes: { readonly transformer: number; readonly vae: number; readonly textEncoder: number };
  readonly scheduler: SchedulerConfig;
  readonly settings: ModelSettings;
  /** What was measured of the model for caching. */
  readonly calibration: ModelCalibration;
  /** Why what this machine measured is not used; absent: it is, or nothing was measured. */
  readonly calibrationProblem?: CalibrationProblem;
}

/** Names all of a model that a result depends on: its bytes, its settings and its calibration. */
export function modelState({ fingerprint, calibration }: ModelFolder): string {
  return `${fingerprint} ${JSON.stringify(calibration)}`;
}
