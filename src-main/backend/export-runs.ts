import { randomUUID } from 'node:crypto';
import { usageError } from '../../src-shared/core/errors/index.ts';
import { failureOf, type ExportRow } from '../../src-shared/ipc/index.ts';

/** Listeners are notified of progress at most this often, of everything else at once. */
const progressIntervalMs = 200;
/** Rows of exports that are over; older ones are forgotten. */
const keptRows = 20;
/** Frames after which the first times say something. */
const framesForEta = 3;

/** What is asked for. */
interface NewExport {
  readonly path: string;
  readonly frames: number;
  /** Writes it; `onFrame` is told how many frames are written. */
  readonly write: (
    signal: AbortSignal,
    onFrame: (done: number) => void,
  ) => Promise<Omit<NonNullable<ExportRow['written']>, 'seconds'>>;
}

interface Run {
  row: ExportRow;
  readonly work: NewExport;
  readonly abort: AbortController;
  ended: Promise<void>;
}

const isOver = ({ state }: ExportRow): boolean => state !== 'waiting' && state !== 'running';

/** Exports since the program started, one after the other. They are quick: what is under way at its end is dropped. */
export class ExportRuns {
  readonly #onChange: (rows: readonly ExportRow[]) => void;
  readonly #nowMs: () => number;
  #runs: readonly Run[] = [];
  /** The end of the last one in line. */
  #line: Promise<void> = Promise.resolve();
  #lastEmitMs = -Infinity;

  constructor(onChange: (rows: readonly ExportRow[]) => void, nowMs: () => number) {
    this.#onChange = onChange;
    this.#nowMs = nowMs;
  }

  rows(): readonly ExportRow[] {
    return this.#runs.map(({ row }) => row);
  }

  /** Throws `output-busy` where an export to the same place is under way. */
  start(work: NewExport): ExportRow {
    const { path, frames } = work;
    if (this.#runs.some(({ row }) => !isOver(row) && row.path === path)) {
      throw usageError(
        'output-busy',
        `${path} is being written already.`,
        'Wait for it, or choose another name.',
      );
    }
    const row: ExportRow = { id: randomUUID(), path, state: 'waiting', frames, done: 0 };
    const run: Run = { row, work, abort: new AbortController(), ended: Promise.resolve() };
    run.ended = this.#line = this.#line.then(() => this.#run(run));
    const over = this.#runs.filter((one) => isOver(one.row)).slice(-keptRows + 1);
    this.#runs = [...this.#runs.filter((one) => !isOver(one.row) || over.includes(one)), run];
    this.#emit();
    return row;
  }

  /** Stops an export and waits for its end; one that is over stays as it is. Throws `export-unknown`. */
  async cancel(exportId: string): Promise<void> {
    const run = this.#runs.find(({ row }) => row.id === exportId);
    if (run === undefined) {
      throw usageError('export-unknown', `There is no export ${exportId}.`, 'It may have ended long ago.');
    }
    run.abort.abort();
    if (run.row.state === 'waiting') this.#change(run, { state: 'cancelled' });
    else await run.ended;
  }

  /** Stops all and waits for their end. */
  async close(): Promise<void> {
    for (const { abort } of this.#runs) abort.abort();
    await this.#line;
  }

  async #run(run: Run): Promise<void> {
    const { work, abort } = run;
    if (abort.signal.aborted) return this.#change(run, { state: 'cancelled' });
    const startMs = this.#nowMs();
    this.#change(run, { state: 'running' });
    try {
      const written = await work.write(abort.signal, (done) => this.#progress(run, done, startMs));
      const seconds = (this.#nowMs() - startMs) / 1000;
      this.#change(run, { state: 'done', done: work.frames, written: { ...written, seconds } });
    } catch (error) {
      if (abort.signal.aborted) this.#change(run, { state: 'cancelled' });
      else this.#change(run, { state: 'failed', failure: failureOf(error) });
    }
  }

  #progress(run: Run, done: number, startMs: number): void {
    const nowMs = this.#nowMs();
    const eta =
      done < framesForEta ? {} : { etaSec: ((nowMs - startMs) / 1000 / done) * (run.work.frames - done) };
    run.row = { ...run.row, done, ...eta };
    if (nowMs - this.#lastEmitMs >= progressIntervalMs) this.#emit();
  }

  #change(run: Run, change: Partial<ExportRow>): void {
    const { etaSec: _, ...row } = run.row;
    run.row = { ...row, ...change };
    this.#emit();
  }

  #emit(): void {
    this.#lastEmitMs = this.#nowMs();
    this.#onChange(this.rows());
  }
}
