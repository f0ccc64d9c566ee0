import { readFile, stat } from 'node:fs/promises';
import { extname, join, resolve, sep } from 'node:path';
import { usageError } from '../../src-shared/core/errors/index.ts';
import { isDeviceName } from '../../src-shared/core/names/index.ts';

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.jpg': 'image/jpeg',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
  '.ttf': 'font/ttf',
  '.wasm': 'application/wasm',
};

export interface PageFile {
  readonly type: string;
  readonly body: Uint8Array;
}

/** Throws `pages-missing` where the pages have not been built. */
export async function requirePages(folder: string): Promise<void> {
  await stat(join(folder, 'index.html')).catch(() => {
    throw usageError(
      'pages-missing',
      `The pages of the program are not built: there is no ${join(folder, 'index.html')}.`,
      'Run `npm run build`, then try again.',
    );
  });
}

/** The file at a path of the address, `/` being index.html; undefined where there is none to be given out. */
export async function readPage(folder: string, pathname: string): Promise<PageFile | undefined> {
  let wanted: string;
  try {
    wanted = decodeURIComponent(pathname);
  } catch {
    return undefined;
  }
  const root = resolve(folder);
  const path = resolve(join(root, wanted === '/' ? 'index.html' : wanted));
  const type = types[extname(path).toLowerCase()];
  // Windows would open a device, whatever its ending.
  const isOdd = wanted.includes('\0') || wanted.split(/[\\/]/).some(isDeviceName);
  if (!path.startsWith(root + sep) || isOdd || type === undefined) return undefined;
  const body = await readFile(path).catch(() => undefined);
  return body === undefined ? undefined : { type, body };
}
