import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { root } from '../hetcut.ts';
import { hasOwnDisplays } from './display.ts';

/** What shows the window, or why there is nothing that can. */
export type Found = { readonly path: string } | { readonly missing: string };

/** With E2E_REQUIRED=1 what is missing is a failure; else the tests are skipped. */
const required = process.env['E2E_REQUIRED'] === '1';

const browserNames = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];

/** A Chromium of this machine: CHROME_PATH, else the first of the usual names on the PATH. */
export function findChromium(): Found {
  const named = process.env['CHROME_PATH'];
  if (named !== undefined && named !== '') {
    return existsSync(named)
      ? { path: named }
      : { missing: `CHROME_PATH names ${named}, which is not there` };
  }
  const folders = (process.env['PATH'] ?? '').split(':');
  const path = browserNames
    .flatMap((name) => folders.map((folder) => join(folder, name)))
    .find((one) => existsSync(one));
  return path === undefined ? { missing: 'there is no Chromium: install it, or set CHROME_PATH' } : { path };
}

/** An Electron that can be started, and a screen for it. */
export function findElectron(): Found {
  const folder = process.env['ELECTRON_OVERRIDE_DIST_PATH'];
  const installed = resolve(root, 'node_modules/electron/path.txt');
  const missing =
    'there is no Electron: “npx electron --version” downloads it, or set ELECTRON_OVERRIDE_DIST_PATH';
  // Asking the package where nothing is installed would start a download.
  if (folder === undefined && !existsSync(installed)) return { missing };
  const path = createRequire(import.meta.url)('electron') as unknown as string;
  if (!existsSync(path)) return { missing };
  const hasScreen = hasOwnDisplays || process.env['DISPLAY'] || process.env['WAYLAND_DISPLAY'];
  if (process.platform === 'linux' && !hasScreen) {
    return { missing: 'there is no screen: install Xvfb, or set DISPLAY' };
  }
  return { path };
}

/** The path; throws where it is missing. */
export function requirePath(found: Found): string {
  if ('path' in found) return found.path;
  throw new Error(`E2E_REQUIRED=1, and ${found.missing}.`);
}

/** Whether a suite is left out; `report-skipped.ts` says why after the run. */
export const isSkipped = (found: Found): boolean => 'missing' in found && !required;

/** Builds pages and desktop program where dist is older than the sources. */
export function buildIfStale(): void {
  const { status, stdout, stderr } = spawnSync(process.execPath, ['src-main/app/build-if-stale.mjs'], {
    cwd: root,
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`${stdout}${stderr}`);
}
