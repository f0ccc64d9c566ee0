import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface FileServer {
  readonly url: string;
  /** The Range header of each request, '' without one. */
  readonly ranges: string[];
  close(): Promise<void>;
}

/** A server on this machine that answers as told; `turn` counts its requests from 0. */
export async function serveFile(
  answer: (request: IncomingMessage, response: ServerResponse, turn: number) => void,
): Promise<FileServer> {
  const ranges: string[] = [];
  const listener: RequestListener = (request, response) => {
    ranges.push(request.headers.range ?? '');
    answer(request, response, ranges.length - 1);
  };
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/file.bin`,
    ranges,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

/** Answers a request for `content` or for a range of it, as servers of files do. */
export function sendFile(
  request: IncomingMessage,
  response: ServerResponse,
  content: Buffer,
  headers: Readonly<Record<string, string>> = {},
): void {
  const [, first] = /^bytes=(\d+)-$/.exec(request.headers.range ?? '') ?? [];
  const ifRange = request.headers['if-range'];
  const same = ifRange === undefined || ifRange === headers['etag'];
  if (first === undefined || !same) {
    response.writeHead(200, { 'content-length': content.length, 'accept-ranges': 'bytes', ...headers });
    response.end(content);
    return;
  }
  const from = Number(first);
  if (from >= content.length) {
    response.writeHead(416, { 'content-range': `bytes */${content.length}`, ...headers });
    response.end();
    return;
  }
  const rest = content.subarray(from);
  response.writeHead(206, {
    'content-length': rest.length,
    'content-range': `bytes ${from}-${content.length - 1}/${content.length}`,
    ...headers,
  });
  response.end(rest);
}

/** Sends the head and the first bytes, then ends the connection. */
export function sendAndBreak(
  response: ServerResponse,
  sent: Buffer,
  headers: Record<string, string | number>,
): void {
  response.writeHead(200, headers);
  response.write(sent, () => setTimeout(() => response.destroy(), 20));
}
