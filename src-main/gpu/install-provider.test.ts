import { createHash, randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, truncate, writeFile } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { sendFile, serveFile, type FileServer } from '../storage/testing/file-server.ts';
import { installProvider, removeProvider, type InstallRequest } from './install-provider.ts';
import { readProvider, useProvider } from './installed-provider.ts';
import { bundledRuntime, providerFolder, providerNames } from './runtime-place.ts';
import { elfBytes, nupkgBytes, providerFiles, tgzBytes, wheelBytes, zipBytes } from './testing/packages.ts';

const { version } = await bundledRuntime();
const linux = 'linux x64';
const quick = { stallMs: 300, pausesMs: [1], environment: {} };

let folder: string;
let home: string;
let server: FileServer | undefined;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hetcut-gpu-'));
  home = join(folder, 'home');
});

afterEach(async () => {
  await server?.close();
  server = undefined;
  await rm(folder, { recursive: true });
});

async function given(name: string, bytes: Buffer): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, bytes);
  return path;
}

const install = (from: string, more: Partial<InstallRequest> = {}) =>
  installProvider({ home, from, platform: linux, ...more }, quick);

async function expectNothingLeft(): Promise<void> {
  expect(await readdir(join(home, 'gpu')).catch(() => [])).toEqual([]);
}

