import { usability, type PlaneLayout } from '../../../src-shared/core/plate/index.ts';
import type { FrameSource, MaskSource, VideoFrame } from '../frames.ts';
import { framesWithMasks } from '../scan/frames-with-masks.ts';
import { readOnFrames } from '../scan/masked-stretches.ts';
import { shareBytes } from './plate-composer.ts';

/** A frame held in memory, shared with threads, whose background fills holes of other frames. */
export interface DonorFrame {
  readonly index: number;
  readonly planes: VideoFrame['planes'];
  readonly usable: Uint8Array;
}

/** Bytes that one donor takes; `layers`: of how many it is told what may be used. */
export function donorBytes(
  { width, height, bitDepth, chromaShiftX, chromaShiftY }: PlaneLayout,
  layers: number,
): number {
  const samples = 1 + 2 / 2 ** (chromaShiftX + chromaShiftY);
  return width * height * (samples * (bitDepth === 8 ? 1 : 2) + 1 + layers);
}

/** Holds exactly the donors last asked for, reading only those that it does not hold yet. */
export class DonorCache {
  readonly #source: FrameSource;
  readonly #mask: MaskSource;
  readonly #layout: PlaneLayout;
  readonly #signal: AbortSignal;
  #donors = new Map<number, DonorFrame>();

  constructor(source: FrameSource, mask: MaskSource, layout: PlaneLayout, signal: AbortSignal) {
    this.#source = source;
    this.#mask = mask;
    this.#layout = layout;
    this.#signal = signal;
  }

  get indices(): ReadonlySet<number> {
    return new Set(this.#donors.keys());
  }

  /** @param wanted Frame numbers, ascending. */
  async hold(wanted: readonly number[]): Promise<void> {
    // What is not wanted goes before anything is read, so that no more than `wanted` is ever held.
    this.#donors = new Map([...this.#donors].filter(([index]) => wanted.includes(index)));
    for (const run of runsOf(wanted.filter((index) => !this.#donors.has(index)))) await this.#read(run);
  }

  /** All donors but the frame itself, nearest in time first. */
  nearestFirst(index: number): DonorFrame[] {
    return [...this.#donors.values()]
      .filter((donor) => donor.index !== index)
      .sort((a, b) => Math.abs(a.index - index) - Math.abs(b.index - index) || a.index - b.index);
  }

  async #read(run: readonly number[]): Promise<void> {
    const wanted = new Set(run);
    const end = run[run.length - 1] + 1;
    for await (const { frame, hole } of framesWithMasks(
      this.#source,
      this.#mask,
      run[0],
      end,
      this.#signal,
    )) {
      if (!wanted.has(frame.index)) continue;
      const [y, cb, cr] = frame.planes;
      const usable = shareBytes(usability(hole, this.#layout));
      const planes = [shareBytes(y), shareBytes(cb), shareBytes(cr)] as const;
      this.#donors.set(frame.index, { index: frame.index, planes, usable });
    }
  }
}

/** Cuts ascending frame numbers where the gap is too wide to be read through. */
export function runsOf(indices: readonly number[]): number[][] {
  const runs: number[][] = [];
  for (const index of indices) {
    const run = runs.at(-1);
    if (run !== undefined && index - run[run.length - 1] <= readOnFrames) run.push(index);
    else runs.push([index]);
  }
  return runs;
}
