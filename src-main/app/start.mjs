/**
 * Starts the desktop program, building it first where dist is missing or older than its sources.
 *   node src-main/app/start.mjs [PROJECT.hetcut]
 */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));

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
    'Electron could not be downloaded here. HetCut runs in a browser as well:\n' +
      '  npm run serve\n' +
      'To use an Electron that you have, set ELECTRON_OVERRIDE_DIST_PATH to its folder.',
  );
  process.exit(1);
}
await import('./build-if-stale.mjs');
// Chromium's sandbox does not start as root.
const asRoot = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
spawn(electron, [...asRoot, root, ...process.argv.slice(2)], { stdio: 'inherit' }).on('exit', (code) =>
  process.exit(code ?? 1),
);
