import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Command } from 'commander';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { editTensors } from '../../models/testing/source-copy.ts';
import type { CliContext } from '../context.ts';
import { registerModel } from './model.ts';
import { registerParity } from './parity.ts';

const golden = fileURLToPath(new URL('../../../e2e/fixtures/golden', import.meta.url));
const pipeline = join(golden, 'E_pipeline');

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hetcut-model-command-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

interface Answer {
  readonly result: Record<string, unknown>;
  readonly text: string;
  readonly notes: readonly string[];
  readonly failed: boolean;
}

/** Runs one command line and returns what it answered. */
async function run(...args: string[]): Promise<Answer> {
  let answer: Pick<Answer, 'result' | 'text'> | undefined;
  let failed = false;
  const notes: string[] = [];
  const context: CliContext = {
    home: join(folder, 'home'),
    json: false,
    signal: new AbortController().signal,
    startHost: () => {
      throw new Error('it computes nothing');
    },
    onProgress: () => undefined,
    answer: (result, text) => void (answer = { result: result as Record<string, unknown>, text }),
    markFailed: () => void (failed = true),
    note: (text) => void notes.push(text),
  };
  const program = new Command();
  registerModel(program, context);
  registerParity(program, context);
  const quieten = (command: Command): void => {
    command.exitOverride().configureOutput({ writeErr: () => undefined });
    command.commands.forEach(quieten);
  };
  quieten(program);
  await program.parseAsync(args, { from: 'user' });
  if (answer === undefined) throw new Error(`no answer to ${args.join(' ')}`);
  return { ...answer, notes, failed };
}

describe('model', () => {
  it('imports, lists, verifies and removes', async () => {
    const imported = await run('model', 'import', pipeline, '--id', 'toy');
    const parts = imported.result['parts'] as {
      name: string;
      bytes: number;
      seconds: number;
      sha256: string;
    }[];
    expect(parts.map((part) => part.name)).toEqual(['transformer', 'vae', 'text-encoder']);
    for (const part of parts) {
      expect(part.bytes).toBeGreaterThan(0);
      expect(part.seconds).toBeGreaterThan(0);
      expect(part.sha256).toMatch(/^[0-9a-f]{64}$/);
    }
    expect(imported.notes).toEqual([expect.stringContaining('no tokenizer')]);
    const listed = await run('model', 'list');
    expect(listed.result['models']).toMatchObject([{ id: 'toy', precision: 'fp32', family: 'wan-vace' }]);
    expect(listed.text).toMatch(/^toy +fp32 +\d/);
    expect((await run('model', 'verify', 'toy')).result).toMatchObject({ ok: true, id: 'toy' });
    await run('model', 'remove', 'toy');
    expect((await run('model', 'list')).result).toEqual({ models: [], segmenters: [] });
  });

  it('makes models of free sizes that can be imported', async () => {
    const out = join(folder, 'synth');
    const sizes = ['--layers', '3', '--heads', '1', '--vae-base', '4', '--text', 'none', '--dtype', 'fp16'];
    const { result } = await run('model', 'synth', 'wan-vace', '--out', out, ...sizes);
    expect(result).toMatchObject({ config: 'wan-vace', path: out });
    await run('model', 'import', out, '--id', 'synth', '--precision', 'fp16');
    expect((await run('model', 'list')).result['models']).toMatchObject([{ id: 'synth', precision: 'fp16' }]);
  });

  it('refuses sizes that make no model before anything is written', async () => {
    const out = join(folder, 'synth');
    await expect(run('model', 'synth', 'wan-vase', '--out', out)).rejects.toMatchObject({ exitCode: 2 });
    await expect(run('model', 'synth', 'wan-vace', '--out', out, '--heads', '0')).rejects.toThrow('--heads');
    const layers = run('model', 'synth', 'wan-vace', '--out', out, '--vace-layers', '0,9');
    await expect(layers).rejects.toThrow(/"vace_layers" is \[0,9\]/);
    await expect(run('model', 'synth', 'wan-vace', '--out', out, '--vace-layers', 'x')).rejects.toThrow(
      '0,2,4',
    );
  });
});

describe('parity', () => {
  it('answers with a row for each comparison', async () => {
    const { result, text, failed } = await run('parity', join(golden, 'H_tokenizer'));
    expect(failed).toBe(false);
    expect(result).toMatchObject({ ok: true, precision: 'fp32', skipped: [] });
    expect(result['cases']).toContainEqual({ name: 'H_tokenizer/ids', maxAbs: 0, tolerance: 0, ok: true });
    expect(text).toMatch(/^ok {4}H_tokenizer\/cleaned {2}/);
    expect(text).toContain('2 comparisons in fp32, all within their tolerance');
  });

  it('marks the command as failed where a comparison fails', async () => {
    await cp(join(golden, 'D_schedulers'), join(folder, 'D'), { recursive: true });
    await editTensors(join(folder, 'D', 'case.safetensors'), (tensors) => {
      tensors['unipc_shift3_steps10_timesteps'].bytes[0] ^= 1;
    });
    const { result, text, failed } = await run('parity', folder);
    expect(failed).toBe(true);
    expect(result['ok']).toBe(false);
    expect(text).toMatch(/FAIL {2}D\/unipc_shift3_steps10_timesteps +1\.0e\+0 {2}of 0\.0e\+0/);
    expect(text).toContain('1 failed');
  });
});
