import { readFile } from 'node:fs/promises';
import { dirname, join, relative, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build, type Plugin } from 'esbuild';

const root = resolve(import.meta.dirname, '..');
/** Files that are started by their address. */
const parts = [
  { namedIn: join(root, 'src-main/host/client.ts'), source: './entry.ts', bundled: 'host/entry.mjs' },
  {
    namedIn: join(root, 'src-main/threads/plate-workers.ts'),
    source: './plate-worker.ts',
    bundled: 'threads/plate-worker.mjs',
  },
];

/** Native modules, and those that find files beside themselves. */
const external = [
  'fluent-ffmpeg',
  'onnxruntime-node',
  '@resvg/resvg-js',
  '@techstark/opencv-js',
  '@ffmpeg-installer/ffmpeg',
  '@ffprobe-installer/ffprobe',
];

const bundledAddress = (out: string, file: string): string =>
  `new URL(${JSON.stringify(pathToFileURL(join(out, file)).href)})`;

/** A module keeps the address of its source, from which it finds what stands beside it; a part is the bundled one. */
const sourceAddresses = (out: string): Plugin => ({
  name: 'source-addresses',
  setup(bundle) {
    bundle.onLoad({ filter: /[\\/]src-(main|shared)[\\/].*\.ts$/ }, async ({ path }) => {
      const text = await readFile(path, 'utf8');
      const address = JSON.stringify(pathToFileURL(path).href);
      const part = parts.find(({ namedIn }) => path === namedIn);
      const contents = text
        .replace(`new URL('${part?.source}', import.meta.url)`, () => bundledAddress(out, part!.bundled))
        .replaceAll('import.meta.url', address);
      if (part && !contents.includes(bundledAddress(out, part.bundled))) {
        throw new Error(`${path} no longer names ${part.source}`);
      }
      return { contents, loader: 'ts', resolveDir: dirname(path) };
    });
  },
});

/**
 * Bundles the `hetcut` command and the host that it starts into `out`, a folder below the checkout so that their packages
 * are found. It starts in an eighth of the processor time that the sources take, through tsx, twice for each job.
 */
export async function buildCommand(out: string): Promise<void> {
  await build({
    absWorkingDir: root,
    entryPoints: ['cli/main', 'host/entry', 'host/client', 'threads/plate-worker'].map(
      (path) => `src-main/${path}.ts`,
    ),
    outbase: 'src-main',
    outdir: relative(root, out),
    outExtension: { '.js': '.mjs' },
    bundle: true,
    splitting: true,
    external,
    // Packages among them ask for Node's own modules with `require`.
    banner: {
      js: "import { createRequire as nodeRequire } from 'node:module'; const require = nodeRequire(import.meta.url);",
    },
    format: 'esm',
    platform: 'node',
    target: 'node20',
    sourcemap: 'linked',
    logLevel: 'warning',
    plugins: [sourceAddresses(out)],
  });
}
