import { once } from 'node:events';
import { connect as connectTo } from 'node:net';
import { get } from 'node:http';
import { copyFile, mkdir, mkdtemp, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { createMedia } from '../src-main/media/index.ts';
import { newEdit, newProject, withClip } from '../src-shared/project/index.ts';
import {
  audioPath,
  framePath,
  peaksPath,
  requests,
  type Client,
  type JobRow,
  type Reply,
  type SavedProject,
} from '../src-shared/ipc/index.ts';
import { tryOut } from './fuzz/run-subjects.ts';
import { serveSubjects } from './fuzz/serve.ts';
import { demo, hetcut, prepareHome, startHetcut, type Running } from './hetcut.ts';
import { clientOver } from './socket-client.ts';

interface Served {
  readonly running: Running;
  readonly url: URL;
}

interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Buffer;
}

let place: string;
let folder: string;
let pages: string;
let served: Served;
let cookie: string;
let clip: string;

async function serve(home: string): Promise<Served> {
  const running = startHetcut(['serve', '--folder', folder, '--pages', pages, '--json'], home);
  const [line] = (await Promise.race([
    once(running.child.stdout!, 'data'),
    running.ended.then(({ stdout, stderr }) => {
      throw new Error(`serve ended: ${stdout}${stderr}`);
    }),
  ])) as string[];
  return { running, url: new URL((JSON.parse(line) as { url: string }).url) };
}

/** A request with exactly these headers; `fetch` would not let them be chosen. */
function ask(path: string, headers: Readonly<Record<string, string>> = {}, method = 'GET'): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const request = get(
      { host: '127.0.0.1', port: served.url.port, path, method, headers: { cookie, ...headers } },
      (response) => {
        const parts: Buffer[] = [];
        response.on('data', (part: Buffer) => parts.push(part));
        response.on('end', () =>
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers,
            body: Buffer.concat(parts),
          }),
        );
      },
    );
    request.on('error', reject);
  });
}

function openSocket(headers: Readonly<Record<string, string>>, path = '/ipc'): Promise<WebSocket> {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(`ws://127.0.0.1:${served.url.port}${path}`, { headers });
    socket.on('open', () => resolve(socket));
    socket.on('error', reject);
  });
}

const ownHeaders = (): Record<string, string> => ({ cookie, origin: served.url.origin });

/** The window's client over a socket. */
async function connect(): Promise<{ client: Client; socket: WebSocket }> {
  const socket = await openSocket(ownHeaders());
  const client = clientOver(socket);
  return { client, socket };
}

beforeAll(async () => {
  place = await mkdtemp(join(tmpdir(), 'hetcut-serve-'));
  folder = join(place, 'clips');
  pages = join(place, 'pages');
  await mkdir(join(folder, 'deeper'), { recursive: true });
  await mkdir(pages);
  await writeFile(join(pages, 'index.html'), '<!doctype html><title>HetCut</title>');
  await writeFile(join(place, 'secret.json'), '"what-lies-outside"');
  clip = join(folder, 'bunny.mp4');
  await copyFile(demo('bunny.mp4'), clip);
  await writeFile(join(folder, 'notes.txt'), 'no clip');
  await writeFile(join(folder, '.hidden.mp4'), 'hidden');
  await symlink(place, join(folder, 'way-out'));
  prepareHome(join(place, 'home'));
  served = await serve(join(place, 'home'));
  cookie = '';
});
afterAll(async () => {
  served.running.child.kill('SIGKILL');
  await served.running.ended;
  await rm(place, { recursive: true, force: true });
});

