import type { ModelFamily } from '../../src-shared/core/families/index.ts';
import type { ModelGraph, Precision } from '../../src-shared/core/graph/index.ts';
import type { Session, SessionFactory, SessionOptions } from '../engine/network/session.ts';
import type { LoraRequest, PartName, SourcePart } from '../models/index.ts';
import type { Comparisons } from './comparison.ts';
import type { GoldenFolder } from './golden-folder.ts';
import type { Tolerances } from './tolerances.ts';

/** What a kind of golden folder gets to work with. */
export interface ParityContext {
  readonly sessions: SessionFactory;
  readonly precision: Precision;
  readonly tolerances: Tolerances;
  /** A home for models that are imported on the way; gone afterwards. */
  readonly home: string;
  /**
   * Imports one part, of a folder or of a single file, as a whole model's import does, with further graphs on the same
   * weights and with LoRAs merged into them.
   */
  importPart(
    family: ModelFamily,
    part: PartName,
    source: string | SourcePart,
    extraGraphs?: ExtraGraphs,
    loras?: readonly LoraRequest[],
  ): Promise<ImportedPart>;
}

/** Makes further graphs from the part's parsed JSON configuration. */
type ExtraGraphs = (config: unknown, configPath: string) => readonly ModelGraph[];

interface ImportedPart {
  readonly config: unknown;
  readonly configPath: string;
  /** Path of the graph of that name. */
  path(graphName: string): string;
  open(graphName: string): Promise<Session>;
}

/** The reference is the float32 CPU: other providers round otherwise. */
export const onCpu: SessionOptions = { providers: ['cpu'] };

/** One kind of golden folder, told by its contents. A new one is one file and one row in `kinds`. */
export interface GoldenKind {
  matches(folder: GoldenFolder): boolean;
  /** Compares everything. */
  readonly run: (folder: GoldenFolder, context: ParityContext, results: Comparisons) => Promise<void>;
}
