import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Readable } from 'node:stream';

/** Whether tests can have displays of their own: without them they share the machine's, where one window has the focus. */
export const hasOwnDisplays =
  process.platform === 'linux' &&
  (process.env['PATH'] ?? '').split(':').some((folder) => existsSync(join(folder, 'Xvfb')));

/** Starts a display without a screen. Returns its name for DISPLAY, and what ends it. Throws where Xvfb does not start. */
export async function startDisplay(): Promise<{ readonly name: string; readonly stop: () => void }> {
  // It takes the first free number, and writes it to the fourth of its streams.
  const options = ['-displayfd', '3', '-screen', '0', '1280x1024x24', '-nolisten', 'tcp'];
  const server = spawn('Xvfb', options, { stdio: ['ignore', 'ignore', 'pipe', 'pipe'] });
  let said = '';
  server.stderr?.setEncoding('utf8').on('data', (text: string) => (said += text));
  const [answer] = (await Promise.race([
    once(server.stdio[3] as Readable, 'data'),
    once(server, 'exit').then(() => {
      throw new Error(`Xvfb has not started: ${said}`);
    }),
  ])) as [Buffer];
  const stop = (): void => void server.kill();
  process.once('exit', stop);
  return { name: `:${answer.toString().trim()}`, stop };
}