describe('the door', () => {
  it('opens once for the token, and to nobody else', async () => {
    expect(served.url.hostname).toBe('127.0.0.1');
    expect((await ask('/')).status).toBe(403);
    expect((await ask('/?token=wrong')).status).toBe(403);
    expect((await ask('/media/x/peaks.json')).status).toBe(403);
    await expect(openSocket(ownHeaders())).rejects.toThrow('403');

    const first = await ask(served.url.pathname + served.url.search);
    expect(first.status).toBe(303);
    expect(first.headers['location']).toBe('/');
    const [set] = first.headers['set-cookie'] as string[];
    expect(set).toMatch(/; HttpOnly; SameSite=Strict; Path=\/$/);
    expect((await ask(served.url.pathname + served.url.search)).status).toBe(403);

    cookie = set.split(';')[0];
    const page = await ask('/');
    expect(page.status).toBe(200);
    expect(page.body.toString()).toContain('<title>HetCut');
    expect(page.headers['content-security-policy']).toContain("default-src 'self'");
    expect(page.headers['content-security-policy']).toContain("connect-src 'self'");
    // Opened again from the terminal, by the same browser.
    expect((await ask(served.url.pathname + served.url.search)).status).toBe(303);
  });

  it('stays shut for other names and other pages', async () => {
    const { port } = served.url;
    expect((await ask('/', { host: `evil.example:${port}` })).status).toBe(403);
    expect((await ask('/', { host: '127.0.0.1' })).status).toBe(403);
    expect((await ask('/', { origin: 'http://evil.example' })).status).toBe(403);
    expect((await ask('/', { cookie: `${cookie}x` })).status).toBe(403);
    expect((await ask('/', { host: `localhost:${port}` })).status).toBe(200);
    await expect(openSocket({ cookie, origin: 'http://evil.example' })).rejects.toThrow('403');
    await expect(openSocket({ cookie, origin: 'null' })).rejects.toThrow('403');
    await expect(openSocket({ cookie })).rejects.toThrow('403');
    await expect(openSocket({ origin: served.url.origin })).rejects.toThrow('403');
    await expect(openSocket(ownHeaders(), '/other')).rejects.toThrow('403');
  });

  it('serves its pages and nothing else', async () => {
    for (const path of [
      '/../secret.json',
      '/%2e%2e/secret.json',
      '/..%2fsecret.json',
      '//secret.json',
      '/%00',
      '/%',
    ]) {
      const { status, body } = await ask(path);
      expect([path, status]).toEqual([path, 404]);
      expect(body.toString()).not.toContain('what-lies-outside');
    }
    expect((await ask('/', {}, 'POST')).status).toBe(405);
  });

  it('closes a socket that sends no requests', async () => {
    for (const [nonsense, reason] of [
      ['{', 'the message: not JSON'],
      ['['.repeat(200_000), 'the message: not JSON'],
      ['7', 'the message: not an object'],
      ['null', 'the message: not an object'],
      ['[{"id": 1}]', 'the message: not an object'],
      ['{"name": "app.info"}', 'id: not a number'],
      ['{"id": "1", "name": "app.info"}', 'id: not a number'],
      [Buffer.from('{"id": 1, "name": "app.info"}'), 'the message: not text'],
    ] as const) {
      const socket = await openSocket(ownHeaders());
      socket.send(nonsense);
      const [code, said] = (await once(socket, 'close')) as [number, Buffer];
      expect([code, said.toString()]).toEqual([1007, reason]);
    }
    // More than any project is: refused before it is read.
    const socket = await openSocket(ownHeaders());
    socket.on('error', () => undefined);
    socket.send('x'.repeat(65 * 2 ** 20));
    const [code] = (await once(socket, 'close')) as [number];
    expect([1009, 1006]).toContain(code);
  });

  it('refuses, answers or shows out whoever knocks, and lives on', async () => {
    const door = { port: Number(served.url.port), cookie, secret: 'what-lies-outside' };
    for (const one of serveSubjects(door)) {
      const { report } = await tryOut(one, 150, 20_26);
      expect(report, one.name).toBeUndefined();
    }
  });

  it('keeps no connection of many that say nothing', async () => {
    const silent = Array.from({ length: 300 }, () =>
      connectTo({ port: Number(served.url.port), host: '127.0.0.1' }),
    );
    for (const one of silent) one.on('error', () => undefined);
    await expect.poll(() => silent.filter((one) => one.closed).length).toBeGreaterThanOrEqual(100);
    for (const one of silent) one.destroy();
    await expect.poll(async () => (await ask('/')).status).toBe(200);
  });

  it('answers or shows out whatever comes, and lives on', async () => {
    const anyName = fc.oneof(fc.constantFrom(...Object.keys(requests)), fc.anything());
    const request = fc.record({ id: fc.anything(), name: anyName, input: fc.anything() });
    const frame = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.json(),
      fc.uint8Array(),
      request.map((message) => String(JSON.stringify(message))),
      fc.record({ id: fc.integer(), name: anyName, input: fc.jsonValue() }).map((m) => JSON.stringify(m)),
    );
    let socket = await openSocket(ownHeaders());
    let answered = 0;
    let shownOut = 0;
    for (const one of fc.sample(frame, { seed: 20_26, numRuns: 300 })) {
      const reply = new Promise<string>((settle) => {
        socket.once('message', (data: Buffer) => settle(data.toString()));
        socket.once('close', () => settle(''));
      });
      socket.send(one);
      const text = await reply;
      socket.removeAllListeners();
      if (text === '') {
        shownOut++;
        socket = await openSocket(ownHeaders());
        continue;
      }
      answered++;
      const { reply: said } = JSON.parse(text) as { reply: Reply<unknown> };
      if (said.ok) continue;
      expect(said.code).not.toBe('unexpected');
      expect(said.message).not.toBe('');
    }
    expect(Math.min(answered, shownOut)).toBeGreaterThan(30);
    socket.close();
    const { client, socket: after } = await connect();
    expect(await client.call('app.info', {})).toMatchObject({ platform: process.platform });
    after.close();
  });
});

