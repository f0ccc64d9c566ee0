import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildCommand } from '../build-command.ts';
import { root } from '../hetcut.ts';
import type { Door } from './serve.ts';

/** In a file beside the folders that the server may give out. */
const secret = 'what-lies-outside';

/** Starts `hetcut serve` on folders of its own, and is let in. */
export async function openDoor(): Promise<
  Door & { readonly pid: number; readonly close: () => Promise<void> }
> {
  const place = await mkdtemp(join(tmpdir(), 'hetcut-door-'));
  const command = join(root, 'dist', `fuzz-command-${process.pid}`);
  const [folder, pages] = [join(place, 'clips'), join(place, 'pages')];
  for (const path of [folder, pages]) await mkdir(path);
  await writeFile(join(place, 'secret.json'), JSON.stringify(secret));
  await writeFile(join(pages, 'index.html'), '<!doctype html><title>HetCut</title>');
  await buildCommand(command);
  const args = [join(command, 'cli/main.mjs'), 'serve', '--folder', folder, '--pages', pages, '--json'];
  const child = spawn(process.execPath, args, {
    cwd: root,
    env: { ...process.env, HETCUT_HOME: join(place, 'home') },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = once(child, 'close');
  const close = async (): Promise<void> => {
    child.kill('SIGINT');
    await ended;
    for (const path of [place, command]) await rm(path, { recursive: true, force: true });
  };
  const [line] = (await Promise.race([once(child.stdout.setEncoding('utf8'), 'data'), ended])) as string[];
  const url = new URL((JSON.parse(line) as { url: string }).url);
  const first = await fetch(url, { redirect: 'manual' });
  const cookie = first.headers.getSetCookie()[0].split(';')[0];
  return { port: Number(url.port), cookie, secret, pid: child.pid!, close };
}
