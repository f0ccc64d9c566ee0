import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { configSubjects } from './configs.ts';
import { contractSubjects } from './contract.ts';
import { documentSubjects } from './documents.ts';
import { guardAllocations } from './judge.ts';
import { probeSubjects } from './probes.ts';
import type { Subject } from './subject.ts';
import { weightSubjects } from './weights.ts';

/** Everything that is read from what others made, one row each. */
export const subjects: readonly Subject[] = [
  ...weightSubjects,
  ...configSubjects,
  ...documentSubjects,
  ...contractSubjects,
  ...probeSubjects,
];

export interface Outcome {
  readonly cases: number;
  /** What went wrong and with what, in words; absent: nothing. */
  readonly report?: string;
}

/** Tries one subject with so many cases. The same seed gives the same cases. */
export async function tryOut(one: Subject, cases: number, seed: number): Promise<Outcome> {
  const place = await mkdtemp(join(tmpdir(), `hetcut-fuzz-${one.name}-`));
  const folder = join(place, 'files');
  await mkdir(folder);
  const { property, close } = await one.property(folder);
  const release = guardAllocations();
  try {
    const found = await fc.check(property, {
      numRuns: cases,
      seed,
      endOnFailure: false,
      includeErrorInReport: true,
    });
    const report = await fc.asyncDefaultReportMessage(found);
    return { cases: found.numRuns, ...(report === undefined ? {} : { report }) };
  } finally {
    release();
    await close?.();
    await rm(place, { recursive: true, force: true });
  }
}
