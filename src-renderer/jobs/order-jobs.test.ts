import { describe, expect, it } from 'vitest';
import type { JobRow, JobState } from '../../src-shared/ipc/index.ts';
import { beforeAfterStep, isNewestResult, orderJobs } from './order-jobs.ts';

const job = (id: string, state: JobState, createdAt: number, endedAt?: number): JobRow => ({
  id,
  projectId: 'p',
  clipId: 'c',
  editId: 'e',
  name: id,
  state,
  createdAt,
  ...(endedAt === undefined ? {} : { endedAt }),
});

describe('orderJobs', () => {
  it('lists what runs, what is to come in its order, and what is over from the newest', () => {
    const queue = [
      job('done early', 'done', 1, 10),
      job('paused', 'paused', 9),
      job('failed late', 'failed', 2, 30),
      job('running', 'running', 3),
      job('waiting', 'waiting', 4),
      job('cancelled', 'cancelled', 5, 20),
    ];
    expect(orderJobs(queue).map(({ id }) => id)).toEqual([
      'running',
      'paused',
      'waiting',
      'failed late',
      'cancelled',
      'done early',
    ]);
  });
});

describe('isNewestResult', () => {
  it('holds for the newest job of an edit that has a result', () => {
    const result = {
      path: '/r',
      fingerprint: 'f',
      seconds: 1,
      estimateSeconds: 1,
      flopsSaved: 0,
      warnings: [],
    };
    const done = (id: string, createdAt: number, editId: string): JobRow => ({
      ...job(id, 'done', createdAt),
      editId,
      result: { ...result, calls: { full: 1, partial: 0, reuse: 0 } },
    });
    const jobs = [done('a', 1, 'e'), done('b', 2, 'e'), done('c', 3, 'other'), job('d', 'failed', 4)];
    expect(jobs.filter((one) => isNewestResult(one, jobs)).map(({ id }) => id)).toEqual(['b', 'c']);
  });
});

describe('beforeAfterStep', () => {
  it.each([
    ['a', -1, undefined],
    ['a', 1, 'c'],
    ['b', -1, 'a'],
    ['b', 1, null],
    ['c', -1, 'b'],
    ['c', 1, undefined],
  ] as const)('moves %s by %d before %s', (jobId, step, before) => {
    expect(beforeAfterStep(['a', 'b', 'c'], jobId, step)).toBe(before);
  });
});
