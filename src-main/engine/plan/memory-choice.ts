import type { KeptForm } from '../../../src-shared/core/caches/index.ts';
import {
  cardArenaFactor,
  cardContextBytes,
  cpuArenaFactor,
  cpuWeightFactor,
  keepsPartsOpen,
  keptContextBytes,
  leanFactor,
} from '../../../src-shared/core/estimate/index.ts';
import type { ModelFolder } from '../network/model-folder.ts';
import { usualPassBytes } from '../network/vae-pass.ts';

/** Where a model's parts are computed, and how many bytes of memory they may take there. */
export interface MemoryBudget {
  readonly device: 'cpu' | 'card';
  readonly bytes: number;
  /** Of the machine's own memory, where what steps keep lies: `bytes` itself where the CPU computes. */
  readonly ramBytes: number;
}

/** How a job's parts are run, so that they fit. */
export interface MemoryChoice {
  /** Of one pass of the VAE; see `chooseVaePass`. */
  readonly passBytes: number;
  /** Streams in one network call. */
  readonly streamsPerCall: number;
  /** Forms of the kept context that there is room for, the best first. */
  readonly keptForms: readonly KeptForm[];
}

const allForms: readonly KeptForm[] = ['float', 'int8'];

/** As if memory were plenty. */
export const plentyMemory: MemoryChoice = {
  passBytes: usualPassBytes,
  streamsPerCall: 2,
  keptForms: allForms,
};

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
  const taken = (streams: number): number =>
    weightFactor * weightBytes.transformer +
    callFactor * spec.liveBytes({ tokens: window.tokens, streams }, onCard ? type : 'float32');
  const streamsPerCall = taken(window.streams) <= free ? window.streams : 1;
  // As if the whole window were context: its hole is not known here, and small where anything is kept.
  const toKeep = { context: window.tokens, streams: window.streams };
  const room = onCard ? budget.ramBytes - besideModelBytes : free - taken(streamsPerCall);
  return {
    passBytes: Math.min(usualPassBytes, Math.max(leastPassBytes, passBytes)),
    streamsPerCall,
    keptForms: allForms.filter((form) => keptContextBytes(spec, toKeep, form, type) <= room),
  };
}
