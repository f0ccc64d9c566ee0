import { once } from 'node:events';
import { connect as connectTo } from 'node:net';
import fc from 'fast-check';
import { WebSocket } from 'ws';
import type { Reply } from '../../src-shared/ipc/index.ts';
import { request } from './contract.ts';
import { textOf } from './mutate-json.ts';
import { require, subject, type Subject } from './subject.ts';

/** A `serve` that runs, and who may talk to it. */
export interface Door {
  readonly port: number;
  /** As `Cookie` of a browser that was let in. */
  readonly cookie: string;
  /** Words that only files outside of its folders hold. */
  readonly secret: string;
}

/** What a server says is complete when it closes; one that keeps a connection open is given up after this. */
const patienceMs = 2000;

/** Sends bytes as they are and returns all that comes back, and whether the server closed the connection. */
async function talkRaw(
  { port }: Door,
  bytes: Buffer,
  keepOpen: boolean,
): Promise<{ answer: string; closed: boolean }> {
  const socket = connectTo({ port, host: '127.0.0.1', allowHalfOpen: true });
  const parts: Buffer[] = [];
  socket.on('data', (part) => parts.push(part));
  socket.on('error', () => socket.destroy());
  await Promise.race([once(socket, 'connect'), once(socket, 'close')]);
  socket.write(bytes);
  if (!keepOpen) socket.end();
  let timer: NodeJS.Timeout | undefined;
  const closed = await Promise.race([
    // Reset, which `once` throws: closed too, before all was sent.
    once(socket, 'end').then(
      () => true,
      () => true,
    ),
    once(socket, 'close').then(
      () => true,
      () => true,
    ),
    new Promise<boolean>((resolve) => (timer = setTimeout(() => resolve(false), patienceMs))),
  ]);
  clearTimeout(timer);
  socket.destroy();
  return { answer: Buffer.concat(parts).toString('latin1'), closed };
}

const oneOf = <Value>(usual: Value, ...others: readonly Value[]): fc.Arbitrary<Value> =>
  fc.oneof(
    { weight: 3, arbitrary: fc.constant(usual) },
    { weight: 2, arbitrary: fc.constantFrom(usual, ...others) },
  );

const oddPaths = [
  ...[
    '/index.html',
    '/../secret.json',
    '/..%2fsecret.json',
    '/%2e%2e/secret.json',
    '/....//secret.json',
    '//secret.json',
  ],
  ...[
    '/..\\secret.json',
    '/%5c..%5csecret.json',
    '/a/../../secret.json',
    '/%00',
    '/index.html%00.json',
    '/%',
    '/%ff',
    '*',
    '',
  ],
  ...[
    '/media/',
    '/media/x/audio',
    '/media/../secret.json',
    '/media/x/frame/0.jpg?h=99999999999',
    '/media//peaks.json',
    'http://127.0.0.1/',
  ],
  ...[
    '/?token=',
    `/?token=${'a'.repeat(43)}`,
    '/?token=\0',
    `/?${'a=1&'.repeat(2000)}`,
    '/ipc',
    '/con.json',
    '/NUL',
    '/secret.json::$DATA',
  ],
  `/${'a/'.repeat(3000)}`,
];

interface Ask {
  readonly method: string;
  readonly path: string;
  readonly host: string;
  readonly origin: string | null;
  readonly cookie: 'own' | 'none' | 'other' | 'twice' | 'longer';
  readonly more: string;
  readonly upgrade: boolean;
  readonly body: string;
  readonly keepOpen: boolean;
}

