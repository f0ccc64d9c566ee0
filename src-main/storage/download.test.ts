import { createHash, randomBytes } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { downloadFile, type DownloadOptions } from './download.ts';
import { proxyFor } from './proxy.ts';
import { sendAndBreak, sendFile, serveFile, type FileServer } from './testing/file-server.ts';

const content = randomBytes(3_000_000);
const sha256 = createHash('sha256').update(content).digest('hex');
const other = randomBytes(content.length);
const etag = { etag: '"one"' };

let folder: string;
let target: string;
let server: FileServer | undefined;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hetcut-download-'));
  target = join(folder, 'made', 'file.bin');
});

afterEach(async () => {
  await server?.close();
  server = undefined;
  await rm(folder, { recursive: true });
});

async function start(answer: Parameters<typeof serveFile>[0]): Promise<string> {
  server = await serveFile(answer);
  return server.url;
}

const quick: DownloadOptions = { stallMs: 300, pausesMs: [1, 1, 1], environment: {} };

async function expectFile(): Promise<void> {
  expect((await readFile(target)).equals(content)).toBe(true);
  // Neither a part nor its notes are left.
  expect(await readdir(join(folder, 'made'))).toEqual(['file.bin']);
}

describe('a download', () => {
  it('is there whole, and says what it was compared with', async () => {
    const url = await start((request, response) => sendFile(request, response, content));
    const reports: (number | undefined)[] = [];
    const found = await downloadFile(
      { url, target },
      { ...quick, onBytes: (done, total) => reports.push(done, total) },
    );
    expect(found).toEqual({ path: target, bytes: content.length, sha256, verified: 'length' });
    expect(reports.slice(-2)).toEqual([content.length, content.length]);
    await expectFile();
    expect((await downloadFile({ url, target, sha256 }, quick)).verified).toBe('sha256');
  });

  it('goes on where a connection broke, as long as the file is the same', async () => {
    const url = await start((request, response, turn) => {
      if (turn < 2 && request.headers.range === undefined) {
        sendAndBreak(response, content.subarray(0, 1_500_000), { 'content-length': content.length, ...etag });
      } else sendFile(request, response, content, etag);
    });
    await downloadFile({ url, target }, quick);
    expect(server?.ranges.slice(0, 1)).toEqual(['']);
    expect(server?.ranges.slice(1)).toEqual([expect.stringMatching(/^bytes=\d{5,}-$/)]);
    await expectFile();
  });

  it('goes on after the program was ended', async () => {
    const stop = new AbortController();
    const url = await start((request, response, turn) => {
      if (turn > 0) return sendFile(request, response, content, etag);
      response.writeHead(200, { 'content-length': content.length, ...etag });
      response.write(content.subarray(0, 1_000_000));
    });
    const onBytes = (done: number): void => {
      if (done === 1_000_000) stop.abort();
    };
    await expect(
      downloadFile({ url, target }, { ...quick, stallMs: 60_000, signal: stop.signal, onBytes }),
    ).rejects.toMatchObject({ code: 'cancelled' });
    expect((await readdir(join(folder, 'made'))).sort()).toEqual(['file.bin.part', 'file.bin.part.json']);
    await downloadFile({ url, target }, quick);
    expect(server?.ranges).toEqual(['', 'bytes=1000000-']);
    await expectFile();
  });

  it('is tried again after a server that stalls, and after one that has a bad minute', async () => {
    const url = await start((request, response, turn) => {
      if (turn === 0) {
        response.writeHead(200, { 'content-length': content.length, ...etag });
        response.write(content.subarray(0, 700_000));
      } else if (turn === 1) {
        response.writeHead(503);
        response.end();
      } else sendFile(request, response, content, etag);
    });
    await downloadFile({ url, target }, quick);
    expect(server?.ranges).toEqual(['', 'bytes=700000-', 'bytes=700000-']);
    await expectFile();
  });

  it('ends with the reason where the server only stalls, and keeps what came', async () => {
    const url = await start((_request, response) => {
      response.writeHead(200, { 'content-length': content.length, ...etag });
      response.write(content.subarray(0, 1000));
    });
    await expect(downloadFile({ url, target }, { ...quick, stallMs: 100 })).rejects.toMatchObject({
      code: 'download-failed',
      message: expect.stringContaining('nothing came for') as string,
      hint: expect.stringContaining('continues where it stopped') as string,
    });
    expect((await readdir(join(folder, 'made'))).sort()).toEqual(['file.bin.part', 'file.bin.part.json']);
  });

  it('starts anew where the file became another meanwhile, and gives up on one that always does', async () => {
    const url = await start((request, response, turn) => {
      if (turn === 0) {
        sendAndBreak(response, other.subarray(0, 900_000), { 'content-length': other.length, etag: '"old"' });
      } else sendFile(request, response, content, etag);
    });
    await downloadFile({ url, target }, quick);
    await expectFile();
    await server?.close();
    // Same length, no If-Range: only the ETags tell.
    const changing = await start((request, response, turn) => {
      const headers = { etag: `"${turn}"` };
      if (request.headers.range !== undefined) {
        delete request.headers['if-range'];
        sendFile(request, response, other, headers);
      } else
        sendAndBreak(response, other.subarray(0, 900_000), { 'content-length': other.length, ...headers });
    });
    await rm(target);
    await expect(downloadFile({ url: changing, target }, quick)).rejects.toMatchObject({
      code: 'download-changed',
    });
    expect(await readdir(join(folder, 'made'))).toEqual([]);
  });

  it('notices damage, of pieces of two versions too, and leaves nothing', async () => {
    const damaged = Buffer.from(content);
    damaged[1_234_567] ^= 1;
    const url = await start((request, response) => sendFile(request, response, damaged, etag));
    await expect(downloadFile({ url, target, sha256 }, quick)).rejects.toMatchObject({
      code: 'download-damaged',
      message: expect.stringContaining(sha256) as string,
    });
    expect(await readdir(join(folder, 'made'))).toEqual([]);
    await server?.close();
    // A server that keeps no ETag: the first piece is of another file, and the whole from one connection is right.
    const mixed = await start((request, response, turn) => {
      if (turn === 0) sendAndBreak(response, other.subarray(0, 900_000), { 'content-length': other.length });
      else sendFile(request, response, content);
    });
    await downloadFile({ url: mixed, target, sha256 }, quick);
    expect(server?.ranges).toEqual(['', expect.stringContaining('bytes='), '']);
    await expectFile();
  });

  it('compares with the checksum that a server states, also on the way to where the file lies', async () => {
    const wrong = '0'.repeat(64);
    const redirecting =
      (stated: string) =>
      (request: IncomingMessage, response: ServerResponse): void => {
        if (request.url === '/file.bin') {
          response.writeHead(302, {
            location: '/store/1',
            'x-linked-etag': `"${stated}"`,
            'x-linked-size': String(content.length),
          });
          response.end();
        } else sendFile(request, response, content, etag);
      };
    const url = await start(redirecting(sha256));
    expect((await downloadFile({ url, target }, quick)).verified).toBe('server-sha256');
    await expectFile();
    await server?.close();
    await expect(downloadFile({ url: await start(redirecting(wrong)), target }, quick)).rejects.toMatchObject(
      {
        code: 'download-damaged',
      },
    );
  });

  it('does not follow addresses in a circle', async () => {
    const url = await start((_request, response) => {
      response.writeHead(302, { location: '/file.bin' });
      response.end();
    });
    await expect(downloadFile({ url, target }, quick)).rejects.toMatchObject({ code: 'download-redirect' });
  });

  it.each([
    ['claims more than it has', content.length + 500, undefined, 'download-failed'],
    ['is known to be longer', content.length, content.length + 500, 'download-length'],
    ['claims less than it is known to have', 1000, content.length, 'download-length'],
  ])('notices a file that %s', async (_case, claimed, bytes, code) => {
    const url = await start((request, response) => {
      const [, first] = /^bytes=(\d+)-$/.exec(request.headers.range ?? '') ?? [];
      if (first === undefined) {
        sendAndBreak(response, content.subarray(0, Math.min(claimed, content.length)), {
          'content-length': claimed,
          ...etag,
        });
      } else response.writeHead(500).end();
    });
    await expect(
      downloadFile({ url, target, ...(bytes === undefined ? {} : { bytes }) }, quick),
    ).rejects.toMatchObject({ code });
    expect(await readdir(join(folder, 'made'))).not.toContain('file.bin');
  });

  it('finds a length that the server takes back', async () => {
    const url = await start((request, response) => {
      if (request.headers.range === undefined) {
        sendAndBreak(response, content, { 'content-length': content.length + 500, ...etag });
      } else sendFile(request, response, content, etag);
    });
    await expect(downloadFile({ url, target }, quick)).rejects.toMatchObject({ code: 'download-changed' });
  });

  it.each([
    [404, 'download-missing'],
    [401, 'download-refused'],
    [400, 'download-refused'],
    [500, 'download-failed'],
  ])('says what status %i means', async (status, code) => {
    const url = await start((_request, response) => void response.writeHead(status).end());
    await expect(downloadFile({ url, target }, quick)).rejects.toMatchObject({
      code,
      message: expect.stringContaining(String(status)) as string,
    });
  });

  it('does not begin where the disk has no room, and says when it fills', async () => {
    const url = await start((request, response) => sendFile(request, response, content));
    await expect(
      downloadFile({ url, target }, { ...quick, freeBytes: async () => 1_000_000 }),
    ).rejects.toMatchObject({
      code: 'disk-full',
      message: expect.stringContaining('GB are needed') as string,
    });
    const refused = await start((request, response) => sendFile(request, response, content));
    await server?.close();
    await expect(downloadFile({ url: refused, target }, quick)).rejects.toMatchObject({
      code: 'download-failed',
      message: expect.stringContaining('does not take connections') as string,
    });
    await expect(downloadFile({ url: 'ftp://x/y', target }, quick)).rejects.toMatchObject({
      code: 'download-address',
    });
  });

  it('is left to the other process that is at it', async () => {
    const url = await start((request, response) => sendFile(request, response, content));
    await downloadFile({ url, target }, quick);
    // Process 1 always runs.
    await writeFile(`${target}.part.json`, JSON.stringify({ url, processId: 1 }));
    await expect(downloadFile({ url, target }, quick)).rejects.toMatchObject({ code: 'download-running' });
  });

  it('goes through a proxy', async () => {
    const asked: string[] = [];
    const proxy = await start((request, response) => {
      asked.push(request.url ?? '');
      sendFile(request, response, content);
    });
    const environment = { HTTP_PROXY: proxy.replace('/file.bin', '') };
    await downloadFile({ url: 'http://models.invalid/file.bin', target }, { ...quick, environment });
    expect(asked).toEqual(['http://models.invalid/file.bin']);
    await expectFile();
    // Through CONNECT: this proxy does not know it.
    await expect(
      downloadFile(
        { url: 'https://models.invalid/file.bin', target },
        { ...quick, environment: { https_proxy: environment.HTTP_PROXY }, pausesMs: [] },
      ),
    ).rejects.toMatchObject({ code: 'download-failed' });
  });
});

describe('proxyFor', () => {
  const environment = { HTTPS_PROXY: 'proxy:3128', no_proxy: 'localhost, .inside.example' };
  it.each([
    ['https://a.example/x', 'http://proxy:3128/'],
    ['http://a.example/x', undefined],
    ['https://b.inside.example/x', undefined],
    ['https://localhost/x', undefined],
  ])('reads the usual variables: %s', (address, found) => {
    expect(proxyFor(new URL(address), environment)?.href).toBe(found);
  });
});
