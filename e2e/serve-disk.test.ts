import { once } from 'node:events';
import { copyFile, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import type { Client, JobRow } from '../src-shared/ipc/index.ts';
import { newEdit, newProject, withClip, type Clip, type EditMask } from '../src-shared/project/index.ts';
import { demo, hetcut, prepareHome, startHetcut, type Running } from './hetcut.ts';
import { clientOver } from './socket-client.ts';

// No file may grow beyond 400 KiB: what a full disk does to whoever writes, without needing one.
const fullDisk = ['bash', '-c', 'ulimit -f 400; exec "$@"', 'limited'];

let place: string;
let home: string;
let clip: string;
let served: Running;
let socket: WebSocket;
let client: Client;
const rows: JobRow[][] = [];

async function connect(address: string): Promise<void> {
  const url = new URL(address);
  const first = await fetch(url, { redirect: 'manual' });
  const cookie = first.headers.getSetCookie()[0].split(';')[0];
  socket = new WebSocket(`ws://${url.host}/ipc`, { headers: { cookie, origin: url.origin } });
  await once(socket, 'open');
  client = clientOver(socket);
  client.on('jobs.changed', (value) => void rows.push([...value]));
}

/** A mask of one stroke; with 60,000 points its file is larger than the disk has room for. */
function maskOf(points: number): EditMask {
  const stroke = {
    kind: 'stroke' as const,
    effect: 'remove' as const,
    keyframes: [
      {
        frame: 0,
        points: Array.from({ length: points }, (_, at): [number, number] => [
          100 + (at % 97),
          100 + (at % 89) + 0.5,
        ]),
        radius: 8,
      },
    ],
  };
  return { shapes: [stroke], grow: 0, invert: false };
}

function clipWith(points: number): Clip {
  return {
    id: 'c',
    path: clip,
    name: 'bunny.mp4',
    width: 640,
    height: 360,
    frames: 50,
    frameRate: '25/1',
    durationSec: 2,
    edits: [{ ...newEdit('e', 'E'), mask: maskOf(points) }],
  };
}

const job = (points: number): Parameters<typeof client.call<'jobs.add'>>[1] => ({
  projectId: 'p',
  clipId: 'c',
  editId: 'e',
  name: 'The stone',
  clipPath: clip,
  mask: maskOf(points),
  // What other frames show needs no network.
  settings: { ...newEdit('e', 'E').settings, plate: 'only' },
});

beforeAll(async () => {
  place = await mkdtemp(join(tmpdir(), 'hetcut-disk-'));
  home = join(place, 'home');
  // With its bundled model in place, which is larger than the disk.
  prepareHome(home);
  const pages = join(place, 'pages');
  await mkdir(pages);
  await writeFile(join(pages, 'index.html'), '<!doctype html><title>HetCut</title>');
  clip = join(place, 'bunny.mp4');
  await copyFile(demo('bunny.mp4'), clip);
  served = startHetcut(['serve', '--folder', place, '--pages', pages, '--json'], home, fullDisk);
  const [line] = (await once(served.child.stdout!, 'data')) as string[];
  await connect((JSON.parse(line) as { url: string }).url);
});
afterAll(async () => {
  socket.close();
  served.child.kill('SIGKILL');
  await served.ended;
  await rm(place, { recursive: true, force: true });
});

describe('with no room on the disk', () => {
  it('a project stays as it was saved last, and says so', async () => {
    const path = join(place, 'film.hetcut');
    const small = withClip(newProject('p', 'small'), clipWith(10));
    await client.call('clip.open', { path: clip });
    const { revision } = await client.call('project.save', { project: small, path });
    const before = await readFile(path, 'utf8');
    const large = withClip(newProject('p', 'large'), clipWith(60_000));
    await expect(
      client.call('project.save', { project: large, path, basedOn: revision }),
    ).rejects.toMatchObject({
      code: 'project-unsaved',
      message: `The project was not saved in ${place}: the disk is full.`,
      hint: expect.stringContaining('Save as') as string,
    });
    expect(await readFile(path, 'utf8')).toBe(before);
    expect((await readdir(place)).filter((name) => name.includes('partial'))).toEqual([]);
    // Nothing is in the way of the next save.
    const again = withClip(newProject('p', 'again'), clipWith(20));
    await client.call('project.save', { project: again, path, basedOn: revision });
    expect((await client.call('project.open', { path })).project).toEqual(again);
  });

  it('a job whose mask cannot be kept is not queued', async () => {
    await expect(client.call('jobs.add', job(60_000))).rejects.toMatchObject({
      code: 'disk-full',
      message: expect.stringContaining('disk') as string,
    });
    expect(await client.call('jobs.list', {})).toEqual([]);
    expect(await readdir(join(home, 'masks'))).toEqual([]);
  });

  it('a job whose result has no room fails, stays in the list and leaves nothing half-written', async () => {
    const { id } = await client.call('jobs.add', job(40));
    await expect.poll(() => rows.at(-1)?.at(0)?.state).toBe('failed');
    const [row] = await client.call('jobs.list', {});
    expect(row).toMatchObject({ id, state: 'failed', failure: { code: 'disk-full' } });
    expect(row.failure?.hint).not.toBe('');
    expect(await readdir(join(home, 'results'))).toEqual([]);
    expect(await client.call('app.info', {})).toMatchObject({ platform: process.platform });
  });
});

it('says that its folder cannot be written to, and ends', async () => {
  const ended = await hetcut(
    ['serve', '--folder', place, '--pages', join(place, 'pages'), '--json'],
    join(clip, 'home'),
  );
  expect(ended.code).not.toBe(0);
  expect(ended.json()).toMatchObject({
    code: 'home-unwritable',
    hint: expect.stringContaining('HETCUT_HOME') as string,
  });
});
