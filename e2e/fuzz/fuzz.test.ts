import { expect, it } from 'vitest';
import { subjects, tryOut } from './run-subjects.ts';

// The same few cases each time; `e2e/fuzz.ts` tries a hundred thousand others.
const cases = 120;

it.each(subjects.map((one) => [one.name, one] as const))(
  '%s is read, or refused in words',
  async (_, one) => {
    const { cases: tried, report } = await tryOut(one, cases, 20_26);
    expect(report).toBeUndefined();
    expect(tried).toBe(cases);
  },
);
