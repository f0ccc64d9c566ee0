import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { WebSocketServer, type WebSocket } from 'ws';
import { HetcutError } from '../../src-shared/core/errors/index.ts';
import { answer } from '../../src-shared/ipc/index.ts';
import type { Backend, BackendOptions } from '../backend/backend.ts';
import { createBackend } from '../backend/create-backend.ts';
import { readPage, requirePages } from './page-files.ts';
import { SessionGate } from './session-gate.ts';

export interface ServeOptions extends Omit<BackendOptions, 'emit' | 'dialogs'> {
  readonly browseFolder: string;
  /** Of the built pages. */
  readonly pagesFolder: string;
  /** 0: one that is free. */
  readonly port: number;
}

export interface RunningServer {
  /** To be opened in a browser; works once. */
  readonly url: string;
  /** Closes connections, then the backend. */
  close(): Promise<void>;
}

const contentPolicy = [
  "default-src 'self'",
  "img-src 'self' blob: data:",
  "style-src 'self' 'unsafe-inline'",
  "connect-src 'self'",
  "media-src 'self' blob:",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

const everywhere = {
  'content-security-policy': contentPolicy,
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-resource-policy': 'same-origin',
};

/** Large enough for a project of many strokes. */
const mostMessageBytes = 64 * 2 ** 20;
/** What may wait for a page that does not read it, such as one in a browser that was stopped. */
const mostWaitingBytes = 64 * 2 ** 20;
/** A browser has six for its pages and one for each window's socket. */
const mostConnections = 200;
/** Of a request to arrive: it comes from this machine. */
const limitsMs = { headersTimeout: 10_000, requestTimeout: 30_000, connectionsCheckingInterval: 5000 };

function send(
  response: ServerResponse,
  status: number,
  headers: Readonly<Record<string, string>>,
  body: Uint8Array | string = '',
): void {
  response.writeHead(status, {
    ...everywhere,
    ...headers,
    'content-length': String(Buffer.byteLength(body)),
  });
  response.end(body);
}

function sendText(response: ServerResponse, status: number, text: string): void {
  send(response, status, { 'content-type': 'text/plain; charset=utf-8', 'cache-control': 'no-store' }, text);
}

async function respond(
  { url, method, headers }: IncomingMessage,
  response: ServerResponse,
  gate: SessionGate,
  backend: Backend,
  pagesFolder: string,
): Promise<void> {
  if (!gate.isFromHere(headers)) return sendText(response, 403, 'This address is not for you.');
  if (url?.startsWith('/') !== true) return sendText(response, 400, 'Only paths are answered.');
  // Not with the host as a base: an address such as `//host/path` is a path here.
  const { pathname, search, searchParams } = new URL(`http://${headers.host}${url}`);
  const token = pathname === '/' ? searchParams.get('token') : null;
  const cookie = token === null ? undefined : gate.exchange(token);
  if (cookie === undefined && !gate.isKnown(headers)) {
    return sendText(
      response,
      403,
      'Open the address that `hetcut serve` printed. It works once: start the command again for a new one.',
    );
  }
  if (method !== 'GET' && method !== 'HEAD') return sendText(response, 405, 'Only GET.');
  if (token !== null) {
    // Away from the address with the token, so that it stays in no history.
    const location = { location: '/', 'cache-control': 'no-store' };
    return send(response, 303, cookie === undefined ? location : { ...location, 'set-cookie': cookie });
  }
  if (pathname.startsWith('/media/')) {
    const media = await backend.media(pathname + search, headers.range);
    return send(response, media.status, media.headers, media.body);
  }
  const page = await readPage(pagesFolder, pathname);
  if (page === undefined) return sendText(response, 404, 'There is no such page.');
  send(response, 200, { 'content-type': page.type, 'cache-control': 'no-cache' }, page.body);
}

interface Message {
  readonly id: number;
  readonly name?: unknown;
  readonly input?: unknown;
}

/** The request in a message; a text where it is none, with the field that is wrong. */
function readMessage(data: Buffer, isBinary: boolean): Message | string {
  if (isBinary) return 'the message: not text';
  let message: unknown;
  try {
    message = JSON.parse(data.toString('utf8'));
  } catch {
    return 'the message: not JSON';
  }
  if (typeof message !== 'object' || message === null || Array.isArray(message)) {
    return 'the message: not an object';
  }
  const { id } = message as { readonly id?: unknown };
  return typeof id === 'number' ? (message as Message) : 'id: not a number';
}

/** Carries requests and replies of one page; it is that page as long as the connection lasts. */
function talk(socket: WebSocket, backend: Backend): void {
  const page = randomUUID();
  socket.on('error', () => socket.terminate());
  socket.on('close', () => backend.pageLeft(page));
  socket.on('message', (data, isBinary) => {
    const message = readMessage(data as Buffer, isBinary);
    // Without an id there is no reply to give: whoever sends such a thing is told as it is shown out.
    if (typeof message === 'string') return socket.close(1007, message);
    const { id, name, input } = message;
    void answer(backend.handlers, name, input, page).then((reply) =>
      socket.send(JSON.stringify({ id, reply })),
    );
  });
}

function listen(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      reject(
        error.code === 'EADDRINUSE' || error.code === 'EACCES'
          ? new HetcutError('port-taken', `Port ${port} of 127.0.0.1 cannot be used (${error.code}).`, {
              hint: 'Choose another with --port, or leave it out.',
              exitCode: 2,
            })
          : error,
      );
    });
    // Never another address: who reaches the port reaches the files.
    server.listen(port, '127.0.0.1', () => resolve((server.address() as AddressInfo).port));
  });
}

