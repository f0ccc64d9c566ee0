import { cp, mkdir, mkdtemp, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Precision } from '../../src-shared/core/graph/index.ts';
import { editTensors } from '../models/testing/source-copy.ts';
import { encodeSafetensors, float32Bytes } from '../models/testing/safetensors-bytes.ts';
import { createOrt } from '../ort/index.ts';
import { Comparisons } from './comparison.ts';
import { runParity, type ParityReport } from './index.ts';

const golden = fileURLToPath(new URL('../../e2e/fixtures/golden', import.meta.url));

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'hetcut-parity-test-'));
});
afterEach(() => rm(root, { recursive: true, force: true }));

const run = (folder: string, precision: Precision = 'fp32'): Promise<ParityReport> =>
  runParity({ root: folder, precision, sessions: createOrt() });
const copy = (name: string): Promise<void> => cp(join(golden, name), join(root, name), { recursive: true });
const failures = ({ cases }: ParityReport): string[] => cases.filter((one) => !one.ok).map((one) => one.name);

describe('runParity', () => {
  it('passes on every public folder, in fp32', async () => {
    const report = await run(golden);
    expect(failures(report)).toEqual([]);
    expect(report.ok).toBe(true);
    expect(report.skipped).toEqual([]);
    const folders = new Set(report.cases.map((one) => one.name.split('/')[0]));
    expect([...folders].map((name) => name[0]).join('')).toBe('ABCDEFGHIJ');
    for (const name of ['output_scale_mixed', 'block3_attn1_q', 'rope_cos', 'vace1_hint']) {
      expect(report.cases.map((one) => one.name)).toContain(`A_wan_vace_dit/${name}`);
    }
    expect(report.cases.length).toBeGreaterThan(190);
  });

  it('passes with its own tolerance in fp16, and not with that of fp32', async () => {
    await copy('A_wan_vace_dit');
    const report = await run(root, 'fp16');
    expect(failures(report)).toEqual([]);
    const output = report.cases.find((one) => one.name.endsWith('output_scale_ones'))!;
    expect(output.maxAbs).toBeGreaterThan(1e-4);
  });

  it('sees a single weight that is off by a little', async () => {
    await copy('A_wan_vace_dit');
    const weights = join(root, 'A_wan_vace_dit', 'transformer', 'diffusion_pytorch_model.safetensors');
    await editTensors(weights, (tensors) => {
      const { bytes } = tensors['blocks.3.attn1.norm_q.weight'];
      new DataView(bytes.buffer).setFloat32(0, 1.05 * new DataView(bytes.buffer).getFloat32(0, true), true);
    });
    const report = await run(root);
    expect(report.ok).toBe(false);
    expect(failures(report)).toContain('A_wan_vace_dit/block3_attn1_q');
    expect(failures(report)).toContain('A_wan_vace_dit/output_scale_ones');
    expect(failures(report)).not.toContain('A_wan_vace_dit/block2_out_after_hint');
  });

  it('fails a folder that cannot be run and continues with the others', async () => {
    await copy('H_tokenizer');
    await copy('D_schedulers');
    await mkdir(join(root, 'C_damaged', 'text_encoder'), { recursive: true });
    await cp(join(golden, 'C_umt5', 'case.safetensors'), join(root, 'C_damaged', 'case.safetensors'));
    await truncate(join(root, 'C_damaged', 'case.safetensors'), 0);
    await rm(join(root, 'D_schedulers', 'unipc_shift3'), { recursive: true });
    const report = await run(root);
    expect(failures(report)).toEqual(['C_damaged/read', 'D_schedulers/run']);
    expect(report.cases.find((one) => one.name === 'C_damaged/read')?.error).toContain('0 bytes');
    expect(report.cases.map((one) => one.name)).toContain('H_tokenizer/ids');
    expect(report.ok).toBe(false);
  });

  it('finds folders at any depth, and the folder itself', async () => {
    await cp(join(golden, 'H_tokenizer'), join(root, 'sets', 'other', 'H_tokenizer'), { recursive: true });
    expect((await run(root)).cases.map((one) => one.name)).toContain('sets/other/H_tokenizer/ids');
    expect((await run(join(golden, 'H_tokenizer'))).cases.map((one) => one.name)).toContain(
      'H_tokenizer/ids',
    );
  });

  it('reports what it does not cover as skipped, not as passed', async () => {
    await mkdir(join(root, 'W_other', 'transformer'), { recursive: true });
    const config = '{"_class_name": "OtherTransformer3DModel"}';
    await writeFile(join(root, 'W_other', 'transformer', 'config.json'), config);
    for (const name of ['W_other', 'X_other']) {
      await mkdir(join(root, name), { recursive: true });
      const other = encodeSafetensors({ other: float32Bytes([1], [0]) });
      await writeFile(join(root, name, 'case.safetensors'), other);
    }
    await expect(run(root)).rejects.toMatchObject({ code: 'no-golden-cases', exitCode: 1 });
    await copy('H_tokenizer');
    const report = await run(root);
    expect(report.ok).toBe(true);
    expect(report.skipped.map((one) => one.name)).toEqual(['W_other', 'X_other']);
    expect(report.cases.every((one) => one.name.startsWith('H_tokenizer'))).toBe(true);
  });

  it('runs attention broadcast on the pipeline next to it, and says so where there is none', async () => {
    await copy('G_caches');
    const alone = await run(root);
    expect(alone.ok).toBe(false);
    expect(failures(alone)).toEqual(['G_caches/run']);
    expect(alone.cases[0].error).toMatch(/E_pipeline.model_index\.json is missing/);
    await copy('E_pipeline');
    const report = await runParity({
      root: join(root, 'G_caches'),
      precision: 'fp16',
      sessions: createOrt(),
    });
    expect(failures(report)).toEqual([]);
    expect(report.cases.map((one) => one.name.split('/')[1])).toEqual([
      'timesteps',
      'nocache_cfg1_latents_final',
      'self_attn_computed',
      'cross_attn_computed',
      'pab_cfg1_latents_after_step',
      'nocache_cfg_latents_final',
      'pab_per_branch_cfg_latents_step_half',
      'pab_per_branch_cfg_latents_final',
      'pab_library_shared_state_cfg_latents_final (must differ)',
    ]);
  });

  it('sees a broadcast by another rule', async () => {
    for (const name of ['G_caches', 'E_pipeline']) await copy(name);
    await editTensors(join(root, 'G_caches', 'case.safetensors'), (tensors) => {
      new DataView(tensors['self_skip'].bytes.buffer).setInt32(0, 3, true);
    });
    const report = await run(join(root, 'G_caches'));
    expect(failures(report)).toEqual([
      'G_caches/self_attn_computed',
      'G_caches/pab_cfg1_latents_after_step',
      // Half-way, step 6 is the first inside the range and computes either way.
      'G_caches/pab_per_branch_cfg_latents_final',
    ]);
  });

  it('is no success on an empty folder, and a wrong request on a missing one', async () => {
    await expect(run(root)).rejects.toMatchObject({ code: 'no-golden-cases', exitCode: 1 });
    await expect(run(join(root, 'none'))).rejects.toMatchObject({ code: 'folder-missing', exitCode: 2 });
  });
});

