import { execFileSync } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createBackend } from '../src-main/backend/create-backend.ts';
import type { Backend } from '../src-main/backend/backend.ts';
import type * as HostClient from '../src-main/host/client.ts';
import type { EventName, Events, JobPreview, JobRow } from '../src-shared/ipc/index.ts';
import { newEdit } from '../src-shared/project/index.ts';
import { demo, importBundled, prepareHome } from './hetcut.ts';
import '../src-main/media/testing/use-npm-binaries.ts';

type AddInput = Parameters<Backend['handlers']['jobs.add']>[0];

let home: string;
let forkHost: typeof HostClient.forkHost;
let backend: Backend;
let rows: readonly JobRow[] = [];
const previews: JobPreview[] = [];
const waiting: (() => void)[] = [];

async function open(): Promise<void> {
  backend = await createBackend({
    home,
    startHost: forkHost,
    browseFolder: dirname(demo('')),
    emit<Name extends EventName>(name: Name, value: Events[Name]) {
      if (name === 'jobs.changed') rows = value as readonly JobRow[];
      if (name === 'jobs.preview') previews.push(value as JobPreview);
      for (const wake of waiting.splice(0)) wake();
    },
  });
}

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'hetcut-jobs-'));
  prepareHome(home);
  ({ forkHost } = await importBundled<typeof HostClient>('host/client'));
  await open();
});
afterAll(async () => {
  await backend.close();
  await rm(home, { recursive: true, force: true });
});

/** The first job that fulfils a condition, once there is one. */
async function until(isSo: (row: JobRow) => boolean): Promise<JobRow> {
  for (;;) {
    const found = rows.find(isSo);
    if (found !== undefined) return found;
    await new Promise<void>((wake) => waiting.push(wake));
  }
}

async function asked(endFrame: number): Promise<AddInput> {
  const { shapes } = JSON.parse(await readFile(demo('bunny-mask.json'), 'utf8')) as {
    shapes: AddInput['mask']['shapes'];
  };
  const { mask, settings } = newEdit('e', 'Edit');
  return {
    projectId: 'p',
    clipId: 'c',
    editId: 'e',
    name: `To ${endFrame}`,
    clipPath: demo('bunny.mp4'),
    mask: { ...mask, shapes },
    settings: { ...settings, preset: 'fast', plate: 'off' },
    range: { startFrame: 0, endFrame },
  };
}

const call = <Name extends keyof Backend['handlers']>(name: Name, input: unknown) =>
  (backend.handlers[name] as (input: unknown) => ReturnType<Backend['handlers'][Name]>)(input);

it('pauses a job, survives the death of the next one and its own end, and finishes both', async () => {
  // Two windows, and one.
  const long = await call('jobs.add', await asked(29));
  const short = await call('jobs.add', await asked(5));
  await until(
    ({ id, progress }) => id === long.id && progress?.stage === 'sample' && progress.window?.number === 2,
  );
  await call('jobs.pause', { jobId: long.id });
  const preview = previews.find(({ jobId }) => jobId === long.id);
  expect(preview).toBeDefined();
  const { rgb, width, height } = preview as JobPreview;
  expect(Buffer.from(rgb, 'base64')).toHaveLength(3 * width * height);

  await until(({ id, progress }) => id === short.id && progress !== undefined);
  expect(rows.find(({ id }) => id === long.id)?.state).toBe('paused');
  const host = execFileSync('pgrep', ['-P', String(process.pid), '-f', 'host/entry'], { encoding: 'utf8' });
  process.kill(Number(host.trim()), 'SIGKILL');
  const failed = await until(({ id, state }) => id === short.id && state === 'failed');
  expect(failed.failure).toMatchObject({
    code: 'host-died',
    message: expect.stringContaining('SIGKILL') as string,
  });
  expect(await call('jobs.log', { jobId: short.id })).toContain('Failed (host-died)');

  await backend.close();
  await open();
  rows = await call('jobs.list', {});
  expect(rows.map(({ state }) => state)).toEqual(['paused', 'failed']);
  await call('jobs.retry', { jobId: short.id });
  await call('jobs.resume', { jobId: long.id });
  const [done, again] = [
    await until(({ id, state }) => id === long.id && state !== 'waiting' && state !== 'running'),
    await until(({ id, state }) => id === short.id && state !== 'waiting' && state !== 'running'),
  ];
  expect([done.state, again.state]).toEqual(['done', 'done']);
  // The first window was in the checkpoint; on a fast machine the pause comes after the second as well.
  const log = await call('jobs.log', { jobId: long.id });
  expect(log).toMatch(
    /windows: 2, [12] of them from an earlier run; steps: 4, [2-4] of them from an earlier run/,
  );
  expect(await readdir(join(home, 'work'))).toEqual([]);
});

it('checks an edit against its uncached run, and shows both pictures', async () => {
  const edit = await asked(9);
  // Of eight steps or fewer none would be left out.
  const settings = { ...edit.settings, steps: 10 };
  const row = await call('edit.check', { ...edit, settings, name: 'A check', frame: 4 });
  expect(row.check).toEqual({ frame: 4, fingerprint: expect.any(String) as string });
  await expect(call('jobs.checkPictures', { jobId: row.id })).rejects.toMatchObject({ code: 'job-not-done' });
  const { state, check } = await until(
    (job) => job.id === row.id && job.state !== 'waiting' && job.state !== 'running',
  );
  expect(state).toBe('done');
  expect(check?.found).toMatchObject({
    range: { startFrame: 0, endFrame: 9 },
    frame: 4,
    steps: 10,
  });
  const { width, height, cached, full } = await call('jobs.checkPictures', { jobId: row.id });
  for (const picture of [cached, full]) {
    expect(Buffer.from(picture, 'base64')).toHaveLength(3 * width * height);
  }
  expect(cached).not.toBe(full);
  await call('jobs.remove', { jobId: row.id });
  expect(await readdir(join(home, 'checks'))).toEqual([]);
  await expect(call('edit.check', { ...(await asked(9)), name: 'n', frame: 50 })).rejects.toMatchObject({
    code: 'frame',
  });
});
