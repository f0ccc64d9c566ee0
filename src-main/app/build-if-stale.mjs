/**
 * Builds pages and desktop program where dist is missing or older than its sources.
 *   node src-main/app/build-if-stale.mjs
 * Plain JavaScript, because it runs before anything is built.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));
const built = ['dist/app/main.cjs', 'dist/renderer/index.html'].map((path) => join(root, path));
const sources = [
  'src-main',
  'src-shared',
  'src-renderer',
  'package.json',
  'package-lock.json',
  'vite.config.ts',
];

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

if (isStale()) {
  console.error('Building …');
  const { status } = spawnSync('npm', ['run', '-s', 'build'], {
    cwd: root,
    // A test runner's own would bundle what is for development.
    env: { ...process.env, NODE_ENV: 'production' },
    stdio: 'inherit',
    shell: process.platform === 'win32',
  });
  if (status !== 0) process.exit(status ?? 1);
}
