import { describe, expect, it } from 'vitest';
import { HetcutError } from '../../../src-shared/core/errors/index.ts';
import { zeroSeconds } from '../../../src-shared/core/estimate/index.ts';
import type { EditWindow } from '../../../src-shared/core/plan/index.ts';
import { parseSchedulerConfig } from '../../../src-shared/core/schedulers/index.ts';
import type { EditJob } from '../edit-job.ts';
import type { PatchStore } from '../composite/patch-store.ts';
import type { SampleState, Sampling, StepRecord } from './sampling-loop.ts';
import { stepsOf, findResumePoint, resumedShares } from './resume-point.ts';

const windowAt = (index: number): EditWindow => ({
  index,
  startFrame: 13 * index,
  endFrame: 13 * index + 17,
  knownFrames: index === 0 ? 0 : 4,
  modelFrames: 17,
  crop: { x: 0, y: 0, width: 64, height: 64 },
  workingWidth: 64,
  workingHeight: 64,
});
const plan = { windows: [0, 1, 2].map(windowAt) };
const job = { method: { name: 'hetcache', options: { delta: 0.1 } }, seed: 4 } as unknown as EditJob;
const scheduler = (steps: number) =>
  parseSchedulerConfig({ _class_name: 'FlowMatchEulerDiscreteScheduler', shift: 3 }, 'test').create({
    steps,
  });
const sampling: Sampling = {
  scheduler: scheduler(4),
  guidanceScale: 1,
  prompts: [''],
  drift: { embedding: Float32Array.of(0, 1, 2, 3), projection: Float32Array.of(0, 2, 3, 4) },
};
const step = { kind: 'full' } as StepRecord;
const state = { steps: [step, step, step] } as unknown as SampleState;

function storeOf(finished: number, readSteps: PatchStore['readSteps']) {
  const notes: string[] = [];
  const store: Partial<PatchStore> = {
    windowSteps: async (window) => (window < finished ? [step, step, step, step] : null),
    readSteps,
  };
  return { notes, services: { store: store as PatchStore, onNote: (text: string) => void notes.push(text) } };
}

describe('findResumePoint', () => {
  it('finds the finished windows, and where the next one was, once', async () => {
    const { services, notes } = storeOf(1, async (of) =>
      of === stepsOf(job, sampling, plan.windows[1]) ? state : null,
    );
    const resumePoint = await findResumePoint(job, plan, sampling, services);
    expect(resumePoint.finished.map((steps) => steps?.length ?? null)).toEqual([4, null, null]);
    expect(resumePoint.stepsOfNext).toBe(3);
    expect([resumePoint.claimState(), resumePoint.claimState()]).toEqual([state, undefined]);
    const shares = resumedShares(resumePoint, 4);
    const third = 1 / 3;
    expect(shares).toEqual({
      ...zeroSeconds(),
      ...{ read: third, encode: third, decode: third, settle: third },
      sample: third + 3 / 4 / 3,
    });
    expect(notes).toEqual([]);
  });

  it('asks for no steps where all windows are finished, and knows jobs without any', async () => {
    const { services } = storeOf(3, () => Promise.reject(new Error('asked')));
    const all = await findResumePoint(job, plan, sampling, services);
    expect([all.stepsOfNext, all.claimState()]).toEqual([0, undefined]);
    const none = await findResumePoint(job, { windows: [] }, sampling, services);
    expect(resumedShares(none, 4)).toEqual(zeroSeconds());
  });

  it('leaves aside what cannot be used, with a note', async () => {
    const damaged = new HetcutError('steps-damaged', 'The saved steps are damaged.', { hint: 'Anew.' });
    const { services, notes } = storeOf(0, () => Promise.reject(damaged));
    const resumePoint = await findResumePoint(job, plan, sampling, services);
    expect([resumePoint.stepsOfNext, resumePoint.claimState()]).toEqual([0, undefined]);
    expect(notes).toEqual(['The saved steps are damaged. Anew.']);
  });
});

describe('stepsOf', () => {
  it('differs wherever the steps of a window may', () => {
    const changed = [
      stepsOf(job, sampling, plan.windows[1]),
      stepsOf(job, sampling, { ...windowAt(0), workingWidth: 80 }),
      stepsOf({ ...job, seed: 5 }, sampling, windowAt(0)),
      stepsOf({ ...job, method: { name: 'hetcache', options: { delta: 0.2 } } }, sampling, windowAt(0)),
      stepsOf(job, { ...sampling, guidanceScale: 2 }, windowAt(0)),
      stepsOf(job, { ...sampling, scheduler: scheduler(5) }, windowAt(0)),
      stepsOf(
        job,
        { ...sampling, drift: { ...sampling.drift, projection: new Float32Array(4) } },
        windowAt(0),
      ),
    ];
    const same = stepsOf({ ...job }, { ...sampling, scheduler: scheduler(4) }, windowAt(0));
    expect(same).toBe(stepsOf(job, sampling, windowAt(0)));
    expect(new Set([same, ...changed]).size).toBe(changed.length + 1);
  });
});
