import { describe, expect, it } from 'vitest';
import { createMethod } from './index.ts';
import { kindLetters, oneTokenRun, runScript, type ScriptedStep } from './testing/scripted-run.ts';

const rule = { selfEvery: 2, crossEvery: 3, selfFrom: 100, selfTo: 850, crossFrom: 100, crossTo: 850 };
const timesteps = Float32Array.of(999, 900, 850, 849, 600, 500, 400, 300, 101, 100, 50, 1);

function walk(options: Record<string, number>, streams = 1): ScriptedStep[] {
  const method = createMethod({ name: 'pab', options });
  return runScript(method, oneTokenRun(timesteps.length, { timesteps, streams }), {
    output: (step) => ({
      velocities: [Float32Array.of(step), Float32Array.of(-step)].slice(0, streams),
    }),
  });
}

/** S where self-attention is computed, C where cross-attention is. */
const computed = (steps: readonly ScriptedStep[]): string[] =>
  steps.map(({ part }) => {
    if (part === undefined || !('modules' in part)) return 'SC';
    return `${part.modules.selfAttention ? 'S' : ''}${part.modules.crossAttention ? 'C' : ''}`;
  });

describe('pab', () => {
  it('computes each kind every so many calls strictly inside its range, counting all calls', () => {
    expect(computed(walk(rule))).toEqual([
      'SC', // 999, 900, 850: not inside
      'SC',
      'SC',
      'C', // call 3: the first inside, yet not a second one
      'S',
      '',
      'SC',
      '',
      'S', // 101
      'SC', // 100: not inside
      'SC',
      'SC',
    ]);
    expect(kindLetters(walk(rule))).toBe('FFFPPPFPPFFF');
  });

  it('has a range and an interval for each kind', () => {
    const steps = walk({ ...rule, selfFrom: 0, selfTo: 301, selfEvery: 4, crossTo: 1000, crossEvery: 5 });
    expect(computed(steps)).toEqual([
      'SC', // nothing to reuse
      ...['S', 'S', 'S', 'S'], // cross inside from 999 down to 101
      ...['SC', 'S'],
      ...['', 'S'], // self inside from 300 on; call 8 is a fourth one
      ...['C', 'C', 'C'],
    ]);
  });

  it('runs the network at every step: each velocity is its own', () => {
    const steps = walk(rule, 2);
    expect(steps.map(({ velocities }) => velocities.map(([value]) => value))).toEqual(
      Array.from(timesteps, (_, step) => [step, -step]),
    );
    expect(createMethod({ name: 'pab', options: rule }).needs).toEqual({ modules: true });
  });
});
