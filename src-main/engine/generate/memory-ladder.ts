import { HetcutError } from '../../../src-shared/core/errors/index.ts';
import type { EditWindow } from '../../../src-shared/core/plan/index.ts';

/** Whether a part of the model did not get the memory that it asked for. */
export function isOutOfMemory(error: unknown): error is HetcutError {
  return error instanceof HetcutError && error.code === 'out-of-memory';
}

/** What a failed attempt is followed by. */
export interface Rung {
  /** Closes what is open: what a failed run has taken is not all given back while its session lives. */
  readonly release: () => Promise<void>;
  /** Asks for less from now on, and says of what, for people; undefined where there is no less. */
  readonly step: () => string | undefined;
  readonly onNote: (text: string) => void;
}

/** Runs a stage again, each time in less memory, until it fits or there is no less: then the failure is thrown. */
export async function withLessMemory<T>({ release, step, onNote }: Rung, run: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await run();
    } catch (error) {
      if (!isOutOfMemory(error)) throw error;
      await release();
      const taken = step();
      if (taken === undefined) throw error;
      onNote(`Not enough memory: ${taken}.`);
    }
  }
}

/** Sides of a working picture below which nothing useful is generated. */
const leastSide = 128;
/** Each step leaves about half of the pixels. */
const sideShare = Math.SQRT1_2;

/** The same window in a smaller working picture of the same crop; undefined where it is small already. */
export function smallerWindow(window: EditWindow, multiple: number): EditWindow | undefined {
  const smaller = (side: number): number => Math.floor((side * sideShare) / multiple) * multiple;
  const workingWidth = smaller(window.workingWidth);
  const workingHeight = smaller(window.workingHeight);
  if (
    Math.min(workingWidth, workingHeight) < Math.min(leastSide, window.workingWidth, window.workingHeight)
  ) {
    return undefined;
  }
  return { ...window, workingWidth, workingHeight };
}

/** The end of the ladder, in words. */
export function memoryExhausted(
  error: HetcutError,
  { workingWidth, workingHeight }: EditWindow,
): HetcutError {
  return new HetcutError(
    'out-of-memory',
    `There is not enough memory, even for a working picture of ${workingWidth} × ${workingHeight}: ${error.message}`,
    {
      hint:
        'Close other programs, mask less of the picture, shorten the range, or import the model again with --precision fp16. ' +
        '`hetcut estimate` says what each stage takes; --cpu-fallback goes on with the CPU where a graphics card is too small.',
      cause: error,
    },
  );
}
