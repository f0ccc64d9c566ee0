/**
 * Bundles the desktop program into dist/app: main.cjs, preload.cjs and host.cjs.
 *   node src-main/app/build.mjs [--main ENTRY] [--out FOLDER]
 * Plain JavaScript, because it runs before anything is built.
 */
import { readFile, rm } from 'node:fs/promises';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('../..', import.meta.url));
const { values } = parseArgs({ options: { main: { type: 'string' }, out: { type: 'string' } } });
const out = resolve(root, values.out ?? 'dist/app');

/** Native modules, those that find files next to themselves, and Electron: loaded from node_modules at run time. */
const external = [
  'electron',
  'onnxruntime-node',
  '@resvg/resvg-js',
  '@techstark/opencv-js',
  '@ffmpeg-installer/ffmpeg',
  '@ffprobe-installer/ffprobe',
];

/** The threads of the plate stage are in a file of their own. */
const workers = join(root, 'src-main/threads/plate-workers.ts');
const workerAddress =
  "require('node:url').pathToFileURL(require('node:path').join(__dirname, 'plate-worker.cjs'))";

/**
 * A module keeps the address of its source, so that `new URL('../../models/starter', import.meta.url)` and
 * `createRequire(import.meta.url)` mean the same in a bundle, in a checkout as in a package.
 */
const sourceAddresses = {
  name: 'source-addresses',
  setup({ onLoad }) {
    onLoad({ filter: /[\\/]src-(main|shared)[\\/].*\.ts$/ }, async ({ path }) => {
      const text = await readFile(path, 'utf8');
      if (!text.includes('import.meta.url')) return undefined;
      const place = JSON.stringify(relative(root, path).split(sep).join('/'));
      const contents = text
        .replace("new URL('./plate-worker.ts', import.meta.url)", workerAddress)
        .replaceAll('import.meta.url', `sourceAddress(${place})`);
      if (path === workers && !contents.includes(workerAddress)) throw new Error(`${path} names no worker`);
      return {
        contents,
        loader: 'ts',
        resolveDir: dirname(path),
      };
    });
  },
};
const up = relative(out, root).split(sep).join('/');
// In a package, what the sources find next to themselves is outside of the archive: ffmpeg reads none.
const sourceAddress = `const sourceAddress = (place) =>
  require('node:url').pathToFileURL(
    require('node:path')
      .join(__dirname, ${JSON.stringify(up)}, place)
      .replace(/([\\\\/]app\\.asar)(?=[\\\\/])/, '$1.unpacked'),
  ).href;`;

const shared = {
  bundle: true,
  format: 'cjs',
  platform: 'node',
  target: 'node16',
  // `require` finds modules next to the archive of a package; the loader of `import()` does not know archives.
  supported: { 'dynamic-import': false },
  external,
  outdir: out,
  outExtension: { '.js': '.cjs' },
  sourcemap: 'linked',
  logLevel: 'warning',
  absWorkingDir: root,
};

await rm(out, { recursive: true, force: true });
await Promise.all([
  build({
    ...shared,
    entryPoints: {
      main: values.main ?? join(root, 'src-main/app/main.ts'),
      host: join(root, 'src-main/host/entry.ts'),
      'plate-worker': join(root, 'src-main/threads/plate-worker.ts'),
    },
    plugins: [sourceAddresses],
    inject: [join(root, 'src-main/app/old-runtime.ts')],
    banner: { js: sourceAddress },
  }),
  build({ ...shared, entryPoints: { preload: join(root, 'src-main/app/preload.ts') } }),
]);
