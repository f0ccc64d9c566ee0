import { readFile } from 'node:fs/promises';
import { extname, join, resolve, sep } from 'node:path';
import { protocol } from 'electron';
import type { Backend, MediaAnswer } from '../backend/backend.ts';
import { appScheme, isAppAddress } from './app-page.ts';

const mediaTypes: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.jpg': 'image/jpeg',
  '.woff2': 'font/woff2',
  '.ttf': 'font/ttf',
  '.wasm': 'application/wasm',
};

/** Only what the program brings along; styles may be inline, because the controls' library sets some so. */
const contentPolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data: blob:",
  "media-src 'self' blob:",
  "font-src 'self'",
  "connect-src 'self'",
  "worker-src 'self' blob:",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

/** To be called before the program is ready: makes `hetcut://app/…` a place of its own like https. */
export function claimScheme(): void {
  protocol.registerSchemesAsPrivileged([
    {
      scheme: appScheme,
      privileges: { standard: true, secure: true, stream: true, supportFetchAPI: true },
    },
  ]);
}

function text(status: MediaAnswer['status'], words: string): MediaAnswer {
  return { status, headers: { 'content-type': 'text/plain; charset=utf-8' }, body: Buffer.from(words) };
}

/** A file under `folder`, and none outside of it. */
async function pageFile(folder: string, pathname: string): Promise<MediaAnswer> {
  let wanted: string;
  try {
    wanted = decodeURIComponent(pathname);
  } catch {
    return text(400, 'The address is not encoded well.');
  }
  const path = resolve(join(folder, wanted));
  const type = mediaTypes[extname(path)];
  if (!path.startsWith(folder + sep) || wanted.includes('\0') || type === undefined) {
    return text(404, 'There is no such page.');
  }
  try {
    const headers = {
      'content-type': type,
      'content-security-policy': contentPolicy,
      'x-content-type-options': 'nosniff',
    };
    return { status: 200, headers, body: await readFile(path) };
  } catch {
    return text(404, 'There is no such page.');
  }
}

/** Answers an address of the program: pages from `pagesFolder` (absolute), `/media/…` from the backend. */
async function answerAddress(
  backend: Promise<Pick<Backend, 'media'>>,
  pagesFolder: string,
  address: string,
  range?: string,
): Promise<MediaAnswer> {
  if (!isAppAddress(address)) return text(404, 'There is no such place.');
  const { pathname, search } = new URL(address);
  if (!pathname.startsWith('/media/')) return pageFile(resolve(pagesFolder), pathname);
  try {
    return await (await backend).media(pathname + search, range);
  } catch (error) {
    return text(500, error instanceof Error ? error.message : String(error));
  }
}

/** Serves `hetcut://app/…`. */
export function serveScheme(backend: Promise<Backend>, pagesFolder: string): void {
  if (typeof protocol.handle === 'function') {
    protocol.handle(appScheme, async (request) => {
      const range = request.headers.get('range') ?? undefined;
      const { status, headers, body } = await answerAddress(backend, pagesFolder, request.url, range);
      return new Response(body as Uint8Array<ArrayBuffer>, { status, headers });
    });
    return;
  }
  // Electron before 25.
  protocol.registerBufferProtocol(appScheme, (request, callback) => {
    const range = request.headers['Range'] ?? request.headers['range'];
    void answerAddress(backend, pagesFolder, request.url, range).then(({ status, headers, body }) =>
      callback({
        statusCode: status,
        headers: { ...headers },
        data: Buffer.from(body.buffer, body.byteOffset, body.byteLength),
      }),
    );
  });
}
