import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildIfStale, findChromium, findElectron } from './app/runtimes.ts';
import { buildCommand } from './build-command.ts';
import { commandVariable, demo, homeVariable, root } from './hetcut.ts';

/**
 * Runs once before the tests of the whole program: builds the window, bundles the command, and has it import the bundled models and
 * measure the machine, into a home of which each test file takes a copy.
 */
export default async function setUp(): Promise<(() => void) | undefined> {
  // Of the two projects that ask for it the first one does it.
  if (process.env[commandVariable] !== undefined) return undefined;
  const command = join(root, 'dist', `test-command-${process.pid}`);
  const home = mkdtempSync(join(tmpdir(), 'hetcut-prepared-'));
  await buildCommand(command);
  if ([findChromium(), findElectron()].some((found) => 'path' in found)) buildIfStale();
  const estimate = ['estimate', demo('campus.mp4'), '--mask', demo('campus-mask.mkv'), '--plate', 'off'];
  for (const kind of [[], ['--edit']]) {
    const { status, stdout } = spawnSync(
      process.execPath,
      [join(command, 'cli/main.mjs'), ...estimate, ...kind, '--json'],
      {
        env: { ...process.env, HETCUT_HOME: home },
        encoding: 'utf8',
      },
    );
    if (status !== 0) throw new Error(`hetcut estimate failed: ${stdout}`);
  }
  process.env[commandVariable] = command;
  process.env[homeVariable] = home;
  return () => {
    for (const folder of [command, home]) rmSync(folder, { recursive: true, force: true });
  };
}