const asks = ({ port }: Door): fc.Arbitrary<Ask> =>
  fc.record({
    method: oneOf('GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'OPTIONS', 'CONNECT', 'TRACE', 'get', 'X'),
    path: fc.oneof(fc.constant('/'), fc.constantFrom(...oddPaths), fc.webPath()),
    host: oneOf(
      `127.0.0.1:${port}`,
      `localhost:${port}`,
      '127.0.0.1',
      'evil.example',
      `evil.example:${port}`,
      `127.0.0.1:${port}@evil`,
      '',
      `127.0.0.1:${port}, evil`,
    ),
    origin: oneOf<string | null>(
      null,
      `http://127.0.0.1:${port}`,
      `http://localhost:${port}`,
      'http://evil.example',
      'null',
      `https://127.0.0.1:${port}`,
      '',
    ),
    cookie: fc.constantFrom('own', 'none', 'other', 'twice', 'longer'),
    more: oneOf(
      '',
      'Range: bytes=0-\r\n',
      'Range: bytes=99999999999999999999-\r\n',
      'Transfer-Encoding: chunked\r\n',
      'Content-Length: 99999999999\r\n',
      'Content-Length: -1\r\n',
      `X: ${'a'.repeat(20_000)}\r\n`,
      'Expect: 100-continue\r\n',
      'X\r\n',
      `X: \0\r\n`,
    ),
    upgrade: fc.boolean(),
    body: oneOf('', 'x', 'GET /secret.json HTTP/1.1\r\n\r\n', 'a'.repeat(70_000)),
    keepOpen: fc.boolean(),
  });

function headText({ port, cookie }: Door, ask: Ask): string {
  const name = cookie.split('=')[0];
  const cookies: Record<Ask['cookie'], string> = {
    own: `Cookie: ${cookie}\r\n`,
    none: '',
    other: `Cookie: ${name}=${'A'.repeat(43)}\r\n`,
    twice: `Cookie: ${name}=x; ${cookie}\r\n`,
    longer: `Cookie: ${cookie}x\r\n`,
  };
  const upgrade = `Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${Buffer.alloc(16, port % 256).toString('base64')}\r\n`;
  return [
    `${ask.method} ${ask.path} HTTP/1.1\r\n`,
    ask.host === '' ? '' : `Host: ${ask.host}\r\n`,
    ask.origin === null ? '' : `Origin: ${ask.origin}\r\n`,
    cookies[ask.cookie],
    ask.more,
    ask.upgrade ? upgrade : 'Connection: close\r\n',
    '\r\n',
  ].join('');
}

/** Whoever is not let in is told nothing, and nobody is told what is outside. */
function checkAnswer(door: Door, ask: Ask, answer: string): void {
  require(!answer.includes(door.secret), `it gave out what is outside: ${answer.slice(0, 200)}`);
  const status = Number(/^HTTP\/1\.1 (\d{3})/.exec(answer)?.[1] ?? 0);
  const here = [`127.0.0.1:${door.port}`, `localhost:${door.port}`].includes(ask.host);
  const sameOrigin = ask.origin === null || ask.origin === '' || ask.origin === `http://${ask.host}`;
  const known = here && sameOrigin && ask.cookie === 'own';
  require(known ||
    ![200, 206, 303, 101].includes(
      status,
    ), `it answered ${status} to whom it does not know: ${answer.slice(0, 200)}`);
  require(status !== 500, `it failed: ${answer.slice(0, 500)}`);
  require(!/set-cookie/i.test(answer), 'it let somebody in');
  const opened = status === 101;
  require(!opened || (ask.path === '/ipc' && ask.origin !== null), `it opened a socket at ${ask.path}`);
}

const http = (door: Door): Subject =>
  subject('serve-http', 4, async () => ({
    arbitrary: asks(door),
    async read(ask: Ask) {
      const bytes = Buffer.from(headText(door, ask) + ask.body, 'latin1');
      const { answer, closed } = await talkRaw(door, bytes, ask.keepOpen);
      checkAnswer(door, ask, answer);
      // A socket that was let in, and a body that was promised and did not come, are waited for.
      const waits =
        answer.startsWith('HTTP/1.1 101') ||
        /Content-Length: 9|chunked/.test(ask.more) ||
        answer.includes('100 Continue');
      require(closed || waits || answer !== '' || ask.keepOpen, 'it neither answers nor closes');
      require(closed || waits || !answer.startsWith('HTTP/1.1 403'), 'who was refused keeps the connection');
    },
  }));

/** One frame of a web socket (RFC 6455, 5.2), with whatever length it claims. */
function frame(first: number, claimed: bigint, masked: boolean, payload: Buffer): Buffer {
  const head = Buffer.alloc(10);
  head[0] = first;
  head[1] = (masked ? 128 : 0) | 127;
  head.writeBigUInt64BE(claimed, 2);
  return Buffer.concat([head, masked ? Buffer.alloc(4) : Buffer.alloc(0), payload]);
}

const frames = fc.array(
  fc
    .record({
      first: fc.oneof(fc.constantFrom(0x81, 0x82, 0x88, 0x89, 0x01, 0x80, 0xff, 0xc1), fc.nat({ max: 255 })),
      claimed: fc.constantFrom(
        -1n,
        0n,
        1n,
        125n,
        2n ** 26n + 1n,
        2n ** 31n,
        2n ** 40n,
        2n ** 53n,
        2n ** 63n,
        2n ** 64n - 1n,
      ),
      masked: oneOf(true, false),
      payload: fc.oneof(
        fc.string().map((text) => Buffer.from(text)),
        fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes)),
        fc.constant(Buffer.from('{"id":1,"name":"app.info","input":{}}')),
      ),
    })
    .map(({ first, claimed, masked, payload }) =>
      frame(first, claimed < 0n ? BigInt(payload.length) : claimed, masked, payload),
    ),
  { minLength: 1, maxLength: 4 },
);