describe('installing a provider', () => {
  it.each([
    ['a wheel', 'gpu.whl', () => wheelBytes(version), 'package'],
    ['a NuGet package', 'gpu.nupkg', () => nupkgBytes(version), 'none'],
    [
      'a release archive',
      'gpu.tgz',
      () => {
        const { cuda, shared } = providerFiles(version);
        const root = `onnxruntime-linux-x64-gpu-${version}`;
        const longest = `${root}/${'a'.repeat(100)}/${providerNames[0]}`;
        return tgzBytes({
          [`${root}/VERSION_NUMBER`]: Buffer.from(`${version}\n`),
          [longest]: cuda,
          [`${root}/lib/${providerNames[1]}`]: shared,
        });
      },
      'none',
    ],
  ])('takes %s', async (_what, name, bytes, checksum) => {
    const installed = await install(await given(name, bytes()));
    expect(installed).toMatchObject({ version, cuda: 13, checksum });
    // The binding, its library, and the provider beside it; all that it loads is in the folder.
    const { binaries } = await bundledRuntime();
    const names = await readdir(join(providerFolder(home), binaries));
    if (process.platform === 'linux') {
      expect(names.sort()).toEqual(
        expect.arrayContaining(['libonnxruntime.so.1', 'onnxruntime_binding.node', ...providerNames]),
      );
    }
    expect(await readProvider(home)).toMatchObject({ installed: { version } });
    expect((await readProvider(home))?.problem).toBeUndefined();
    expect(await readdir(join(home, 'gpu'))).toEqual(['onnxruntime']);
  });

  it('takes a folder, links and all, and replaces what was there', async () => {
    const { cuda, shared } = providerFiles(version);
    const libraries = join(folder, 'libraries');
    await mkdir(join(libraries, 'lib'), { recursive: true });
    await writeFile(join(libraries, 'real.so'), cuda);
    await symlink('../real.so', join(libraries, 'lib', providerNames[0]));
    await writeFile(join(libraries, 'lib', providerNames[1]), shared);
    await install(await given('first.whl', wheelBytes(version)));
    const installed = await install(libraries);
    expect(installed.source).toBe(libraries);
    expect(await readdir(join(home, 'gpu'))).toEqual(['onnxruntime']);
    expect(await removeProvider(home)).toBe(true);
    expect(await removeProvider(home)).toBe(false);
    await expectNothingLeft();
  });

  it('compares with a checksum that was given', async () => {
    const bytes = nupkgBytes(version);
    const path = await given('gpu.nupkg', bytes);
    const sha256 = createHash('sha256').update(bytes).digest('hex').toUpperCase();
    expect((await install(path, { sha256 })).checksum).toBe('given');
    await removeProvider(home);
    await expect(install(path, { sha256: '0'.repeat(64) })).rejects.toMatchObject({
      code: 'provider-damaged',
    });
    await expectNothingLeft();
  });

  it.each<[string, string, () => Buffer, string, RegExp]>([
    ['of another version', 'a.whl', () => wheelBytes('1.29.0'), 'provider-version', /1\.29\.0.*needs/],
    [
      'renamed to this version',
      'a.whl',
      () => wheelBytes('1.29.0', version),
      'provider-version',
      /does not say/,
    ],
    ['for ARM', 'a.whl', () => wheelBytes(version, version, { machine: 183 }), 'provider-platform', /ARM/],
    [
      'of 32 bits',
      'a.whl',
      () => wheelBytes(version, version, { is64Bit: false }),
      'provider-platform',
      /x86-64/,
    ],
    [
      'for Windows',
      'a.nupkg',
      () => zipBytes({ 'runtimes/win-x64/native/onnxruntime_providers_cuda.dll': Buffer.from('MZ') }),
      'provider-absent',
      /onnxruntime_providers_cuda\.dll, which is for another system/,
    ],
    [
      'without a provider',
      'a.whl',
      () => zipBytes({ 'x/METADATA': Buffer.from('') }),
      'provider-absent',
      /no lib/,
    ],
    [
      'with a library that is none',
      'a.whl',
      () => zipBytes({ [providerNames[0]]: Buffer.from('hello'), [providerNames[1]]: elfBytes() }),
      'provider-damaged',
      /cut short or no library/,
    ],
    [
      'that computes on something else',
      'a.whl',
      () => zipBytes({ [providerNames[0]]: elfBytes({ text: version }), [providerNames[1]]: elfBytes() }),
      'provider-damaged',
      /no CUDA library/,
    ],
    ['that is damaged', 'a.whl', () => damage(wheelBytes(version)), 'package-unreadable', /CRC|damaged/],
    [
      'that is cut short',
      'a.whl',
      () => wheelBytes(version).subarray(0, 500),
      'package-unreadable',
      /cannot be read/,
    ],
    [
      'that is cut short',
      'a.tgz',
      () => tgzBytes({ x: Buffer.alloc(9000) }).subarray(0, 60),
      'package-unreadable',
      /cannot be read/,
    ],
    [
      'that is cut short amid a library',
      'b.tgz',
      () =>
        tgzBytes({ 'gpu/lib/libonnxruntime_providers_cuda.so': randomBytes(300_000) }).subarray(0, 150_000),
      'package-unreadable',
      /cannot be read/,
    ],
    ['of an unknown kind', 'a.rar', () => Buffer.from('Rar!'), 'package-unreadable', /no folder, \.whl/],
  ])('refuses a package %s (%s)', async (_what, name, bytes, code, message) => {
    const error = install(await given(name, bytes()));
    await expect(error).rejects.toMatchObject({ code, message: expect.stringMatching(message) as string });
    await expect(error).rejects.toMatchObject({
      hint: expect.stringMatching(/[Gg]e?i?[tv]|Copy|Check/) as string,
    });
    await expectNothingLeft();
  });

  it('refuses a wheel whose own checksum its library does not have, and keeps the provider that is there', async () => {
    await install(await given('good.whl', wheelBytes(version)));
    const { cuda, shared } = providerFiles(version);
    const altered = zipBytes({
      [`a/${providerNames[0]}`]: cuda,
      [`a/${providerNames[1]}`]: shared,
      'a.dist-info/RECORD': Buffer.from(`a/${providerNames[0]},sha256=${'A'.repeat(43)},1\n`),
    });
    await expect(install(await given('bad.whl', altered))).rejects.toMatchObject({
      code: 'provider-damaged',
      message: expect.stringContaining('as the package states') as string,
    });
    expect((await readProvider(home))?.installed.source).toBe(join(folder, 'good.whl'));
  });

  it('says what is wrong with a path, a disk and a platform', async () => {
    await expect(install(join(folder, 'absent.whl'))).rejects.toMatchObject({
      message: expect.stringContaining('no such file') as string,
    });
    const path = await given('gpu.whl', wheelBytes(version));
    const full = installProvider(
      { home, from: path, platform: linux },
      { ...quick, freeBytes: async () => 1e6 },
    );
    await expect(full).rejects.toMatchObject({ code: 'disk-full' });
    for (const platform of ['win32 x64', 'darwin arm64', 'linux arm64']) {
      await expect(install(path, { platform })).rejects.toMatchObject({ code: 'gpu-platform', exitCode: 2 });
    }
    await expectNothingLeft();
  });

  it('notices a provider that was damaged or belongs to another version, and does not use it', async () => {
    await install(await given('gpu.whl', wheelBytes(version)));
    const environment: NodeJS.ProcessEnv = {};
    await useProvider(home, environment);
    expect(environment).toMatchObject({ HETCUT_ONNXRUNTIME: providerFolder(home) });
    const { binaries } = await bundledRuntime();
    await truncate(join(providerFolder(home), binaries, providerNames[0]), 10);
    expect((await readProvider(home))?.problem).toMatchObject({ kind: 'damaged' });
    await useProvider(home, environment);
    expect(environment['HETCUT_ONNXRUNTIME']).toBeUndefined();
    const notes = join(providerFolder(home), 'hetcut-gpu.json');
    await writeFile(notes, (await readFile(notes, 'utf8')).replace(version, '1.2.3'));
    expect((await readProvider(home))?.problem).toMatchObject({
      kind: 'other-version',
      reason: expect.stringContaining('1.2.3') as string,
    });
    await writeFile(notes, '{');
    expect((await readProvider(home))?.problem?.kind).toBe('damaged');
  });
});