/** Serves the program to a browser on this machine. Errors: pages-missing, port-taken, as of `createBackend`. */
export async function startServer(options: ServeOptions): Promise<RunningServer> {
  const { pagesFolder, port, ...backendOptions } = options;
  await requirePages(pagesFolder);
  const server = createServer(limitsMs);
  server.maxConnections = mostConnections;
  const usedPort = await listen(server, port);
  const sockets = new WebSocketServer({ noServer: true, maxPayload: mostMessageBytes });
  const backend = await createBackend({
    ...backendOptions,
    emit(event, value) {
      const text = JSON.stringify({ event, value });
      for (const socket of sockets.clients) {
        if (socket.bufferedAmount > mostWaitingBytes) socket.terminate();
        else if (socket.readyState === socket.OPEN) socket.send(text);
      }
    },
  }).catch((error: unknown) => {
    server.close();
    throw error;
  });
  const gate = new SessionGate(usedPort);
  server.on('request', (request, response) => {
    respond(request, response, gate, backend, pagesFolder).catch((error: unknown) => {
      if (response.headersSent) response.destroy();
      else sendText(response, 500, error instanceof Error ? error.message : String(error));
    });
  });
  server.on('upgrade', (request: IncomingMessage, stream: Duplex, head: Buffer) => {
    stream.on('error', () => stream.destroy());
    const { headers, url } = request;
    // Browsers always say where a WebSocket comes from, and let every page open one.
    const welcome = headers.origin !== undefined && gate.isFromHere(headers) && gate.isKnown(headers);
    if (url !== '/ipc' || !welcome) {
      const refusal = 'HTTP/1.1 403 Forbidden\r\nConnection: close\r\nContent-Length: 0\r\n\r\n';
      // Whoever does not close its side keeps no connection of ours.
      stream.end(refusal, () => stream.destroy());
      return;
    }
    sockets.handleUpgrade(request, stream, head, (socket) => talk(socket, backend));
  });
  return {
    url: `http://127.0.0.1:${usedPort}/?token=${gate.token}`,
    async close() {
      const closed = new Promise((resolve) => server.close(resolve));
      for (const socket of sockets.clients) socket.close(1001, 'HetCut ends');
      await backend.close();
      for (const socket of sockets.clients) socket.terminate();
      server.closeAllConnections();
      await closed;
    },
  };
}
