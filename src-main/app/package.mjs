/**
 * Builds the desktop program and packs it, as `electron-builder.yml` says, into the folder `out`.
 *   node src-main/app/package.mjs [--installer] [--ffmpeg FOLDER]
 * Without the flag it makes a folder with the program; with it, the system's installers, for which electron-builder
 * downloads tools. `--ffmpeg` names a folder with the ffmpeg and ffprobe that the package is to carry: see
 * `package-ffmpeg.mjs`. ELECTRON_OVERRIDE_DIST_PATH names the folder of an Electron that is not to be downloaded.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { build } from 'electron-builder';
import { stageFfmpeg } from './package-ffmpeg.mjs';
import { sizeByPart, sizeTable } from './package-size.mjs';

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

const { values } = parseArgs({ options: { installer: { type: 'boolean' }, ffmpeg: { type: 'string' } } });
const staged = join(root, 'out/ffmpeg');
console.log(`Carries ${stageFfmpeg({ folder: values.ffmpeg, target: staged })}.`);

/** What is only there in case of need is left out where it is not needed, and the rest is weighed. */
function afterPack({ appOutDir, packager }) {
  const resources = packager.getResourcesDir(appOutDir);
  if (existsSync(staged)) {
    for (const name of ['@ffmpeg-installer', '@ffprobe-installer']) {
      const folder = join(resources, 'app.asar.unpacked/node_modules', name);
      rmSync(join(folder, `${process.platform}-${process.arch}`), { recursive: true, force: true });
    }
  }
  console.log(sizeTable(sizeByPart(appOutDir)));
}

const { status } = spawnSync(process.execPath, ['src-main/app/build-if-stale.mjs'], {
  cwd: root,
  stdio: 'inherit',
});
if (status !== 0) process.exit(status ?? 1);
await build({
  projectDir: root,
  dir: values.installer !== true,
  publish: 'never',
  config: { ...givenElectron(), afterPack },
});
