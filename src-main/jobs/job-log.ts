import { appendFile, mkdir, open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { HetcutError } from '../../src-shared/core/errors/index.ts';
import type { CheckResult } from '../engine/check-job.ts';
import type { EditJob, EditResult } from '../engine/edit-job.ts';
import type { ProgressEvent } from '../engine/progress.ts';

/** Of a longer log only the end is read: it says how the job ended. */
const mostReadBytes = 256 * 1024;

/** Logs of jobs: text files `logs/<jobId>.log` of a home, one line for each thing that happened. */
export interface JobLogs {
  /** Appends a line with the time before it. Never throws: a job does not fail for want of its log. */
  write(jobId: string, text: string): void;
  /** What has been written so far; empty where nothing was. */
  read(jobId: string): Promise<string>;
  remove(jobId: string): Promise<void>;
  /** Settles when all that was given has been written. */
  settled(): Promise<void>;
}

/** `onNote` is called once for a log that cannot be written. */
export function openJobLogs(home: string, nowMs: () => number, onNote: (text: string) => void): JobLogs {
  const folder = join(home, 'logs');
  const pathOf = (jobId: string): string => join(folder, `${jobId}.log`);
  // One after the other, so that lines stay in their order.
  let writing: Promise<unknown> = Promise.resolve();
  let complained = false;
  const then = <T>(work: () => Promise<T>): Promise<T> => {
    const done = writing.then(work);
    writing = done.catch(() => undefined);
    return done;
  };
  return {
    write(jobId, text) {
      const line = `${new Date(nowMs()).toISOString()}  ${text.trimEnd().replaceAll('\n', '\n    ')}\n`;
      then(async () => {
        await mkdir(folder, { recursive: true });
        await appendFile(pathOf(jobId), line);
      }).catch((error: unknown) => {
        if (!complained) onNote(`The log of a job could not be written: ${String(error)}`);
        complained = true;
      });
    },
    read: (jobId) => then(() => readEnd(pathOf(jobId))),
    remove: (jobId) => then(() => rm(pathOf(jobId), { force: true })),
    settled: async () => void (await writing),
  };
}

async function readEnd(path: string): Promise<string> {
  const file = await open(path, 'r').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  if (file === undefined) return '';
  try {
    const { size } = await file.stat();
    const start = Math.max(0, size - mostReadBytes);
    const bytes = Buffer.alloc(size - start);
    await file.read(bytes, 0, bytes.length, start);
    const text = bytes.toString('utf8');
    // Not from the middle of a line.
    return start === 0 ? text : `…\n${text.slice(text.indexOf('\n') + 1)}`;
  } finally {
    await file.close();
  }
}

const seconds = (value: number): string => `${value.toFixed(1)} s`;

/** What a job was asked to do. `checkedFrame`: of a check. */
export function startLine(job: EditJob, checkedFrame?: number): string {
  const { kind, clipPath, maskPath, range, modelId, preset, steps, method, seed, plate, fill, prompt } = job;
  const options = Object.entries(method.options).map(([name, value]) => ` ${name} ${value}`);
  return [
    `Started: ${checkedFrame === undefined ? kind : `check of ${kind} around frame ${checkedFrame}`} in ${clipPath}`,
    range === undefined ? 'all frames' : `frames ${range.startFrame} to ${range.endFrame - 1}`,
    `mask ${maskPath}`,
    `model ${modelId}, preset ${preset}, ${steps === undefined ? 'its steps' : `${steps} steps`}`,
    `method ${method.name}${options.join(',')}`,
    `seed ${seed}, plate ${plate.kind === 'file' ? plate.path : plate.kind}, fill ${fill}`,
    ...(prompt === '' ? [] : [`prompt: ${prompt}`]),
  ].join('\n');
}

/** Says when a job enters a stage, and how long the one before took; undefined while it stays in one. */
export function createStageLines(nowMs: () => number): (event: ProgressEvent) => string | undefined {
  let current: string | undefined;
  let sinceMs = 0;
  return ({ stage, window, windows }) => {
    const name = window === undefined ? stage : `${stage}, window ${window} of ${windows}`;
    if (name === current) return undefined;
    const now = nowMs();
    const before = current === undefined ? '' : ` (${current} took ${seconds((now - sinceMs) / 1000)})`;
    current = name;
    sinceMs = now;
    return `${name}${before}`;
  };
}

/** What came of a job. */
export function resultLine({
  output,
  seconds: { total, ...stages },
  ...result
}: Pick<
  EditResult,
  | 'output'
  | 'seconds'
  | 'estimateSeconds'
  | 'calls'
  | 'windows'
  | 'resumedWindows'
  | 'resumedSteps'
  | 'peakMemoryMb'
  | 'plateShare'
  | 'fill'
  | 'warnings'
>): string {
  const {
    estimateSeconds,
    calls,
    windows,
    resumedWindows,
    resumedSteps,
    peakMemoryMb,
    plateShare,
    fill,
    warnings,
  } = result;
  const steps = calls.full + calls.partial + calls.reuse;
  return [
    `Done in ${seconds(total)}, ${seconds(estimateSeconds)} estimated: ${output}`,
    Object.entries(stages)
      .map(([stage, value]) => `${stage} ${seconds(value)}`)
      .join(', '),
    `windows: ${windows}, ${resumedWindows} of them from an earlier run; steps: ${steps}, ${resumedSteps} of them ` +
      `from an earlier run; calls: ${calls.full} full, ${calls.partial} partial, ${calls.reuse} reused; memory: ${Math.round(peakMemoryMb)} MB at most`,
    `the plate showed ${Math.round(plateShare * 100)} % of the hole, the rest: ${fill}`,
    ...warnings.map((warning) => `Warning: ${warning}`),
  ].join('\n');
}

/** What a check has found. */
export function checkLine(result: CheckResult): string {
  const { range, frame, calls, maskPsnr, marginPsnr, seconds: cached, fullSeconds, picturesPath } = result;
  const { steps } = result;
  const decibels = (psnr: number | null): string => (psnr === null ? 'equal' : `${psnr.toFixed(2)} dB`);
  return [
    `Checked frames ${range.startFrame} to ${range.endFrame - 1}; pictures of frame ${frame}: ${picturesPath}`,
    `generated ${decibels(maskPsnr)}${marginPsnr === undefined ? '' : `, margin ${decibels(marginPsnr)}`}`,
    `sampling ${steps} steps in ${seconds(cached)}, uncached in ${seconds(fullSeconds)}; calls: ${calls.full} full, ` +
      `${calls.partial} partial, ${calls.reuse} reused`,
  ].join('\n');
}

/** What was wrong, and all that is known of it. */
export function failureLine(error: unknown): string {
  if (!(error instanceof HetcutError)) {
    return `Failed: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`;
  }
  const details = Object.entries(error.details)
    .filter(([, value]) => value !== '')
    .map(([name, value]) => `${name}: ${typeof value === 'string' ? value : JSON.stringify(value)}`);
  return [`Failed (${error.code}): ${error.message}`, error.hint, ...details].join('\n');
}