describe('Comparisons', () => {
  const check = (actual: number[], expected: number[]): Comparisons['cases'][number] => {
    const results = new Comparisons('X');
    results.check('t', actual, expected, 0.5);
    return results.cases[0];
  };

  it('takes the largest difference and passes at the tolerance itself', () => {
    expect(check([1, 2.5], [1, 2])).toEqual({ name: 'X/t', maxAbs: 0.5, tolerance: 0.5, ok: true });
    expect(check([1, 1], [1, 2])).toMatchObject({ maxAbs: 1, ok: false });
  });

  it('fails on NaN, on infinities, on other lengths and on nothing', () => {
    expect(check([NaN, 0], [0, 0])).toMatchObject({ maxAbs: NaN, ok: false });
    expect(check([0], [NaN])).toMatchObject({ ok: false });
    expect(check([Infinity], [0])).toMatchObject({ maxAbs: Infinity, ok: false });
    expect(check([0, 0], [0])).toMatchObject({ ok: false, error: '2 numbers, expected 1' });
    expect(check([], [])).toMatchObject({ ok: false });
  });

  it('tells what must differ from what does not by enough', () => {
    const results = new Comparisons('X');
    results.checkDiffers('far', [1, 2], [1, 4], 2);
    results.checkDiffers('near', [1, 2], [1, 3.5], 2);
    results.checkDiffers('nan', [1, NaN], [1, 4], 2);
    results.checkDiffers('short', [1], [1, 4], 2);
    expect(results.cases.map(({ ok, maxAbs }) => [ok, maxAbs])).toEqual([
      [true, 0],
      [false, 1],
      [false, 1],
      [false, 1],
    ]);
    expect(results.cases[1].error).toBe('differs by 1.5, expected at least 2');
  });

  it('counts wrong rows', () => {
    const results = new Comparisons('X');
    results.countFailures('rows', [true, false, true, false]);
    results.countFailures('fine', [true]);
    expect(results.cases[0]).toMatchObject({ maxAbs: 2, ok: false, error: 'wrong rows: 1, 3' });
    expect(results.cases[1]).toMatchObject({ maxAbs: 0, ok: true });
  });
});