describe('the program behind the page', () => {
  it('shows folders and what can be opened, below --folder only', async () => {
    const { client, socket } = await connect();
    const listing = await client.call('files.list', { kind: 'clip' });
    expect(listing).toEqual({
      folder,
      parent: null,
      entries: [
        { name: 'deeper', path: join(folder, 'deeper'), isFolder: true },
        { name: 'bunny.mp4', path: clip, isFolder: false },
      ],
    });
    const deeper = await client.call('files.list', { folder: join(folder, 'deeper'), kind: 'clip' });
    expect(deeper).toEqual({ folder: join(folder, 'deeper'), parent: folder, entries: [] });
    const refused = { code: 'path-refused' };
    await expect(client.call('files.list', { folder: place, kind: 'clip' })).rejects.toMatchObject(refused);
    await expect(client.call('clip.open', { path: '/etc/passwd' })).rejects.toMatchObject(refused);
    const roundabout = join(folder, 'way-out', 'secret.json');
    await expect(client.call('project.open', { path: roundabout })).rejects.toMatchObject(refused);
    const elsewhere = { path: '/etc/passwd', near: clip };
    await expect(client.call('clip.find', elsewhere)).rejects.toMatchObject(refused);
    const moved = { path: join(folder, 'deeper', 'bunny.mp4'), near: join(folder, 'film.hetcut') };
    expect(await client.call('clip.find', moved)).toBe(clip);
    expect(await client.call('clip.find', { ...moved, path: join(folder, 'none.mp4') })).toBeNull();
    await expect(client.call('files.choose', { kind: 'clip' })).rejects.toMatchObject({ code: 'no-dialogs' });
    socket.close();
  });

  it('opens the bundled clip, estimates an edit, runs it and exports it', async () => {
    const { client, socket } = await connect();
    const info = await client.call('app.info', {});
    expect(info).toMatchObject({ nativeDialogs: false, platform: process.platform });
    const { media: sample, shapes: people } = await client.call('clip.sample', { name: 'removal' });
    expect(sample).toMatchObject({
      name: 'campus.mp4',
      width: 576,
      height: 320,
      frames: 25,
      hasAudio: false,
    });
    expect(sample.ptsSec[0]).toBe(0);
    expect(sample.ptsSec).toHaveLength(25);
    // Tracked: a mask in every frame.
    expect(people).toMatchObject([{ kind: 'track', keyframes: [{ frame: 0 }] }]);
    expect(people[0].kind === 'track' && people[0].tracked.length).toBe(24);

    const opened = await client.call('clip.open', { path: clip });
    expect(opened.mediaId).not.toBe(sample.mediaId);
    const jpeg = await ask(framePath(opened.mediaId, 49, 90));
    expect(jpeg.status).toBe(200);
    expect(jpeg.headers['content-type']).toBe('image/jpeg');
    expect(jpeg.body.subarray(0, 2)).toEqual(Buffer.from([0xff, 0xd8]));
    expect((await ask(framePath(opened.mediaId, 50, 90))).status).toBe(404);
    expect((await ask(framePath(opened.mediaId, 0, 1))).status).toBe(400);
    expect((await ask(framePath('other', 0, 90))).status).toBe(404);
    // Of several that would do the first key picture, which is the clip's first.
    const first = await ask(framePath(opened.mediaId, 0, 90));
    expect((await ask(framePath(opened.mediaId, 0, 90, 40))).body).toEqual(first.body);
    expect((await ask(framePath(opened.mediaId, 49, 90, 40))).body).toEqual(jpeg.body);
    expect((await ask(`${framePath(opened.mediaId, 0, 90)}&span=0`)).status).toBe(400);
    const peaks = JSON.parse((await ask(peaksPath(opened.mediaId))).body.toString()) as { max: number[] };
    expect(Math.max(...peaks.max)).toBeGreaterThan(5);
    const sound = await ask(audioPath(opened.mediaId));
    expect(sound.status).toBe(200);
    const part = await ask(audioPath(opened.mediaId), { range: 'bytes=100-299' });
    expect(part.status).toBe(206);
    expect(part.headers['content-range']).toBe(`bytes 100-299/${sound.body.length}`);
    expect(part.body).toEqual(sound.body.subarray(100, 300));

    const { shapes } = JSON.parse(await readFile(demo('bunny-mask.json'), 'utf8')) as { shapes: [] };
    const edit = newEdit('edit', 'The stone');
    const asked = {
      clipPath: clip,
      mask: { ...edit.mask, shapes },
      settings: { ...edit.settings, steps: 2, method: 'full', fill: 'network' as const },
    };
    const estimate = await client.call('edit.estimate', asked);
    expect(estimate.steps).toEqual(['full', 'full']);
    expect(estimate.calls).toEqual({ full: 2 * estimate.windows, partial: 0, reuse: 0 });
    const empty = { ...asked, mask: edit.mask };
    await expect(client.call('edit.estimate', empty)).rejects.toMatchObject({ code: 'mask-empty' });

    const progress: (JobRow['progress'] & object)[] = [];
    const done = new Promise<JobRow>((resolve) => {
      client.on('jobs.changed', ([row]) => {
        if (row?.progress !== undefined) progress.push(row.progress);
        if (row?.state === 'done' || row?.state === 'failed') resolve(row);
      });
    });
    const ids = { projectId: 'project', clipId: 'clip', editId: 'edit' };
    const added = await client.call('jobs.add', { ...ids, name: 'The stone goes', ...asked });
    expect(added).toMatchObject({ ...ids, state: 'waiting', name: 'The stone goes' });
    const row = await done;
    expect(row.failure).toBeUndefined();
    expect(row.result).toMatchObject({ path: join(place, 'home', 'results', `${added.id}.mp4`) });
    expect(row.result?.estimateSeconds).toBeCloseTo(estimate.seconds, 6);
    expect(new Set(progress.map(({ stage }) => stage))).toContain('sample');
    expect(await client.call('jobs.list', {})).toEqual([row]);

    const path = join(folder, 'done.mp4');
    expect(await client.call('result.export', { jobId: row.id, path })).toEqual({ path, frames: 50 });
    const media = await createMedia();
    const [source, exported] = [await media.probe(clip), await media.probe(path)];
    expect(exported).toMatchObject({ width: 640, height: 360, codec: 'h264', colour: source.colour });
    expect(exported.audio.map(({ codec }) => codec)).toEqual(source.audio.map(({ codec }) => codec));
    expect(exported.ptsSec).toHaveLength(50);
    const resultBytes = (await stat(row.result!.path)).size;
    expect((await stat(path)).size).toBeLessThan(resultBytes);

    const exportTo = (target: string): Promise<unknown> =>
      client.call('result.export', { jobId: row.id, path: target });
    const before = await readFile(clip);
    await expect(exportTo(clip)).rejects.toMatchObject({ code: 'output-is-input' });
    await expect(exportTo(row.result!.path)).rejects.toMatchObject({ code: 'output-in-home' });
    await expect(exportTo(join(place, 'outside.mp4'))).rejects.toMatchObject({ code: 'path-refused' });
    await expect(exportTo(join(folder, 'done.gif'))).rejects.toMatchObject({ code: 'output-format' });
    expect(await readFile(clip)).toEqual(before);

    const { width, height, frames, frameRate, durationSec, name } = opened;
    const made = {
      id: 'clip',
      path: clip,
      name,
      width,
      height,
      frames,
      frameRate,
      durationSec,
      edits: [edit],
    };
    const project = withClip(newProject('project', 'A project'), made);
    const saved = await client.call('project.save', { project });
    const { path: projectPath, revision } = saved;
    const asSaved = { project, path: projectPath, revision };
    expect(await client.call('project.open', { path: projectPath })).toEqual(asSaved);
    const named = { ...project, clips: [{ ...made, path: '/etc/passwd' }] };
    await expect(client.call('project.save', { project: named })).rejects.toMatchObject({
      code: 'path-refused',
    });
    expect((await client.call('app.info', {})).recentProjects).toMatchObject([
      { id: 'project', name: 'A project', path: saved.path },
    ]);
    // A page must not write over a clip, whatever it says.
    await expect(client.call('project.save', { project, path: clip })).rejects.toMatchObject({
      code: 'project-ending',
    });
    const outside = join(place, 'mine.hetcut');
    await expect(client.call('project.save', { project, path: outside })).rejects.toMatchObject({
      code: 'path-refused',
    });
    socket.close();
  });

  it('does not let two pages write over each other', async () => {
    const [one, two] = [await connect(), await connect()];
    const path = join(folder, 'film.hetcut');
    const save = ({ client }: typeof one, name: string, basedOn?: string): Promise<SavedProject> =>
      client.call('project.save', {
        project: newProject('film', name),
        path,
        ...(basedOn === undefined ? {} : { basedOn }),
      });
    await save(one, 'at first');
    const { revision } = await two.client.call('project.open', { path });
    const mine = await save(one, 'of one', revision);
    await expect(save(two, 'of two', revision)).rejects.toMatchObject({ code: 'project-conflict' });
    expect((await two.client.call('project.open', { path })).project.name).toBe('of one');
    await save(two, 'of two', mine.revision);
    const [version] = await one.client.call('project.backups', { path });
    const restored = await one.client.call('project.restore', { path, savedAt: version.savedAt });
    expect(restored.project.name).toBe('at first');
    expect((await one.client.call('files.list', { kind: 'project' })).entries).toContainEqual({
      name: 'film.hetcut',
      path,
      isFolder: false,
    });
    one.socket.close();
    two.socket.close();
  });

  it('is the only one with its home, ends on Ctrl-C, and has its jobs the next time', async () => {
    const home = join(place, 'home');
    const second = await hetcut(['serve', '--folder', folder, '--pages', pages, '--json'], home);
    expect(second.code).toBe(2);
    expect(second.json()).toMatchObject({ code: 'home-in-use' });

    const { client } = await connect();
    const [job] = await client.call('jobs.list', {});
    served.running.child.kill('SIGINT');
    const { code, stderr } = await served.running.ended;
    expect({ code, stderr: stderr.includes('Error') }).toEqual({ code: 0, stderr: false });

    served = await serve(home);
    cookie = '';
    const first = await ask(served.url.pathname + served.url.search);
    cookie = (first.headers['set-cookie'] as string[])[0].split(';')[0];
    const again = await connect();
    expect(await again.client.call('jobs.list', {})).toEqual([job]);
    again.socket.close();
  });
});

it('says what is missing', async () => {
  const home = join(place, 'other-home');
  const run = await hetcut(['serve', '--pages', join(place, 'none'), '--json'], home);
  expect(run.code).toBe(2);
  expect(run.json()).toMatchObject({
    code: 'pages-missing',
    hint: expect.stringContaining('npm run build') as string,
  });
  const noFolder = await hetcut(['serve', '--folder', join(place, 'none'), '--json'], home);
  expect(noFolder.json()).toMatchObject({ code: 'folder-missing' });
});
