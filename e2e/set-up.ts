import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { buildCommand } from './build-command.ts';

/** Where the tests find the bundled command, and a home that it has been used with. */
export const commandVariable = 'HETCUT_TEST_COMMAND';
export const homeVariable = 'HETCUT_TEST_HOME';

/**
 * Runs once before the tests of the whole program: bundles the command, and has it import the starter model and
 * measure the machine, into a home of which each test file takes a copy.
 */
export default async function setUp(): Promise<(() => void) | undefined> {
  // Of the two projects that ask for it the first one does it.
  if (process.env[commandVariable] !== undefined) return undefined;
  const root = resolve(import.meta.dirname, '..');
  const command = join(root, 'dist', `test-command-${process.pid}`);
  const home = mkdtempSync(join(tmpdir(), 'hetcut-prepared-'));
  await buildCommand(command);
  const demo = (name: string): string => join(root, 'assets/demo', name);
  const estimate = ['estimate', demo('campus.mp4'), '--mask', demo('campus-mask.mkv'), '--plate', 'off'];
  const { status, stdout } = spawnSync(
    process.execPath,
    [join(command, 'cli/main.mjs'), ...estimate, '--json'],
    {
      env: { ...process.env, HETCUT_HOME: home },
      encoding: 'utf8',
    },
  );
  if (status !== 0) throw new Error(`hetcut estimate failed: ${stdout}`);
  process.env[commandVariable] = command;
  process.env[homeVariable] = home;
  return () => {
    for (const folder of [command, home]) rmSync(folder, { recursive: true, force: true });
  };
}
