import { expect, it } from 'vitest';
import type { ExportPlan } from '../../src-shared/ipc/index.ts';
import { joinPlans } from './use-export-plan.ts';

const plan: ExportPlan = {
  frames: 10,
  bytes: 1000,
  freeBytes: 5000,
  replaces: false,
  encoder: 'libx264',
  ending: '.mp4',
  sound: ['aac'],
  leavesSound: false,
  notes: ['HDR'],
};

it('several exports are told of as one: what they take together, and each note once', () => {
  expect(joinPlans([plan])).toEqual(plan);
  const other = { ...plan, frames: 5, bytes: 400, replaces: true, sound: ['mp3'], notes: ['HDR', 'alpha'] };
  expect(joinPlans([plan, other, plan])).toEqual({
    ...plan,
    frames: 25,
    bytes: 2400,
    replaces: true,
    sound: ['aac', 'mp3'],
    notes: ['HDR', 'alpha'],
  });
});
