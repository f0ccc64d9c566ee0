import { spawnSync } from 'node:child_process';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { demo, hetcut, root } from './hetcut.ts';
import '../src-main/media/testing/use-npm-binaries.ts';

let home: string;
beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'hetcut-home-'));
});
afterAll(() => rm(home, { recursive: true, force: true }));

interface Estimate {
  readonly seconds: number;
  readonly stages: Readonly<Record<string, number>>;
  readonly calls: Readonly<Record<'full' | 'partial' | 'reuse', number>>;
  readonly flops: number;
  readonly memoryMb: number;
  readonly windows: number;
  readonly tokensPerWindow: readonly number[];
  readonly steps: readonly string[];
}

const job = [demo('bunny.mp4'), '--mask', demo('bunny-mask.json')];

async function estimate(...options: string[]): Promise<Estimate> {
  const run = await hetcut(['estimate', ...job, '--fill', 'network', ...options, '--json'], home);
  expect(run.code).toBe(0);
  return run.json() as unknown as Estimate;
}

it('says what a job will take, and the job says the same before it runs', async () => {
  const short = ['--steps', '2', '--method', 'full', '--range', '0:25'];
  const estimated = await estimate(...short);
  const parts = Object.values(estimated.stages).reduce((sum, value) => sum + value, 0);
  expect(parts).toBeCloseTo(estimated.seconds, 9);
  expect(estimated.steps).toEqual(['full', 'full']);
  expect(estimated.calls).toEqual({ full: 2 * estimated.windows, partial: 0, reuse: 0 });
  expect(estimated.tokensPerWindow).toHaveLength(estimated.windows);
  expect(estimated.memoryMb).toBeGreaterThan(100);
  // Measured once: nothing that was asked before changes the answer.
  expect(await estimate(...short)).toEqual(estimated);

  const out = join(home, 'out.mp4');
  const options = ['--out', out, '--fill', 'network', ...short, '--json'];
  const result = (await hetcut(['remove', ...job, ...options], home)).json();
  expect(result['estimateSeconds']).toBeCloseTo(estimated.seconds, 9);
  const { total, ...stages } = result['seconds'] as Record<string, number>;
  expect(Object.keys(stages).sort()).toEqual(Object.keys(estimated.stages).sort());
  expect(Object.values(stages).reduce((sum, value) => sum + value, 0)).toBeCloseTo(total, 9);

  // What the job found out makes the estimate exact from then on.
  const again = await estimate(...short);
  expect(again.windows).toBe(result['windows']);
  expect(again.calls).toEqual(result['calls']);
  expect((result['flops'] as number) / estimated.flops).toBeCloseTo(1, 9);
  // The text is encoded by now, and is a small part.
  expect(again.flops).toBeLessThan(estimated.flops);
  expect(again.flops / estimated.flops).toBeCloseTo(1, 3);
});

it('needs no network for a job that uses none', async () => {
  const fresh = await mkdtemp(join(tmpdir(), 'hetcut-home-'));
  try {
    const run = await hetcut(['estimate', ...job, '--plate', 'only', '--json'], fresh);
    expect(run.json()).toMatchObject({ windows: 0, flops: 0, steps: [] });
    expect(run.stderr).not.toContain('Measuring');
  } finally {
    await rm(fresh, { recursive: true, force: true });
  }
});

it('speaks to people', async () => {
  const run = await hetcut(
    ['estimate', ...job, '--fill', 'network', '--steps', '2', '--method', 'full'],
    home,
  );
  expect(run.code).toBe(0);
  expect(run.stdout).toMatch(/about \d+:\d\d min, \d+\.\d GB of memory/);
  expect(run.stdout).toMatch(/4 windows of 245 to 245 tokens: 8 full, 0 partial, 0 reused steps/);
});

it('refuses what remove refuses, and writes nothing', async () => {
  const before = await readdir(home);
  const refused = async (args: readonly string[], code: string): Promise<void> => {
    const run = await hetcut(['estimate', ...args, '--json'], home);
    expect(run.json()).toMatchObject({ ok: false, code });
    expect(run.code).toBe(2);
  };
  await refused([demo('nowhere.mp4'), '--mask', demo('bunny-mask.json')], 'file-not-found');
  await refused([demo('bunny.mp4'), '--mask', demo('campus-mask.mkv')], 'mask-size');
  await refused([...job, '--plate', demo('nowhere.png')], 'file-not-found');
  await refused([...job, '--model', 'nobody'], 'model-unknown');
  await refused([...job, '--steps', '0'], 'usage');
  await refused([...job, '--delta', '-1'], 'cache-option');
  expect(await readdir(home)).toEqual(before);
});

it('answers from the sources as the bundled command does, host included', () => {
  const args = ['estimate', ...job, '--fill', 'network', '--steps', '2', '--method', 'full', '--json'];
  const env = { ...process.env, HETCUT_HOME: home };
  const run = spawnSync('npm', ['run', '-s', 'hetcut', '--', ...args], { cwd: root, env, encoding: 'utf8' });
  expect(run.status).toBe(0);
  return expect(estimate('--steps', '2', '--method', 'full')).resolves.toEqual(JSON.parse(run.stdout));
});
