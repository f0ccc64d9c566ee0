import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { answer, type JobEstimate, type JobRow, type Reply } from '../../src-shared/ipc/index.ts';
import { newEdit, newProject, withClip, type EditSettings } from '../../src-shared/project/index.ts';
import type { EditJob } from '../engine/edit-job.ts';
import { idleHost } from '../host/testing/idle-host.ts';
import { useTsx } from '../host/testing/use-tsx.ts';
import { ffmpeg, temporaryFolder } from '../media/testing/clips.ts';
import type { Backend } from './backend.ts';
import { createBackend } from './create-backend.ts';

useTsx();

const folder = temporaryFolder(afterAll);
const at = (name: string): string => join(folder, 'clips', name);
const frames = 8;

let backend: Backend;
/** What the queue was given to run. */
let started: EditJob | undefined;

const call = (name: string, input: unknown): Promise<Reply<unknown>> => answer(backend.handlers, name, input);
const { mask, settings } = newEdit('e', 'E');

function asked(changes: Partial<EditSettings>): Record<string, unknown> {
  const keyframes = [{ frame: 0, from: [10, 10], to: [30, 30] }];
  const shapes = [{ kind: 'box', effect: 'remove', keyframes }];
  return { clipPath: at('clip.mp4'), mask: { ...mask, shapes }, settings: { ...settings, ...changes } };
}
const estimate = (changes: Partial<EditSettings>): Promise<Reply<unknown>> =>
  call('edit.estimate', asked(changes));
const run = (changes: Partial<EditSettings>): Promise<Reply<unknown>> =>
  call('jobs.add', { projectId: 'p', clipId: 'c', editId: 'e', name: 'The job', ...asked(changes) });

function make(name: string, size: string, count: number, ...more: string[]): void {
  const source = ['-f', 'lavfi', '-i', `testsrc2=s=${size}:r=25:d=${count / 25}`];
  ffmpeg([...source, '-frames:v', String(count), ...more, at(name)]);
}

beforeAll(async () => {
  for (const name of ['clips', 'home']) mkdirSync(join(folder, name));
  make('clip.mp4', '64x48', frames, '-pix_fmt', 'yuv420p');
  make('plate.png', '64x48', 1);
  make('small.png', '32x48', 1);
  make('plate.mp4', '64x48', frames, '-pix_fmt', 'yuv420p');
  make('short.mp4', '64x48', frames - 2, '-pix_fmt', 'yuv420p');
  writeFileSync(at('broken.png'), 'no picture');
  backend = await createBackend({
    home: join(folder, 'home'),
    browseFolder: join(folder, 'clips'),
    emit: () => undefined,
    startHost: idleHost((job) => (started = job as EditJob)),
  });
});
afterAll(() => backend.close());

describe('a clean plate that the window provides', () => {
  it.each(['plate.png', 'plate.mp4'])('%s leaves nothing to the network, and is run with', async (name) => {
    const estimated = await estimate({ platePath: at(name) });
    if (!estimated.ok) throw new Error(estimated.message);
    const { windows, steps, fingerprint, seconds } = estimated.value as JobEstimate;
    expect({ windows, steps }).toEqual({ windows: 0, steps: [] });
    const without = await estimate({ plate: 'off' });
    if (!without.ok) throw new Error(without.message);
    const generated = without.value as JobEstimate;
    expect(generated.windows).toBe(1);
    expect(generated.fingerprint).not.toBe(fingerprint);
    expect(seconds).toBeLessThan(generated.seconds);

    const added = await run({ platePath: at(name) });
    if (!added.ok) throw new Error(added.message);
    await expect.poll(() => started?.plate).toEqual({ kind: 'file', path: at(name) });
    await call('jobs.remove', { jobId: (added.value as JobRow).id });
  });

  it.each([
    ['small.png', 'plate-size', /small\.png is 32×48, the clip 64×48/],
    ['short.mp4', 'plate-clip', /short\.mp4 has 6 frames in yuv420p; 8 in yuv420p are needed/],
    ['broken.png', 'not-a-picture', /^The plate cannot be used: .*broken\.png is not a picture/],
    ['gone.png', 'file-not-found', /^The plate cannot be used: There is no picture at .*gone\.png/],
    ['gone.mp4', 'file-not-found', /^The plate cannot be used: There is no clip at .*gone\.mp4/],
  ])('%s is refused by the estimate, and before it is queued', async (name, code, message) => {
    const refused = { ok: false, code, message: expect.stringMatching(message) as string };
    expect(await estimate({ platePath: at(name) })).toMatchObject(refused);
    expect(await run({ platePath: at(name) })).toMatchObject(refused);
    expect(await call('jobs.list', {})).toEqual({ ok: true, value: [] });
  });

  it('need not reach beyond the frames that are wanted', async () => {
    const range = { startFrame: 0, endFrame: frames - 2 };
    const input = { ...asked({ platePath: at('short.mp4') }), range };
    expect(await call('edit.estimate', input)).toMatchObject({ ok: true });
  });

  it('is noticed when it is made again', async () => {
    make('changing.png', '64x48', 1);
    expect(await estimate({ platePath: at('changing.png') })).toMatchObject({ ok: true });
    make('changing.png', '48x48', 1);
    expect(await estimate({ platePath: at('changing.png') })).toMatchObject({
      ok: false,
      code: 'plate-size',
    });
  });

  it('must have been chosen by the editor', async () => {
    const refused = { ok: false, code: 'path-refused' };
    expect(await estimate({ platePath: '/etc/hostname' })).toMatchObject(refused);
    expect(await run({ platePath: '/etc/hostname' })).toMatchObject(refused);
    const clip = { id: 'c', name: 'clip', width: 64, height: 48, frames, frameRate: '25/1', durationSec: 1 };
    const save = (platePath: string): Promise<Reply<unknown>> => {
      const edit = { ...newEdit('e', 'E'), settings: { ...settings, platePath } };
      const project = withClip(newProject('p', 'P'), { ...clip, path: at('clip.mp4'), edits: [edit] });
      return call('project.save', { project });
    };
    expect(await save('/etc/hostname')).toMatchObject(refused);
    expect(await save(at('plate.png'))).toMatchObject({ ok: true });
  });

  it('is found among pictures and clips', async () => {
    const listed = await call('files.list', { kind: 'plate' });
    if (!listed.ok) throw new Error(listed.message);
    const { entries } = listed.value as { entries: { name: string }[] };
    expect(entries.map(({ name }) => name)).toEqual(expect.arrayContaining(['plate.mp4', 'plate.png']));
  });
});
