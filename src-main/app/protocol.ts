import { protocol } from 'electron';
import type { Backend, MediaAnswer } from '../backend/backend.ts';
import { readPage } from '../serve/page-files.ts';
import { appScheme, isAppAddress } from './app-page.ts';

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

/** Whether a path's escapes are those of a text. */
function isWellEncoded(pathname: string): boolean {
  try {
    decodeURIComponent(pathname);
    return true;
  } catch {
    return false;
  }
}

/** A file under `folder`, and none outside of it. */
async function pageFile(folder: string, pathname: string): Promise<MediaAnswer> {
  if (!isWellEncoded(pathname)) return text(400, 'The address is not encoded well.');
  const page = await readPage(folder, pathname);
  if (page === undefined) return text(404, 'There is no such page.');
  const headers = {
    'content-type': page.type,
    'content-security-policy': contentPolicy,
    'x-content-type-options': 'nosniff',
  };
  return { status: 200, headers, body: page.body };
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
  if (!pathname.startsWith('/media/')) return pageFile(pagesFolder, pathname);
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
