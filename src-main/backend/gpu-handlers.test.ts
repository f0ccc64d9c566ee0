import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { answer, type DoctorFinding, type Reply } from '../../src-shared/ipc/index.ts';
import { bundledRuntime } from '../gpu/runtime-place.ts';
import { fakeNvidiaSmi, nupkgBytes } from '../gpu/testing/packages.ts';
import { idleHost } from '../host/testing/idle-host.ts';
import { useTsx } from '../host/testing/use-tsx.ts';
import { sendFile, serveFile } from '../storage/testing/file-server.ts';
import type { Backend } from './backend.ts';
import { createBackend } from './create-backend.ts';

useTsx();

let folder: string;
let backend: Backend;
const shares: number[] = [];

const call = (name: string, input: unknown): Promise<Reply<unknown>> => answer(backend.handlers, name, input);
async function problems(): Promise<(string | undefined)[]> {
  const reply = await call('app.doctor', {});
  const findings = (reply as { value: readonly DoctorFinding[] }).value;
  return findings
    .filter(({ part, state }) => part === 'problem' && state === 'wrong')
    .map(({ gpu }) => gpu?.code);
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hetcut-gpu-page-'));
  backend = await createBackend({
    home: join(folder, 'home'),
    emit: (name, value) => {
      if (name === 'gpu.progress') shares.push((value as { share: number }).share);
    },
    startHost: idleHost(() => undefined),
  });
  const { PATH = '' } = await fakeNvidiaSmi(folder, `echo 'NVIDIA L4, 580.82.07, 23034, 512, 8.9'`);
  vi.stubEnv('PATH', PATH);
});
afterAll(async () => {
  vi.unstubAllEnvs();
  await backend.close();
  await rm(folder, { recursive: true, force: true });
});

describe.skipIf(process.platform !== 'linux' || process.arch !== 'x64')('the page of this machine', () => {
  it('shows a card that is not used, installs the provider for it, and takes it away', async () => {
    expect(await call('app.device', {})).toMatchObject({
      value: { provider: 'cpu', unusedCard: 'NVIDIA L4' },
    });
    expect(await problems()).toContain('provider-missing');
    const { version } = await bundledRuntime();
    const server = await serveFile((request, response) => sendFile(request, response, nupkgBytes(version)));
    vi.stubEnv('HETCUT_GPU_SOURCE', server.url.replace('file.bin', 'gpu.nupkg'));
    expect(await call('gpu.install', {})).toMatchObject({ ok: true });
    await server.close();
    expect(shares.at(-1)).toBe(1);
    // Its library has no code.
    const after = await problems();
    expect(after).not.toContain('provider-missing');
    expect(after.filter((code) => code !== undefined)).not.toEqual([]);
    expect(await call('gpu.remove', {})).toMatchObject({ ok: true });
    expect(await problems()).toContain('provider-missing');
  });

  it('takes only a file that was chosen', async () => {
    const path = join(folder, 'gpu.nupkg');
    await writeFile(path, nupkgBytes('1.0.0'));
    expect(await call('gpu.install', { path })).toMatchObject({ ok: false, code: 'path-refused' });
    backend.allowPath(path);
    expect(await call('gpu.install', { path })).toMatchObject({ ok: false, code: 'provider-version' });
  });
});
