import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { cancelledError, HetcutError } from '../../src-shared/core/errors/index.ts';
import type { JobRow } from '../../src-shared/ipc/index.ts';
import type { CheckResult } from '../engine/check-job.ts';
import type { EditJob, EditResult } from '../engine/edit-job.ts';
import type { PreviewEvent, ProgressEvent } from '../engine/progress.ts';
import { openJobQueue, type JobQueue, type NewJob } from './job-queue.ts';

let home: string;
let queues: JobQueue[];
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'hetcut-queue-'));
  queues = [];
});
afterEach(async () => {
  for (const queue of queues) await queue.close();
  await rm(home, { recursive: true, force: true });
});

const job = (id: string): EditJob => ({
  kind: 'remove',
  clipPath: '/clip.mp4',
  maskPath: '/mask.json',
  outputPath: `/${id}.mp4`,
  modelId: 'starter',
  prompt: '',
  negativePrompt: '',
  preset: 'fast',
  method: { name: 'full', options: {} },
  seed: 0,
  plate: { kind: 'auto' },
  fill: 'auto',
  encode: { quality: 'lossless' },
  fresh: false,
});
const newJob = (id: string): NewJob => ({
  id,
  projectId: 'p',
  clipId: 'c',
  editId: 'e',
  name: `Job ${id}`,
  fingerprint: `of ${id}`,
  job: job(id),
});
const resultOf = ({ outputPath }: EditJob): EditResult => ({
  output: outputPath,
  frames: 2,
  written: { copied: 0, encoded: 2 },
  width: 4,
  height: 4,
  model: 'starter',
  method: 'full',
  methodOptions: {},
  steps: 2,
  seed: 0,
  windows: 1,
  resumedWindows: 0,
  resumedSteps: 0,
  calls: { full: 2, partial: 0, reuse: 0 },
  flops: 1,
  flopsSaved: 0.25,
  seconds: { total: 7 } as EditResult['seconds'],
  estimateSeconds: 6,
  peakMemoryMb: 1,
  plateShare: 0.714,
  fill: 'network',
  quality: {
    maskPsnr: null,
    maskSsim: null,
    maskMsSsim: null,
    texture: null,
    seam: null,
    outsideMaxDiff: 0,
    outputOutsideMaxDiff: 0,
  },
  warnings: ['odd'],
});

const foundBy = ({ outputPath }: EditJob): CheckResult => ({
  range: { startFrame: 0, endFrame: 17 },
  frame: 8,
  steps: 2,
  calls: { full: 2, partial: 0, reuse: 0 },
  maskPsnr: null,
  marginPsnr: 51.5,
  seconds: 1,
  fullSeconds: 2,
  picturesPath: outputPath,
  width: 4,
  height: 2,
});

/** Runs nothing: the test says how each job ends. */
class FakeRunner {
  readonly started: string[] = [];
  readonly notes: string[] = [];
  readonly events: (readonly JobRow[])[] = [];
  readonly previews: string[] = [];
  nowMs = 1000;
  #end: (() => void) | undefined;
  #fail: ((error: unknown) => void) | undefined;
  report: (event: ProgressEvent) => void = () => undefined;
  preview: (event: PreviewEvent) => void = () => undefined;
  note: (text: string) => void = () => undefined;
  command: (command: string) => void = () => undefined;
  #startWaiters: (() => void)[] = [];

  async open(): Promise<JobQueue> {
    const queue = await openJobQueue({
      home,
      nowMs: () => this.nowMs,
      onChange: (rows) => this.events.push(rows),
      onPreview: (jobId, { frame }) => this.previews.push(`${jobId} ${frame}`),
      onNote: (text) => this.notes.push(text),
      run: (running, callbacks) => this.#start(running.outputPath, resultOf(running), callbacks),
      check: ({ edit, frame }, callbacks) =>
        this.#start(`check of ${edit.outputPath} at ${frame}`, foundBy(edit), callbacks),
    });
    queues.push(queue);
    return queue;
  }

