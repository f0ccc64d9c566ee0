/**
 * Starts the desktop program, building it first where dist is missing or older than its sources.
 *   node src-main/app/start.mjs [PROJECT.hetcut]
 */
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));
const built = ['dist/app/main.cjs', 'dist/renderer/index.html'].map((path) => join(root, path));
const sources = ['src-main', 'src-shared', 'src-renderer', 'package.json', 'vite.config.ts'];

/** Time of the newest file at or below `path`, in milliseconds since 1970. */
function newest(path) {
  const entry = statSync(path);
  if (!entry.isDirectory()) return entry.mtimeMs;
  return Math.max(0, ...readdirSync(path).map((name) => newest(join(path, name))));
}

function isStale() {
  if (!built.every((path) => existsSync(path))) return true;
  const oldest = Math.min(...built.map((path) => statSync(path).mtimeMs));
  const present = sources.map((path) => join(root, path)).filter((path) => existsSync(path));
  return present.some((path) => newest(path) > oldest);
}

/** Path of Electron's binary; undefined where it is not there and cannot be downloaded. */
function findElectron() {
  try {
    const path = createRequire(import.meta.url)('electron');
    return existsSync(path) ? path : undefined;
  } catch {
    return undefined;
  }
}

const electron = findElectron();
if (electron === undefined) {
  console.error(
    'Electron is not installed here and could not be downloaded. HetCut runs in a browser as well:\n' +
      '  npm run -s hetcut -- serve\n' +
      'To use an Electron that you have, set ELECTRON_OVERRIDE_DIST_PATH to its folder.',
  );
  process.exit(1);
}
if (isStale()) {
  console.error('Building …');
  const { status } = spawnSync('npm', ['run', '-s', 'build'], {
    cwd: root,
    stdio: 'inherit',
    shell: process.platform === 'win32',
  });
  if (status !== 0) process.exit(status ?? 1);
}
// Chromium's sandbox does not start as root.
const asRoot = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
spawn(electron, [...asRoot, root, ...process.argv.slice(2)], { stdio: 'inherit' }).on('exit', (code) =>
  process.exit(code ?? 1),
);
