import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { get } from 'node:http';
import { join } from 'node:path';
import { WebSocket } from 'ws';
import type { Client } from '../src-shared/ipc/index.ts';
import { buildCommand } from './build-command.ts';
import { commandVariable, demo, root, startHetcut } from './hetcut.ts';
import { clientOver } from './socket-client.ts';

/** `hetcut serve`, and a window's client of it. */
export interface Served {
  readonly pid: number;
  readonly client: Client;
  /** Bytes of a media address. */
  fetch(path: string): Promise<Buffer>;
  close(): Promise<void>;
}

/** Bundles the command for a script that measures, and has it import the models and measure the machine, into `home`. */
export async function prepareCommand(home: string): Promise<() => void> {
  const command = join(root, 'dist', `measure-command-${process.pid}`);
  await buildCommand(command);
  process.env[commandVariable] = command;
  execFileSync(
    process.execPath,
    [
      ...[join(command, 'cli/main.mjs'), 'estimate', demo('campus.mp4')],
      ...['--mask', demo('campus-mask.mkv'), '--plate', 'off', '--json'],
    ],
    { env: { ...process.env, HETCUT_HOME: home }, stdio: 'ignore' },
  );
  return () => rmSync(command, { recursive: true, force: true });
}

/** Starts `serve` over `folder`, and comes in as a page does. */
export async function serveFolder(home: string, folder: string): Promise<Served> {
  const pages = join(home, 'pages');
  mkdirSync(pages, { recursive: true });
  writeFileSync(join(pages, 'index.html'), '<!doctype html><title>HetCut</title>');
  const running = startHetcut(['serve', '--folder', folder, '--pages', pages, '--json'], home);
  const [line] = (await Promise.race([
    once(running.child.stdout!, 'data'),
    running.ended.then(({ stdout, stderr }) => Promise.reject(new Error(`serve ended: ${stdout}${stderr}`))),
  ])) as string[];
  const url = new URL((JSON.parse(line) as { url: string }).url);
  const ask = (path: string, cookie: string): Promise<{ cookie: string; status: number; body: Buffer }> =>
    new Promise((resolve, reject) => {
      get({ host: url.hostname, port: url.port, path, headers: { cookie } }, (response) => {
        const parts: Buffer[] = [];
        response.on('data', (part: Buffer) => parts.push(part));
        response.on('end', () =>
          resolve({
            cookie: (response.headers['set-cookie']?.[0] ?? '').split(';')[0],
            status: response.statusCode ?? 0,
            body: Buffer.concat(parts),
          }),
        );
      }).on('error', reject);
    });
  const { cookie } = await ask(url.pathname + url.search, '');
  const socket = new WebSocket(`ws://${url.host}/ipc`, { headers: { cookie, origin: url.origin } });
  await once(socket, 'open');
  return {
    pid: running.child.pid!,
    client: clientOver(socket),
    async fetch(path) {
      const { status, body } = await ask(path, cookie);
      if (status !== 200) throw new Error(`${path}: ${status} ${body.toString()}`);
      return body;
    },
    async close() {
      socket.close();
      running.child.kill('SIGINT');
      await running.ended;
    },
  };
}

/** Waits for a job of the queue; throws what it failed with. */
export async function jobEnd(client: Client, jobId: string): Promise<void> {
  for (;;) {
    const row = (await client.call('jobs.list', {})).find(({ id }) => id === jobId);
    if (row === undefined) throw new Error(`job ${jobId} is gone`);
    if (row.state === 'done') return;
    if (row.state === 'failed') throw new Error(`${row.name}: ${row.failure?.message ?? ''}`);
    await new Promise((resume) => setTimeout(resume, 100));
  }
}
