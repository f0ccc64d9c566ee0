import type { ClipSize, TimedRow } from '../../../src-shared/core/bench/index.ts';
import { latentFrameCount, tokenEdgePx } from '../../../src-shared/core/control/index.ts';
import { HetcutError } from '../../../src-shared/core/errors/index.ts';
import type { ModelFolder } from '../../engine/network/model-folder.ts';
import type { ExecutionProvider } from '../../engine/network/session.ts';
import { chooseMemory, type MemoryBudget, type MemoryChoice } from '../../engine/plan/memory-choice.ts';
import type { Ort } from '../../ort/index.ts';
import type { MemoryWatch } from './memory-watch.ts';

/** What is measured, beside the model. */
export interface GpuBenchPlan {
  /** Clips of one network call and of the VAE. */
  readonly sizes: readonly ClipSize[];
  /** Timed calls of each size; the median counts. */
  readonly runs: number;
  /** Clip and steps of the cache methods, and the rows as `--methods` writes them. */
  readonly methodSize: ClipSize;
  readonly steps: readonly number[];
  readonly methods: readonly string[];
}

export interface GpuBenchParts {
  readonly sessions: Ort;
  readonly provider: ExecutionProvider;
  readonly model: ModelFolder;
  /** Folder of reference vectors; absent: no parity. */
  readonly golden?: string;
  readonly budget: MemoryBudget | undefined;
  readonly memory: MemoryWatch;
  readonly signal: AbortSignal;
  /** What is under way, in words. */
  readonly onNote: (text: string) => void;
}

export const sizeName = ({ frames, height, width }: ClipSize): string => `${frames}×${height}×${width}`;

/** One measurement; a failure is its result, for on a small card the larger ones fail. A cancelled one is not. */
export async function attempt(
  name: string,
  { memory, signal, onNote }: GpuBenchParts,
  measure: () => Promise<Omit<TimedRow, 'name' | 'peakBytes'>>,
): Promise<TimedRow> {
  onNote(name);
  signal.throwIfAborted();
  await memory.peakBytes();
  try {
    const measured = await measure();
    const peakBytes = await memory.peakBytes();
    return { name, ...measured, ...(peakBytes === undefined ? {} : { peakBytes }) };
  } catch (error) {
    if (!(error instanceof HetcutError) || error.code === 'cancelled') throw error;
    return { name, problem: error.message };
  }
}

/** Frames, rows and columns of a clip's tokens. */
export function gridOf(
  { family }: ModelFolder,
  { frames, height, width }: ClipSize,
): [number, number, number] {
  const edge = tokenEdgePx(family.geometry);
  return [latentFrameCount(frames, family.geometry), height / edge, width / edge];
}

export function tokensOf(model: ModelFolder, size: ClipSize): number {
  return gridOf(model, size).reduce((product, side) => product * side, 1);
}

/** How a window of `size` with prompt and negative prompt is run within the budget. */
export function choiceFor(
  model: ModelFolder,
  size: ClipSize,
  budget: MemoryBudget | undefined,
): MemoryChoice {
  return chooseMemory(model, { tokens: tokensOf(model, size), streams: 2 }, budget);
}
