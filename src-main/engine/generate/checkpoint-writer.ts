import type { Clock } from '../stage-timer.ts';
import type { SampleState } from './sampling-loop.ts';

/** Seconds of sampling that the loss of the process may cost at most, with quick steps. */
const intervalSec = 60;

/**
 * A stop waits about as long for a step to end, then ends the process, and what is on disk is all that is left. Where
 * steps take longer it is written more often: as often as takes this share of the time.
 */
const patienceSec = 1;
const writingShare = 0.02;

/** Keeps where the sampling of one window is. */
export interface CheckpointWriter {
  /** After each step; now and then it writes. */
  onState(state: SampleState): Promise<void>;
  /** The run ends here, in whatever way: writes the newest state if it is not on disk already. Never throws. */
  flush(): Promise<void>;
}

/**
 * @param write  replaces what was kept before. Where it fails, the job continues with a note, and it is tried again a
 * minute later.
 */
export function createCheckpointWriter(parts: {
  readonly write: (state: SampleState) => Promise<void>;
  /** Steps that an earlier run has kept. */
  readonly keptSteps: number;
  readonly clock: Clock;
  readonly onNote: (text: string) => void;
}): CheckpointWriter {
  const { write, clock, onNote } = parts;
  let newest: SampleState | undefined;
  let seenSteps = parts.keptSteps;
  /** Seconds of the steps that only memory holds; of the longest step; and what the last write took. */
  let unkeptSec = 0;
  let longestSec = 0;
  let writeSec = 0;
  let noted = false;

  async function flush(): Promise<void> {
    if (newest === undefined) return;
    const start = clock();
    try {
      await write(newest);
      writeSec = clock() - start;
    } catch (error) {
      writeSec = Infinity;
      // Once: a full disk stays full.
      if (!noted)
        onNote(`The steps of this window cannot be saved for a later run: ${(error as Error).message}`);
      noted = true;
    }
    newest = undefined;
    unkeptSec = 0;
  }

  return {
    async onState(state) {
      for (const { selectionSec, networkSec, restSec } of state.steps.slice(seenSteps)) {
        const stepSec = selectionSec + networkSec + restSec;
        unkeptSec += stepSec;
        longestSec = Math.max(longestSec, stepSec);
      }
      seenSteps = state.steps.length;
      newest = state;
      const isLong = longestSec > patienceSec && unkeptSec > Math.max(patienceSec, writeSec / writingShare);
      if (unkeptSec >= intervalSec || isLong) await flush();
    },
    flush,
  };
}