const rawSocket = (door: Door): Subject =>
  subject('serve-frames', 3, async () => ({
    arbitrary: frames,
    async read(all: Buffer[]) {
      const ask: Ask = {
        method: 'GET',
        path: '/ipc',
        host: `127.0.0.1:${door.port}`,
        origin: `http://127.0.0.1:${door.port}`,
        cookie: 'own',
        more: '',
        upgrade: true,
        body: '',
        keepOpen: false,
      };
      const { answer } = await talkRaw(
        door,
        Buffer.concat([Buffer.from(headText(door, ask)), ...all]),
        false,
      );
      require(answer.startsWith('HTTP/1.1 101'), `the socket was not opened: ${answer.slice(0, 100)}`);
      require(!answer.includes('"unexpected"'), `it answered ${answer.slice(0, 500)}`);
    },
  }));

/** Those reach out of this machine, or end what is tried. */
const leftOut = /^(?:models\.get|gpu\.|app\.quit)/;

/** Requests as they come over the socket, to the program itself. */
const requests = (door: Door): Subject =>
  subject('serve-requests', 4, async () => {
    const { port, cookie } = door;
    const waiting = new Map<number, (reply: Reply<unknown>) => void>();
    let lastId = 0;
    const open = async (): Promise<WebSocket> => {
      const socket = new WebSocket(`ws://127.0.0.1:${port}/ipc`, {
        headers: { cookie, origin: `http://127.0.0.1:${port}` },
      });
      socket.on('message', (data: Buffer) => {
        const { id, reply } = JSON.parse(data.toString()) as { id?: number; reply: Reply<unknown> };
        if (id !== undefined) waiting.get(id)?.(reply);
      });
      await once(socket, 'open');
      return socket;
    };
    const socket = await open();
    return {
      arbitrary: request.filter(({ name }) => !leftOut.test(name)),
      async read({ name, input }) {
        const id = ++lastId;
        const reply = await new Promise<Reply<unknown>>((resolve, reject) => {
          waiting.set(id, resolve);
          setTimeout(() => reject(new Error(`${name} is not answered within 30 s`)), 30_000).unref();
          socket.send(textOf({ id, name, input }));
        });
        waiting.delete(id);
        if (reply.ok) return;
        const { code, message, hint } = reply;
        require(code !== 'unexpected' &&
          message !== '' &&
          hint !== '', `${name} was answered with ${code}: ${message}`);
        require(!message.includes(door.secret), `${name} gave out what is outside`);
      },
      close: async () => {
        socket.close();
        await once(socket, 'close');
      },
    };
  });

/** What reaches a server, each with what may come of it. */
export const serveSubjects = (door: Door): readonly Subject[] => [
  http(door),
  rawSocket(door),
  requests(door),
];
