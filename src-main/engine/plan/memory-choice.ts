import {
  cardArenaFactor,
  cardContextBytes,
  cpuArenaFactor,
  cpuWeightFactor,
  keepsPartsOpen,
  leanFactor,
} from '../../../src-shared/core/estimate/index.ts';
import type { ModelFolder } from '../network/model-folder.ts';
import { usualPassBytes } from '../network/vae-pass.ts';

/** Where a model's parts are computed, and how many bytes of memory they may take there. */
export interface MemoryBudget {
  readonly device: 'cpu' | 'card';
  readonly bytes: number;
}

/** How a job's parts are run, so that they fit. */
export interface MemoryChoice {
  /** Of one pass of the VAE; see `chooseVaePass`. */
  readonly passBytes: number;
  /** Streams in one network call. */
  readonly streamsPerCall: number;
}

/** As if memory were plenty. */
export const plentyMemory: MemoryChoice = { passBytes: usualPassBytes, streamsPerCall: 2 };

/** Less than this no pass is asked to take: smaller tiles would be mostly overlap. */
const leastPassBytes = 256 * 2 ** 20;

/** The program, its libraries and a window's pictures, where they share the memory with the model. */
const besideModelBytes = 1e9;

/** How the windows of a job are run within `budget`; `tokens`: of its largest window. */
export function chooseMemory(
  model: Pick<ModelFolder, 'weightBytes' | 'precision' | 'type' | 'transformer'>,
  window: { readonly tokens: number; readonly streams: number },
  budget: MemoryBudget | undefined,
): MemoryChoice {
  if (budget === undefined) return plentyMemory;
  const { weightBytes, precision, type } = model;
  const { spec } = model.transformer;
  const onCard = budget.device === 'card';
  const free = budget.bytes - (onCard ? cardContextBytes : besideModelBytes);
  const passFactor = onCard ? cardArenaFactor / leanFactor : 1;
  const passBytes = (free - weightBytes.vae) / passFactor;
  const keeps = keepsPartsOpen(weightBytes);
  const callFactor = onCard ? cardArenaFactor : keeps ? cpuArenaFactor : leanFactor;
  const weightFactor = onCard || keeps ? 1 : cpuWeightFactor[precision];
  const fits = (streams: number): boolean =>
    weightFactor * weightBytes.transformer +
      callFactor * spec.liveBytes({ tokens: window.tokens, streams }, onCard ? type : 'float32') <=
    free;
  return {
    passBytes: Math.min(usualPassBytes, Math.max(leastPassBytes, passBytes)),
    streamsPerCall: fits(window.streams) ? window.streams : 1,
  };
}