  #start<Result>(
    name: string,
    result: Result,
    callbacks: Parameters<Parameters<typeof openJobQueue>[0]['run']>[1],
  ): Promise<Result> {
    return new Promise((resolve, reject) => {
      this.started.push(name);
      this.report = callbacks.onProgress;
      this.preview = callbacks.onPreview;
      this.note = callbacks.onNote;
      this.command = callbacks.onCommand;
      this.#end = () => resolve(result);
      this.#fail = reject;
      callbacks.signal.addEventListener('abort', () => reject(cancelledError()));
      for (const wake of this.#startWaiters.splice(0)) wake();
    });
  }

  /** Settles when that many jobs have been started. */
  async hasStarted(count: number): Promise<void> {
    while (this.started.length < count) await new Promise<void>((wake) => this.#startWaiters.push(wake));
  }

  async end(queue: JobQueue, error?: unknown): Promise<void> {
    const running = queue.rows().find(({ state }) => state === 'running')?.id;
    if (error === undefined) this.#end?.();
    else this.#fail?.(error);
    while (queue.rows().find(({ id }) => id === running)?.state === 'running') {
      await new Promise((resume) => setImmediate(resume));
    }
  }
}

const states = (queue: JobQueue): string[] => queue.rows().map(({ id, state }) => `${id} ${state}`);
const onDisk = async (): Promise<string[]> => {
  const { jobs } = JSON.parse(await readFile(join(home, 'queue.json'), 'utf8')) as { jobs: JobRow[] };
  return jobs.map(({ id, state }) => `${id} ${state}`);
};

describe('the queue', () => {
  it('runs one job at a time, in order, and keeps what came of each', async () => {
    const runner = new FakeRunner();
    const queue = await runner.open();
    const row = await queue.add(newJob('a'));
    expect(row).toEqual({
      id: 'a',
      projectId: 'p',
      clipId: 'c',
      editId: 'e',
      name: 'Job a',
      state: 'waiting',
      createdAt: 1000,
    });
    await queue.add(newJob('b'));
    await queue.add(newJob('c'));
    await runner.hasStarted(1);
    expect(states(queue)).toEqual(['a running', 'b waiting', 'c waiting']);
    await runner.end(queue);
    await runner.hasStarted(2);
    expect(states(queue)).toEqual(['a done', 'b running', 'c waiting']);
    expect(queue.rows()[0].result).toEqual({
      path: '/a.mp4',
      fingerprint: 'of a',
      seconds: 7,
      estimateSeconds: 6,
      calls: { full: 2, partial: 0, reuse: 0 },
      flopsSaved: 0.25,
      filled: { plate: 'auto', share: 0.714, fill: 'network' },
      warnings: ['odd'],
    });
    await runner.end(queue);
    await runner.hasStarted(3);
    await runner.end(queue);
    expect(runner.started).toEqual(['/a.mp4', '/b.mp4', '/c.mp4']);
    expect(runner.events.at(-1)?.map(({ state }) => state)).toEqual(['done', 'done', 'done']);
    await queue.close();
    expect(await onDisk()).toEqual(['a done', 'b done', 'c done']);
  });

  it('continues after a failure, which says what was wrong', async () => {
    const runner = new FakeRunner();
    const queue = await runner.open();
    await queue.add(newJob('a'));
    await queue.add(newJob('b'));
    await runner.hasStarted(1);
    await runner.end(queue, new HetcutError('mask-empty', 'The mask is empty.', { hint: 'Paint.' }));
    await runner.hasStarted(2);
    expect(states(queue)).toEqual(['a failed', 'b running']);
    expect(queue.rows()[0].failure).toEqual({
      code: 'mask-empty',
      message: 'The mask is empty.',
      hint: 'Paint.',
    });

    await runner.end(queue, new TypeError('a defect'));
    expect(queue.rows()[1].failure).toMatchObject({ code: 'unexpected', message: 'a defect' });

    await queue.retry('a');
    await runner.hasStarted(3);
    expect(states(queue)).toEqual(['b failed', 'a running']);
    expect(queue.rows()[1].failure).toBeUndefined();
    expect(queue.find('a').job.cpuFallback).toBeUndefined();
    await runner.end(queue, new HetcutError('provider-failed', 'CUDA cannot take it.', { hint: 'Look.' }));
    await queue.retry('a', { cpuFallback: true });
    await runner.hasStarted(4);
    expect(queue.find('a').job.cpuFallback).toBe(true);
    await runner.end(queue);
    expect(states(queue)).toEqual(['b failed', 'a done']);
    await expect(queue.retry('a')).rejects.toMatchObject({ code: 'job-state' });
  });

  it('cancels what waits and what runs', async () => {
    const runner = new FakeRunner();
    const queue = await runner.open();
    for (const id of ['a', 'b', 'c']) await queue.add(newJob(id));
    await runner.hasStarted(1);
    await queue.cancel('b');
    expect(states(queue)).toEqual(['a running', 'b cancelled', 'c waiting']);
    await queue.cancel('a');
    await runner.hasStarted(2);
    expect(states(queue)).toEqual(['a cancelled', 'b cancelled', 'c running']);
    expect(queue.rows()[0].failure).toBeUndefined();
    expect(runner.started).toEqual(['/a.mp4', '/c.mp4']);
    await runner.end(queue);
    await queue.cancel('c');
    expect(states(queue)[2]).toBe('c done');
    await queue.retry('b');
    await runner.hasStarted(3);
    expect(runner.started[2]).toBe('/b.mp4');
    await expect(queue.cancel('x')).rejects.toMatchObject({ code: 'job-unknown' });
  });

  it('lets a running job rest and passes over it until it is resumed, also after a restart', async () => {
    const runner = new FakeRunner();
    const queue = await runner.open();
    for (const id of ['a', 'b', 'c']) await queue.add(newJob(id));
    await runner.hasStarted(1);
    await queue.pause('a');
    await runner.hasStarted(2);
    expect(states(queue)).toEqual(['a paused', 'b running', 'c waiting']);
    expect(queue.rows()[0]).not.toHaveProperty('failure');
    expect(queue.rows()[0]).not.toHaveProperty('endedAt');
    await queue.pause('c');
    expect(await onDisk()).toEqual(['a paused', 'b running', 'c paused']);
    await runner.end(queue);
    // What is over cannot be paused, and is not disturbed by a click that comes too late.
    await queue.pause('b');
    expect(states(queue)).toEqual(['a paused', 'b done', 'c paused']);
    await expect(queue.resume('b')).rejects.toMatchObject({ code: 'job-state' });
    await queue.close();
    expect(await onDisk()).toEqual(['a paused', 'b done', 'c paused']);

    const later = new FakeRunner();
    const reopened = await later.open();
    expect(states(reopened)).toEqual(['a paused', 'b done', 'c paused']);
    await reopened.resume('c');
    await later.hasStarted(1);
    await reopened.resume('a');
    await reopened.resume('a');
    expect(states(reopened)).toEqual(['a waiting', 'b done', 'c running']);
    await later.end(reopened);
    await later.hasStarted(2);
    expect(later.started).toEqual(['/c.mp4', '/a.mp4']);
    await later.end(reopened);
    expect(states(reopened)).toEqual(['a done', 'b done', 'c done']);
  });

  it('keeps a job paused that was being paused when the program ended', async () => {
    const runner = new FakeRunner();
    const queue = await runner.open();
    await queue.add(newJob('a'));
    await runner.hasStarted(1);
    await Promise.all([queue.pause('a'), queue.close()]);
    expect(await onDisk()).toEqual(['a paused']);
  });

  it('cancels and removes paused jobs', async () => {
    const runner = new FakeRunner();
    const queue = await runner.open();
    for (const id of ['a', 'b', 'c']) await queue.add(newJob(id));
    await runner.hasStarted(1);
    await queue.pause('b');
    await queue.pause('c');
    runner.nowMs = 5000;
    await queue.cancel('b');
    await queue.remove('c');
    expect(states(queue)).toEqual(['a running', 'b cancelled']);
    expect(queue.rows()[1].endedAt).toBe(5000);
    await runner.end(queue);
    expect(runner.started).toEqual(['/a.mp4']);
    expect(queue.rows()[0].endedAt).toBe(5000);
    await queue.retry('b');
    expect(queue.rows()[1]).not.toHaveProperty('endedAt');
  });

  it('runs jobs in the order in which they were put', async () => {
    const runner = new FakeRunner();
    const queue = await runner.open();
    for (const id of ['a', 'b', 'c', 'd', 'e']) await queue.add(newJob(id));
    await runner.hasStarted(1);
    await queue.pause('e');
    const order = (): string => queue.rows().reduce((ids, { id }) => ids + id, '');
    await queue.move('d', 'b');
    expect(order()).toBe('adbce');
    await queue.move('b', null);
    expect(order()).toBe('adceb');
    await queue.move('e', 'd');
    expect(order()).toBe('aedcb');
    await queue.move('c', 'c');
    await queue.move('c', 'b');
    expect(order()).toBe('aedcb');
    expect(await onDisk()).toEqual(['a running', 'e paused', 'd waiting', 'c waiting', 'b waiting']);
    for (const [jobId, before] of [
      ['a', 'b'],
      ['b', 'a'],
    ]) {
      await expect(queue.move(jobId, before)).rejects.toMatchObject({ code: 'job-state' });
    }
    await expect(queue.move('x', null)).rejects.toMatchObject({ code: 'job-unknown' });
    await expect(queue.move('b', 'x')).rejects.toMatchObject({ code: 'job-unknown' });
    expect(order()).toBe('aedcb');
    for (let job = 1; job <= 3; job++) {
      await runner.end(queue);
      await runner.hasStarted(job + 1);
    }
    expect(runner.started).toEqual(['/a.mp4', '/d.mp4', '/c.mp4', '/b.mp4']);
  });

  it('removes jobs, stopping the one that runs', async () => {
    const runner = new FakeRunner();
    const queue = await runner.open();
    for (const id of ['a', 'b', 'c']) await queue.add(newJob(id));
    await runner.hasStarted(1);
    await queue.remove('b');
    await queue.remove('a');
    await runner.hasStarted(2);
    expect(states(queue)).toEqual(['c running']);
    expect(await onDisk()).toEqual(['c running']);
    expect(() => queue.find('a')).toThrow(expect.objectContaining({ code: 'job-unknown' }));
  });

  it('runs a job again that ran when the program died, and keeps the rest', async () => {
    const before = new FakeRunner();
    const died = await before.open();
    for (const id of ['a', 'b', 'c']) await died.add(newJob(id));
    await before.hasStarted(1);
    await before.end(died);
    await before.hasStarted(2);
    before.report({ stage: 'sample', step: 1, steps: 2, unit: 'calls' });
    await died.cancel('c');
    const file = await readFile(join(home, 'queue.json'), 'utf8');
    expect(await onDisk()).toEqual(['a done', 'b running', 'c cancelled']);
    // Progress is of the moment.
    expect(file).not.toContain('progress');

    const after = new FakeRunner();
    const queue = await after.open();
    await after.hasStarted(1);
    expect(after.started).toEqual(['/b.mp4']);
    expect(states(queue)).toEqual(['a done', 'b running', 'c cancelled']);
    expect(queue.find('b').job).toEqual(job('b'));
    expect(queue.rows()[0]).toEqual(died.rows()[0]);
  });

  it('has a job wait again when it is closed', async () => {
    const runner = new FakeRunner();
    const queue = await runner.open();
    await queue.add(newJob('a'));
    await queue.add(newJob('b'));
    await runner.hasStarted(1);
    await queue.close();
    expect(await onDisk()).toEqual(['a waiting', 'b waiting']);
    expect(runner.started).toEqual(['/a.mp4']);
  });

  it.each([
    ['cut short', '{"version": 1, "jobs": [{'],
    ['of a newer version', '{"version": 2, "jobs": []}'],
    ['of another shape', '{"version": 1, "jobs": [{"id": "a", "state": "dancing"}]}'],
    ['empty', ''],
  ])('sets a file aside that is %s', async (_, text) => {
    await writeFile(join(home, 'queue.json'), text);
    const runner = new FakeRunner();
    const queue = await runner.open();
    expect(queue.rows()).toEqual([]);
    expect(await readFile(join(home, 'queue.damaged-1000.json'), 'utf8')).toBe(text);
    expect(runner.notes).toEqual([expect.stringContaining('queue.damaged-1000.json')]);
    await queue.add(newJob('a'));
    await runner.hasStarted(1);
    await runner.end(queue);
    await queue.close();
    expect((await readdir(home)).sort()).toEqual(['logs', 'queue.damaged-1000.json', 'queue.json']);
  });

  it('hands previews on, but none of a job that is being stopped', async () => {
    const runner = new FakeRunner();
    const queue = await runner.open();
    await queue.add(newJob('a'));
    await runner.hasStarted(1);
    const crop = { x: 0, y: 0, width: 8, height: 8 };
    const event = { width: 1, height: 1, rgb: Uint8Array.of(1, 2, 3), frame: 7, crop };
    runner.preview(event);
    const paused = queue.pause('a');
    runner.preview(event);
    await paused;
    expect(runner.previews).toEqual(['a 7']);
  });

  it('runs checks as it runs jobs, and keeps what they found', async () => {
    const runner = new FakeRunner();
    const queue = await runner.open();
    const check = { frame: 8, fingerprint: 'of a' };
    await queue.add({ ...newJob('a'), check });
    await queue.add(newJob('b'));
    await runner.hasStarted(1);
    expect(queue.rows()[0].check).toEqual(check);
    await queue.pause('a');
    await runner.hasStarted(2);
    await queue.resume('a');
    await runner.end(queue);
    await runner.hasStarted(3);
    await runner.end(queue);
    expect(runner.started).toEqual(['check of /a.mp4 at 8', '/b.mp4', 'check of /a.mp4 at 8']);
    const { picturesPath: _, ...found } = foundBy(job('a'));
    const [row] = queue.rows();
    expect(row).toMatchObject({ state: 'done', check: { ...check, found } });
    expect(row).not.toHaveProperty('result');
    const log = await queue.log('a');
    expect(log).toContain('check of remove around frame 8');
    expect(log).toContain('generated equal, margin 51.50 dB');
    await queue.close();
    const reopened = await new FakeRunner().open();
    expect(reopened.rows()[0]).toEqual(row);
    await reopened.close();
  });

  it('keeps a log of each job until it is removed', async () => {
    const runner = new FakeRunner();
    const queue = await runner.open();
    await queue.add(newJob('a'));
    await queue.add(newJob('b'));
    expect(await queue.log('b')).toBe('');
    await runner.hasStarted(1);
    runner.report({ stage: 'probe', step: 0, steps: 1, unit: 'files' });
    runner.nowMs = 3500;
    runner.report({ stage: 'sample', step: 0, steps: 2, unit: 'steps', window: 1, windows: 2 });
    runner.report({ stage: 'sample', step: 1, steps: 2, unit: 'steps', window: 1, windows: 2 });
    runner.note('Slow today');
    runner.command('ffmpeg -i clip.mp4');
    const wrong = new HetcutError('host-died', 'It ended (SIGKILL).', {
      hint: 'Again.',
      details: { stderr: 'line 1\nline 2' },
    });
    await runner.end(queue, wrong);
    await runner.hasStarted(2);
    expect(await queue.log('a')).toBe(
      [
        '1970-01-01T00:00:01.000Z  Started: remove in /clip.mp4',
        '    all frames',
        '    mask /mask.json',
        '    model starter, preset fast, its steps',
        '    method full',
        '    seed 0, plate auto, fill auto',
        '1970-01-01T00:00:01.000Z  probe',
        '1970-01-01T00:00:03.500Z  sample, window 1 of 2 (probe took 2.5 s)',
        '1970-01-01T00:00:03.500Z  Slow today',
        '1970-01-01T00:00:03.500Z  Runs ffmpeg -i clip.mp4',
        '1970-01-01T00:00:03.500Z  Failed (host-died): It ended (SIGKILL).',
        '    Again.',
        '    stderr: line 1',
        '    line 2',
        '',
      ].join('\n'),
    );
    await queue.retry('a');
    await runner.end(queue);
    await runner.hasStarted(3);
    await runner.end(queue);
    const whole = await queue.log('a');
    expect(whole.match(/Started/g)).toHaveLength(2);
    expect(whole).toContain('Done in 7.0 s, 6.0 s estimated: /a.mp4');
    expect(whole).toContain('    the plate showed 71 % of the hole');
    expect(whole).toContain('    Warning: odd');

    await queue.close();
    const reopened = await new FakeRunner().open();
    expect(await reopened.log('a')).toBe(whole);
    await reopened.remove('a');
    expect(await readdir(join(home, 'logs'))).toEqual(['b.log']);
    await expect(reopened.log('a')).rejects.toMatchObject({ code: 'job-unknown' });
  });

  it('says in the log how a job was stopped', async () => {
    const runner = new FakeRunner();
    const queue = await runner.open();
    await queue.add(newJob('a'));
    await runner.hasStarted(1);
    await queue.pause('a');
    await queue.resume('a');
    await runner.hasStarted(2);
    await queue.cancel('a');
    await queue.retry('a');
    await runner.hasStarted(3);
    await queue.close();
    const words = (await queue.log('a')).split('\n').map((line) => line.replace(/^\S+Z {2}/, ''));
    expect(words.filter((line) => /^[A-Z]/.test(line) && !line.startsWith('Started'))).toEqual([
      'Paused',
      'Cancelled',
      'Stopped: the program ended',
    ]);
  });

  it('runs jobs whose log cannot be written, and says so once', async () => {
    await writeFile(join(home, 'logs'), 'a file where the folder should be');
    const runner = new FakeRunner();
    const queue = await runner.open();
    await queue.add(newJob('a'));
    await runner.hasStarted(1);
    await runner.end(queue);
    await queue.close();
    expect(states(queue)).toEqual(['a done']);
    expect(runner.notes).toEqual([expect.stringMatching(/log of a job could not be written/)]);
  });

  it('adds nothing where the queue cannot be written', async () => {
    const runner = new FakeRunner();
    const queue = await runner.open();
    await rm(home, { recursive: true });
    await writeFile(home, 'a file where the folder was');
    await expect(queue.add(newJob('a'))).rejects.toThrow();
    expect(queue.rows()).toEqual([]);
    expect(runner.started).toEqual([]);
  });

  it('tells of progress ten times a second at most, and of the last in the end', async () => {
    const runner = new FakeRunner();
    const queue = await runner.open();
    await queue.add(newJob('a'));
    await runner.hasStarted(1);
    const told = runner.events.length;
    runner.nowMs = 2000;
    for (let step = 1; step <= 50; step++) {
      runner.nowMs += 10;
      runner.report({ stage: 'sample', step, steps: 50, unit: 'calls', window: 2, windows: 3, etaSec: 9 });
    }
    const events = runner.events.slice(told);
    // The first at once; then a timer of real time that does not come in between.
    expect(events).toHaveLength(1);
    expect(events[0][0].progress).toEqual({
      stage: 'sample',
      share: 0.02,
      counted: { step: 1, steps: 50 },
      window: { number: 2, count: 3 },
      etaSec: 9,
    });
    expect(queue.rows()[0].progress?.share).toBe(1);
    while (runner.events.length === told + 1) await new Promise((resume) => setTimeout(resume, 5));
    expect(runner.events.at(-1)?.[0].progress?.counted).toEqual({ step: 50, steps: 50 });
    await runner.end(queue);
    expect(queue.rows()[0].progress).toBeUndefined();
  });
});