function damage(bytes: Buffer): Buffer {
  const copy = Buffer.from(bytes);
  // In the first member's content.
  copy[300] ^= 1;
  return copy;
}

describe('downloading a provider', () => {
  const name = 'microsoft.ml.onnxruntime.gpu.linux';
  const bytes = nupkgBytes(version);
  const sha512 = createHash('sha512').update(bytes).digest('base64');

  /** A feed as NuGet's protocol has it. */
  async function startFeed(content = bytes, hash = sha512): Promise<string> {
    const answer = (request: IncomingMessage, response: ServerResponse): void => {
      const url = request.url ?? '';
      const base = `http://${request.headers.host ?? ''}`;
      const documents: Record<string, unknown> = {
        '/file.bin': {
          resources: [
            { '@id': `${base}/flat`, '@type': 'PackageBaseAddress/3.0.0' },
            { '@id': `${base}/registration/`, '@type': 'RegistrationsBaseUrl' },
          ],
        },
        [`/registration/${name}/${version}.json`]: { catalogEntry: `${base}/catalog.json` },
        '/catalog.json': { packageHash: hash, packageHashAlgorithm: 'SHA512', packageSize: bytes.length },
      };
      const document = documents[url];
      if (document !== undefined) response.end(JSON.stringify(document));
      else if (url === `/flat/${name}/${version}/${name}.${version}.nupkg` || url.endsWith('direct.nupkg')) {
        sendFile(request, response, content, { etag: '"1"' });
      } else response.writeHead(404).end();
    };
    server = await serveFile(answer);
    return server.url;
  }

  it('asks the feed for the package and its checksum, and reports progress', async () => {
    const source = await startFeed();
    const stages: string[] = [];
    const installed = await installProvider(
      { home, source, platform: linux },
      { ...quick, onProgress: ({ stage }) => stages.push(stage) },
    );
    expect(installed).toMatchObject({ version, checksum: 'server' });
    expect(stages).toContain('download');
    // What was downloaded is not kept.
    expect((await readdir(join(home, 'downloads'))).filter((one) => one.endsWith('.nupkg'))).toEqual([]);
  });

  it('takes the address of a package too', async () => {
    const source = (await startFeed()).replace('file.bin', 'direct.nupkg');
    expect((await installProvider({ home, source, platform: linux }, quick)).checksum).toBe('none');
  });

  it.each([
    ['a package that is not the one that the feed states', 'hash', 'download-damaged'],
    ['a server that is no feed', 'page', 'feed-unknown'],
    ['a server without the package', 'absent', 'download-missing'],
    ['a server that ends amid the package', 'cut', 'download-failed'],
  ])('says what is wrong with %s, and leaves nothing half', async (_what, kind, code) => {
    if (kind === 'hash') await startFeed(bytes, 'A'.repeat(86) + '==');
    else if (kind === 'cut') {
      await startFeed();
      const feed = server?.url ?? '';
      await server?.close();
      expect(feed).not.toBe('');
      server = await serveFile((request, response) => {
        response.writeHead(200, { 'content-length': 5000 });
        response.write('short', () => setTimeout(() => response.destroy(), 10));
        void request;
      });
    } else {
      server = await serveFile((_request, response) => {
        if (kind === 'page') response.end('<html>');
        else response.writeHead(404).end();
      });
    }
    const path = kind === 'cut' || kind === 'absent' ? 'direct.nupkg' : 'file.bin';
    const source = (server?.url ?? '').replace('file.bin', path);
    await expect(installProvider({ home, source, platform: linux }, quick)).rejects.toMatchObject({ code });
    await expectNothingLeft();
  });
});
