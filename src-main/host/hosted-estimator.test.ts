import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { EditRequest } from '../engine/edit-job.ts';
import { createMedia } from '../media/index.ts';
import { forkHost } from './client.ts';
import type { HostProcess, HostPurpose } from './message-loop.ts';
import { createEstimator } from './estimator.ts';
import { openHostedEstimator, type HostedEstimator } from './hosted-estimator.ts';
import { demoJob, quietHooks } from './testing/demo-job.ts';
import { useTsx } from './testing/use-tsx.ts';

useTsx();

let home: string;
let estimator: HostedEstimator;
/** Every host that was started, oldest first. */
let hosts: HostProcess[];
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'hetcut-hosted-estimator-'));
  hosts = [];
  const startHost = (purpose: HostPurpose): HostProcess => {
    const host = forkHost(purpose);
    hosts.push(host);
    return host;
  };
  estimator = openHostedEstimator(startHost, home, () => undefined);
});
afterEach(async () => {
  await estimator.close();
  await rm(home, { recursive: true, force: true });
});

// No network: the machine need not be measured for it.
const request = (changes: Partial<EditRequest> = {}): EditRequest => ({
  ...demoJob('unused.mp4', { plate: { kind: 'only' } }),
  ...changes,
});

describe('an estimator in a process of its own', () => {
  it('answers as one in this process does, and asks one process for everything', async () => {
    const here = createEstimator(home, await createMedia(), quietHooks);
    const job = request();
    expect(await estimator.estimate(job)).toEqual(await here.estimate(job));
    const withNetwork = request({ plate: { kind: 'off' } });
    const partition = await estimator.partition(withNetwork, 22);
    expect(partition).not.toBeNull();
    expect(partition).toEqual(await here.partition(withNetwork, 22));
    await here.close();
    expect(hosts.length).toBe(1);
  });

  it('passes on what was wrong, with its code and what to do', async () => {
    await expect(estimator.estimate(request({ maskPath: 'none.json' }))).rejects.toMatchObject({
      code: 'file-not-found',
      exitCode: 2,
      hint: expect.stringMatching(/./) as string,
    });
  });

  it('says so where its process ends, and starts another', async () => {
    const lost = estimator.estimate(request());
    hosts[0].kill();
    await expect(lost).rejects.toMatchObject({ code: 'host-died' });
    expect(await estimator.estimate(request())).toMatchObject({ windows: 0 });
    expect(hosts.length).toBe(2);
  });

  it('answers in a new process after a restart, with the environment of then', async () => {
    const lost = estimator.estimate(request());
    const refused = expect(lost).rejects.toMatchObject({ code: 'superseded' });
    estimator.restart();
    await refused;
    vi.stubEnv('HETCUT_DEVICE', 'abacus');
    const withNetwork = request({ plate: { kind: 'off' } });
    await expect(estimator.estimate(withNetwork)).rejects.toThrow('HETCUT_DEVICE is abacus');
    vi.unstubAllEnvs();
    estimator.restart();
    expect(await estimator.estimate(withNetwork)).toMatchObject({ windows: 1 });
    expect(hosts.length).toBe(3);
  });

  it('leaves no process when it is closed, and no question without an answer', async () => {
    const open = estimator.estimate(request());
    const ended = new Promise((resolve) => hosts[0].onEnd(resolve));
    const refused = expect(open).rejects.toMatchObject({ code: 'superseded' });
    await estimator.close();
    await refused;
    await ended;
    await expect(estimator.estimate(request())).rejects.toMatchObject({ code: 'superseded' });
    expect(hosts.length).toBe(1);
  });
});
