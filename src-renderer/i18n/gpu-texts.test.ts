import { describe, expect, it } from 'vitest';
import { gpuProblemText } from '../../src-main/gpu/gpu-problem-text.ts';
import type { GpuProblemCode } from '../../src-shared/ipc/index.ts';
import { gpuDe, gpuEn } from './gpu-texts.ts';

const prefix = 'gpu.problem.';
const codes = Object.keys(gpuEn).flatMap((key) =>
  key.startsWith(prefix) ? [key.slice(prefix.length) as GpuProblemCode] : [],
);

/** Names between braces. */
const namesIn = (text: string): string[] =>
  [...text.matchAll(/\{\{(\w+)\}\}/g)].map(([, name]) => name).sort();

describe('texts of unused cards', () => {
  it.each(codes)('name the same things in both languages and on the command line: %s', (code) => {
    const key = `${prefix}${code}` as const;
    const names = namesIn(gpuEn[key]);
    expect(namesIn(gpuDe[key])).toEqual(names);
    const values = Object.fromEntries(names.map((name) => [name, `<${name}>`]));
    const said = gpuProblemText({ code, values });
    for (const name of names) expect(said).toContain(`<${name}>`);
    expect(said).not.toContain('undefined');
  });
});
