/**
 * Makes a fresh clone ready and then runs the command after `--`. Plain JavaScript with no dependency,
 * because it runs before anything is installed.
 *   node src-main/cli/set-up.mjs -- vitest run
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));

function checkNode() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major > 20 || (major === 20 && minor >= 19)) return;
  console.error(`HetCut needs Node 20.19 or newer; this is ${process.versions.node}.`);
  process.exit(1);
}

/** True where every required package of the lock file is installed in its version. */
function isInstalled() {
  const installedPath = join(root, 'node_modules', '.package-lock.json');
  if (!existsSync(installedPath)) return false;
  const wanted = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')).packages;
  const installed = JSON.parse(readFileSync(installedPath, 'utf8')).packages;
  return Object.entries(wanted).every(
    ([name, entry]) =>
      name === '' || entry.optional || entry.peer || installed[name]?.version === entry.version,
  );
}

function run(command, args, options = {}) {
  // npm and the tools of node_modules/.bin are scripts on Windows, which only a shell starts.
  return spawnSync(command, args, {
    cwd: root,
    stdio: 'inherit',
    shell: process.platform === 'win32',
    ...options,
  });
}

checkNode();
if (!isInstalled()) {
  console.error('Installing what HetCut needs (npm ci) …');
  // Its output goes to stderr, so that a command's answer on stdout stays clean.
  const { status } = run('npm', ['ci', '--no-audit', '--no-fund'], { stdio: ['ignore', 2, 2] });
  if (status !== 0) {
    console.error(
      'npm ci failed; see the messages above. A package registry must be reachable the first time.',
    );
    process.exit(status ?? 1);
  }
}
const separator = process.argv.indexOf('--');
const [command, ...args] = separator < 0 ? [] : process.argv.slice(separator + 1);
if (command !== undefined) {
  // Ctrl-C reaches the command, which cleans up and says how it ended; this process only waits.
  process.on('SIGINT', () => undefined);
  const path = `${join(root, 'node_modules', '.bin')}${delimiter}${process.env.PATH ?? ''}`;
  const { status, signal } = run(command, args, { env: { ...process.env, PATH: path } });
  process.exit(status ?? (signal === 'SIGINT' ? 130 : 1));
}
