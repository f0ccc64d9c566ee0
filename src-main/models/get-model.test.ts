import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { join, relative, sep } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { sendAndBreak, sendFile, serveFile, type FileServer } from '../storage/testing/file-server.ts';
import { catalogue, halfBytes } from './catalogue.ts';
import { getModel, type GetRequest } from './get-model.ts';
import { openScratch, type Scratch } from './testing/source-copy.ts';

const quick = { stallMs: 300, pausesMs: [1, 1], environment: {} };
const revision = 'a'.repeat(40);
const repository = 'some/toy-diffusers';

let scratch: Scratch;
let server: FileServer | undefined;
/** Of the model that is served, by path. */
let files: Map<string, Buffer>;

beforeEach(async () => {
  scratch = await openScratch();
  files = new Map();
  for (const entry of await readdir(scratch.source, { withFileTypes: true, recursive: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    const name = relative(scratch.source, path).split(sep).join('/');
    // Of the model, and not the note beside it.
    if (name !== 'README.md') files.set(name, await readFile(path));
  }
});
afterEach(async () => {
  await server?.close();
  server = undefined;
  await scratch.remove();
});

interface Faults {
  readonly tags?: readonly string[];
  /** Answers a file instead; false: as usual. */
  readonly onFile?: (
    request: IncomingMessage,
    response: ServerResponse,
    path: string,
    content: Buffer,
  ) => boolean;
}

/** Serves the model as a server of repositories does, and returns the server's address. */
async function serveModel({ tags = ['license:mit'], onFile }: Faults = {}): Promise<string> {
  const more: [string, Buffer][] = [
    ['README.md', Buffer.from('not wanted')],
    ['transformer/diffusion_pytorch_model.fp16.safetensors', Buffer.from('a variant')],
  ];
  const listed = [...files, ...more].map(([rfilename, content]) => ({
    rfilename,
    size: content.length,
    ...(rfilename.endsWith('.safetensors')
      ? { lfs: { sha256: createHash('sha256').update(content).digest('hex'), size: content.length } }
      : { blobId: createHash('sha1').update(`blob ${content.length}\0`).update(content).digest('hex') }),
  }));
  server = await serveFile((request, response) => {
    const url = decodeURIComponent(request.url ?? '');
    if (url === `/api/models/${repository}/revision/main?blobs=true`) {
      response.end(JSON.stringify({ sha: revision, tags, siblings: listed }));
      return;
    }
    const path = url.replace(`/${repository}/resolve/${revision}/`, '');
    const content = files.get(path);
    if (content === undefined) response.writeHead(404).end();
    else if (onFile?.(request, response, path, content) !== true) {
      sendFile(request, response, content, { etag: `"${path}"` });
    }
  });
  return new URL(server.url).origin;
}

const get = (source: string, more: Partial<GetRequest> = {}, callbacks = {}) =>
  getModel(
    { home: scratch.home, name: repository, id: 'toy', precision: 'fp32', source, ...more },
    { ...quick, ...callbacks },
  );

const modelEntries = (): Promise<string[]> => readdir(join(scratch.home, 'models')).catch(() => []);

describe('getModel', () => {
  it('downloads what an import reads, checks it, imports it and keeps no copy', async () => {
    const stages = new Set<string>();
    const source = await serveModel();
    const result = await get(source, {}, { onProgress: ({ stage }: { stage: string }) => stages.add(stage) });
    expect(result).toMatchObject({
      repository,
      revision,
      unchecked: [],
      manifest: { id: 'toy', precision: 'fp32' },
    });
    expect(result.downloadedBytes).toBe([...files.values()].reduce((sum, { length }) => sum + length, 0));
    expect([...stages]).toEqual(['download', 'import']);
    expect(await modelEntries()).toEqual(['toy']);
    expect(await readdir(join(scratch.home, 'downloads'))).toEqual([]);
    await expect(get(source)).rejects.toMatchObject({ code: 'model-exists' });
  });

  it('continues after it broke off, with what is there already', async () => {
    let broken = true;
    const ranges: string[] = [];
    const source = await serveModel({
      onFile: (request, response, path, content) => {
        if (path !== 'vae/diffusion_pytorch_model-00002-of-00005.safetensors') return false;
        ranges.push(request.headers.range ?? '');
        if (!broken) return false;
        if (request.headers.range !== undefined) response.writeHead(500).end();
        else {
          const half = content.subarray(0, content.length / 2);
          sendAndBreak(response, half, { 'content-length': content.length, etag: `"${path}"` });
        }
        return true;
      },
    });
    await expect(get(source)).rejects.toMatchObject({ code: 'download-failed' });
    expect(await modelEntries()).toEqual([]);
    const asked = server?.ranges.length ?? 0;
    broken = false;
    await get(source, { keep: true });
    expect(ranges.at(-1)).toMatch(/^bytes=\d+-$/);
    // The listing, and the files after the one at which it broke off; what was there is not asked for again.
    expect((server?.ranges.length ?? 0) - asked).toBeLessThan(files.size);
    expect(await readdir(join(scratch.home, 'downloads'))).toEqual(['toy']);
    // Cancelled while what is there is compared with its checksum: nothing is imported, and nothing is lost.
    const stop = new AbortController();
    const stopped = get(
      source,
      { keep: true, replace: true },
      { signal: stop.signal, onProgress: () => stop.abort() },
    );
    await expect(stopped).rejects.toMatchObject({ code: 'cancelled' });
    expect(await modelEntries()).toEqual(['toy']);
  });

  it('takes no file that is not the one that the server lists', async () => {
    const damaged = (wanted: string) =>
      serveModel({
        onFile: (request, response, path, content) => {
          if (path !== wanted) return false;
          const copy = Buffer.from(content);
          copy[copy.length - 3] ^= 1;
          sendFile(request, response, copy);
          return true;
        },
      });
    for (const path of [
      'transformer/diffusion_pytorch_model-00002-of-00003.safetensors',
      'vae/config.json',
    ]) {
      await expect(get(await damaged(path))).rejects.toMatchObject({
        code: 'download-damaged',
        message: expect.stringContaining(path.split('/')[1]) as string,
      });
      await server?.close();
      await rm(join(scratch.home, 'downloads'), { recursive: true });
    }
    expect(await modelEntries()).toEqual([]);
  });

  it('fetches anew what an earlier run has of another revision', async () => {
    const stale = join(scratch.home, 'downloads', 'toy', 'vae');
    const source = await serveModel();
    await expect(get(source, {}, { signal: AbortSignal.abort() })).rejects.toMatchObject({
      code: 'cancelled',
    });
    await stat(join(scratch.home, 'downloads', 'toy'));
    await mkdir(stale, { recursive: true });
    const size = files.get('vae/config.json')?.length ?? 0;
    await writeFile(join(stale, 'config.json'), ' '.repeat(size));
    await get(source);
    expect(await modelEntries()).toEqual(['toy']);
  });

  it('asks for a licence that restricts the use, or is not stated', async () => {
    const source = await serveModel({ tags: ['license:cc-by-nc-4.0'] });
    await expect(get(source)).rejects.toMatchObject({
      code: 'licence-not-accepted',
      message: expect.stringContaining('cc-by-nc-4.0') as string,
      hint: expect.stringContaining('--accept-licence') as string,
    });
    // Nothing was fetched but the listing.
    expect(server?.ranges).toHaveLength(1);
    await get(source, { acceptLicence: true });
    await server?.close();
    const silent = await serveModel({ tags: [] });
    await expect(get(silent, { id: 'two' })).rejects.toMatchObject({ code: 'licence-not-accepted' });
  });

  it('knows before the first byte that the disk has no room', async () => {
    const source = await serveModel();
    const full = get(source, {}, { freeBytes: async () => 1_000_000 });
    await expect(full).rejects.toMatchObject({ code: 'disk-full' });
    expect(server?.ranges.length).toBeLessThanOrEqual(1);
  });

  it('says what is wrong with a name, a server and a repository', async () => {
    const source = await serveModel();
    await expect(get(source, { name: 'nothing', id: 'x' })).rejects.toMatchObject({
      code: 'repository-name',
      exitCode: 2,
    });
    await expect(get(source, { name: 'other/model' })).rejects.toMatchObject({ code: 'download-missing' });
    await server?.close();
    server = await serveFile((_request, response) => response.end('<html>'));
    const page = new URL(server.url).origin;
    await expect(get(page)).rejects.toMatchObject({ code: 'repository-unknown' });
    await server.close();
    files.delete('transformer/config.json');
    await expect(get(await serveModel())).rejects.toMatchObject({
      code: 'repository-unknown',
      message: expect.stringContaining('diffusers layout') as string,
    });
    await rm(join(scratch.home, 'downloads'), { recursive: true, force: true });
  });
});

describe('the catalogue', () => {
  it('has for each model its licence, its repository and the sizes of its parts', () => {
    for (const row of catalogue) {
      expect(row.repository).toMatch(/^[\w.-]+\/[\w.-]+$/);
      expect(row.licence).not.toBe('');
      expect(halfBytes(row)).toBeGreaterThan(1e9);
    }
    expect(new Set(catalogue.map(({ id }) => id)).size).toBe(catalogue.length);
  });
});
