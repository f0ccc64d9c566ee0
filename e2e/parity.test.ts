import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hetcut, root } from './hetcut.ts';

const golden = join(root, 'e2e/fixtures/golden');
let home: string;
beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'hetcut-home-'));
});
afterAll(() => rm(home, { recursive: true, force: true }));

interface ParityAnswer {
  ok: boolean;
  cases: { name: string; maxAbs: number; tolerance: number; ok: boolean }[];
  skipped: { name: string; reason: string }[];
}

describe('parity', () => {
  it.each(['fp32', 'fp16'])('holds over every folder of reference vectors in %s', async (precision) => {
    const run = await hetcut(['parity', golden, '--precision', precision, '--json'], home);
    const answer = run.json() as unknown as ParityAnswer;
    expect(answer.cases.filter((entry) => !entry.ok)).toEqual([]);
    expect(answer.skipped).toEqual([]);
    expect([answer.ok, run.code]).toEqual([true, 0]);
    const folders = new Set(answer.cases.map(({ name }) => name.split('/')[0]));
    const expected = ['A_wan_vace_dit', 'B_wan_vae', 'C_umt5', 'E_pipeline', 'G_caches', 'J_single_files'];
    for (const folder of precision === 'fp32' ? [...expected, 'D_schedulers', 'H_tokenizer'] : expected) {
      expect(folders).toContain(folder);
    }
  });

  it('fails where there is nothing to compare', async () => {
    const run = await hetcut(['parity', join(root, 'docs'), '--json'], home);
    expect(run.json()['ok']).toBe(false);
    expect(run.code).not.toBe(0);
  });
});
