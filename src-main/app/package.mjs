/**
 * Builds the desktop program and packs it, as `electron-builder.yml` says, into the folder `out`.
 *   node src-main/app/package.mjs [--installer]
 * Without the flag it makes a folder with the program; with it, the system's installers, for which electron-builder
 * downloads tools. ELECTRON_OVERRIDE_DIST_PATH names the folder of an Electron that is not to be downloaded.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'electron-builder';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** An Electron that is there already, in whatever version it has. */
function givenElectron() {
  const folder = process.env.ELECTRON_OVERRIDE_DIST_PATH;
  if (!folder) return {};
  const version = join(folder, 'version');
  return {
    electronDist: folder,
    ...(existsSync(version) && { electronVersion: readFileSync(version, 'utf8').trim().replace(/^v/, '') }),
  };
}

const { status } = spawnSync(process.execPath, ['src-main/app/build-if-stale.mjs'], {
  cwd: root,
  stdio: 'inherit',
});
if (status !== 0) process.exit(status ?? 1);
await build({
  projectDir: root,
  dir: !process.argv.includes('--installer'),
  publish: 'never',
  config: givenElectron(),
});
