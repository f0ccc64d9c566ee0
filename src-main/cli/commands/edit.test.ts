import { resolve } from 'node:path';
import { Command } from 'commander';
import { expect, it } from 'vitest';
import { editOptions, editSettingsSchema, type EditSettings } from '../../../src-shared/project/index.ts';
import { editRequest } from '../../backend/edit-request.ts';
import type { EditRequest } from '../../engine/edit-job.ts';
import { addJobOptions, requestFromFlags, type JobFlags } from './edit.ts';

/** What `remove CLIP --mask m.png FLAGS…` asks the engine for. */
function requestOf(...flags: string[]): EditRequest {
  const command = addJobOptions(new Command().exitOverride());
  command.parse(['clip.mp4', '--mask', 'm.png', ...flags], { from: 'user' });
  return requestFromFlags('remove', 'clip.mp4', command.opts<JobFlags>());
}

/** What the window asks the engine for. */
function windowRequest(settings: Partial<EditSettings>): EditRequest {
  const all = editSettingsSchema.parse({
    kind: 'remove',
    prompt: '',
    negativePrompt: '',
    seed: 0,
    modelId: 'starter',
    preset: 'quality',
    plate: 'auto',
    ...settings,
  });
  const request = editRequest(resolve('clip.mp4'), resolve('m.png'), { settings: all });
  return { ...request, encode: { quality: 'visually-lossless' } };
}

it('asks for the same as the window with nothing said', () => {
  expect(requestOf()).toEqual(windowRequest({}));
});

it.each<[string, string[], Partial<EditSettings>]>([
  ['seed', ['--seed', '7'], { seed: 7 }],
  ['modelId', ['--model', 'wan'], { modelId: 'wan' }],
  ['preset', ['--preset', 'fast'], { preset: 'fast' }],
  ['plate', ['--plate', 'off'], { plate: 'off' }],
  ['fill', ['--fill', 'smooth'], { fill: 'smooth' }],
  ['platePath', ['--plate', 'p.png'], { platePath: resolve('p.png') }],
  ['referencePath', ['--reference', 'r.png'], { referencePath: resolve('r.png') }],
  ['feather', ['--feather', '0'], { feather: 0 }],
  ['steps', ['--steps', '12'], { steps: 12 }],
  ['workingSize', ['--working-size', '512'], { workingSize: 512 }],
  ['cpuFallback', ['--cpu-fallback'], { cpuFallback: true }],
  ['method', ['--method', 'teacache'], { method: 'teacache' }],
  ['methodOptions', ['--delta', '0.2', '--option', 'keep=0.5'], { methodOptions: { delta: 0.2, keep: 0.5 } }],
])('asks for the same as the window: %s', (_, flags, settings) => {
  const request = requestOf(...flags);
  expect(request).toEqual(windowRequest(settings));
  expect(request).not.toEqual(requestOf());
});

it('replaces with the bundled model that reads prompts, unless another is named', () => {
  const modelFor = (kind: EditSettings['kind'], modelId: string) => windowRequest({ kind, modelId }).modelId;
  expect(modelFor('edit', 'starter')).toBe('words');
  expect(modelFor('remove', 'starter')).toBe('starter');
  expect(modelFor('edit', 'wan')).toBe('wan');
});

it('has one option that the window has not', () => {
  expect(requestOf('--guidance', '2.5').guidanceScale).toBe(2.5);
  const names = Object.keys(editOptions).filter((name) => !Object.hasOwn(editSettingsSchema.shape, name));
  expect(names).toEqual(['guidanceScale']);
});

it.each([
  ['--seed', '4294967296', '--seed is a whole number from 0 to 4294967295'],
  ['--steps', '1.5', '--steps is a whole number from 1 to 1000'],
  ['--guidance', '31', '--guidance is a number from 1 to 30'],
])('refuses %s %s with the limits of its row', (flag, text, message) => {
  const command = addJobOptions(new Command().exitOverride().configureOutput({ writeErr: () => undefined }));
  const parse = () => command.parse(['clip.mp4', '--mask', 'm.png', flag, text], { from: 'user' });
  expect(parse).toThrow(message);
});
