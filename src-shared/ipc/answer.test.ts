import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { HetcutError } from '../core/errors/index.ts';
import { newEdit, newProject, usualSettings } from '../project/index.ts';
import { answer, requests, type Handlers, type RequestName } from './index.ts';

const names = Object.keys(requests) as RequestName[];

/** Answers with what came in. */
const echo = Object.fromEntries(
  names.map((name) => [name, (input: unknown) => Promise.resolve(input)]),
) as unknown as Handlers;

const { mask, settings } = newEdit('e', 'An edit');
const edit = { clipPath: '/a.mp4', mask, settings };
const exported = {
  clipPath: '/a.mp4',
  what: 'picture',
  layers: [{ mask, result: { path: '/r.mp4' } }],
  edge: 'painted',
  format: 'h264',
  quality: 'lossless',
  encoder: 'software',
  sound: 'copy',
  path: '/b.mp4',
};
const project = newProject('p', 'P');

/** A right input of each request. */
const rightInputs: Readonly<Record<RequestName, Readonly<Record<string, unknown>>>> = {
  'app.info': {},
  'settings.read': {},
  'settings.write': { settings: usualSettings },
  'segmenters.import': { path: '/models/sam', id: 'sam' },
  'segmenters.remove': { id: 'sam' },
  'storage.read': {},
  'storage.clear': {},
  'app.doctor': {},
  'app.device': {},
  'app.language': { language: 'de' },
  'gpu.install': { path: '/a.whl' },
  'gpu.stop': {},
  'gpu.remove': {},
  'files.choose': { kind: 'export', suggestedName: 'a.mp4' },
  'files.list': { folder: '/', kind: 'clip' },
  'files.show': { path: '/a' },
  'files.picture': { path: '/a.png' },
  'project.open': { path: '/a' },
  'project.save': { project, path: '/a', basedOn: 'r' },
  'project.keepVersion': { project, path: '/a' },
  'project.close': {},
  'project.forget': { path: '/a' },
  'project.backups': { path: '/a' },
  'project.restore': { path: '/a', savedAt: 7 },
  'clip.open': { path: '/a' },
  'clip.find': { path: '/a', near: '/b/c' },
  'clip.sample': { name: 'removal' },
  'edit.estimate': edit,
  'edit.fingerprint': { mask, settings, range: { startFrame: 2, endFrame: 5 } },
  'edit.partition': { ...edit, frame: 3 },
  'select.object': {
    clipPath: '/a.mp4',
    frame: 3,
    range: { startFrame: 0, endFrame: 9 },
    add: [[1, 2]],
    remove: [],
    box: { from: [0, 0], to: [4, 4] },
    size: 1,
    reachPx: 4,
  },
  'matte.read': { clipPath: '/a.mp4', path: '/m.mkv' },
  'track.follow': {
    trackId: 't',
    clipPath: '/a.mp4',
    at: { frame: 3, inside: 'KB' },
    freedom: 'perspective',
    direction: 'both',
  },
  'track.shadow': {
    trackId: 't',
    clipPath: '/a.mp4',
    range: { startFrame: 0, endFrame: 9 },
    masks: [{ frame: 0, mask: 'KB' }],
  },
  'track.start': {
    trackId: 't',
    clipPath: '/a.mp4',
    range: { startFrame: 0, endFrame: 9 },
    keys: [{ frame: 0, mask: 'KB' }],
    only: [{ startFrame: 1, endFrame: 9 }],
  },
  'track.stop': { trackId: 't' },
  'prompts.recent': {},
  'jobs.list': {},
  'jobs.add': { projectId: 'p', clipId: 'c', editId: 'e', name: 'A job', ...edit },
  'edit.check': { projectId: 'p', clipId: 'c', editId: 'e', name: 'A check', frame: 3, ...edit },
  'jobs.checkPictures': { jobId: 'j' },
  'jobs.cancel': { jobId: 'j' },
  'jobs.pause': { jobId: 'j' },
  'jobs.resume': { jobId: 'j' },
  'jobs.move': { jobId: 'j', before: 'k' },
  'jobs.log': { jobId: 'j' },
  'jobs.retry': { jobId: 'j', cpuFallback: true },
  'jobs.remove': { jobId: 'j' },
  'result.export': { jobId: 'j', path: '/a' },
  'result.sources': { path: '/a', frame: 0 },
  'export.formats': {},
  'export.check': exported,
  'export.start': exported,
  'export.cancel': { exportId: 'x' },
  'export.list': {},
  'models.inspect': { path: '/a' },
  'models.import': {
    path: '/a',
    modelId: 'm',
    precision: 'fp16',
    files: { transformer: '/a/t', vae: '/a/v', textEncoder: '/a/e' },
    textPrecision: 'int4',
    loras: [{ path: '/a/l', strength: 0.5 }],
    steps: 6,
    guidanceScale: 1,
    acceptLicence: true,
  },
  'models.catalogue': {},
  'models.calibrate': { modelId: 'm', edit },
  'models.get': { modelId: 'm', precision: 'fp16', acceptLicence: false },
  'models.verify': { modelId: 'm' },
  'models.stop': { modelId: 'm' },
  'models.space': {},
  'models.remove': { modelId: 'm' },
};

/** Anything that can come over the border, and some things that cannot. */
const anything = fc.anything({
  withNullPrototype: true,
  withBigInt: true,
  withSparseArray: true,
  withMap: true,
});

/** What is wrong in every place of every request. */
const wrongValue = fc.oneof(
  fc.constantFrom<unknown>(null, NaN, -1, 1.5, '', [], {}, { toString: 1 }, 'x'.repeat(5000)),
  fc.func(fc.constant(0)),
);

describe('answer', () => {
  it.each(names)('hands a right input of %s to its handler', async (name) => {
    const input = rightInputs[name];
    expect(await answer(echo, name, input)).toEqual({ ok: true, value: input });
  });

  it.each(names)('names the field of %s that is wrong, missing or unknown', async (name) => {
    const right = rightInputs[name];
    const failure = { ok: false, code: 'ipc-input', message: expect.stringContaining(`${name}: `) as string };
    for (const field of Object.keys(right)) {
      await fc.assert(
        fc.asyncProperty(wrongValue, async (wrong) => {
          const reply = await answer(echo, name, { ...right, [field]: wrong });
          if (reply.ok) {
            // An empty name or list, a job put before none, a number that may be any: nothing else is right by chance.
            if (wrong === null) expect(field).toBe('before');
            else if (Array.isArray(wrong)) expect(['loras', 'add', 'remove']).toContain(field);
            else if (typeof wrong === 'number') expect(['guidanceScale', 'size']).toContain(field);
            else expect([field, wrong]).toEqual([expect.stringMatching(/name/i), '']);
            return;
          }
          expect(reply).toMatchObject(failure);
          expect(reply.message).toMatch(new RegExp(`^${name}: ${field}(\\.|:)`));
        }),
        { seed: 20_26, numRuns: 40 },
      );
    }
    const unknown = await answer(echo, name, { ...right, surplus: 1 });
    expect(unknown).toMatchObject(failure);
    expect(unknown).toMatchObject({ message: expect.stringContaining('surplus') as string });
  });

  it('never throws, whatever comes', async () => {
    await fc.assert(
      fc.asyncProperty(fc.oneof(fc.constantFrom(...names), anything), anything, async (name, input) => {
        const reply = await answer(echo, name, input);
        if (reply.ok) return;
        const isKnown = typeof name === 'string' && Object.hasOwn(requests, name);
        expect(reply.code).toBe(isKnown ? 'ipc-input' : 'ipc-request');
        expect(reply.message).not.toBe('');
      }),
      { seed: 20_26, numRuns: 3000 },
    );
  });

  it('never throws for a right input with anything put somewhere deep into it', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom('mask', 'settings'),
        fc.oneof(fc.constantFrom('shapes', 'grow', 'invert', 'seed', 'steps', 'methodOptions'), fc.string()),
        anything,
        async (part, field, wrong) => {
          const broken = { ...edit[part], [field]: wrong };
          const reply = await answer(echo, 'edit.estimate', { ...edit, [part]: broken });
          if (!reply.ok) expect(reply.message).toMatch(new RegExp(`^edit\\.estimate: ${part}`));
        },
      ),
      { seed: 20_26, numRuns: 2000 },
    );
  });

  it.each(['toString', '__proto__', 'constructor', 'app', ''])('has no request %s', async (name) => {
    expect(await answer(echo, name, {})).toMatchObject({ ok: false, code: 'ipc-request' });
  });

  it('turns what a handler throws into a reply', async () => {
    const failing = (error: Error): Handlers => ({
      ...echo,
      'app.info': () => Promise.reject(error),
    });
    const known = new HetcutError('mask-size', 'Too large.', { hint: 'Make it smaller.' });
    expect(await answer(failing(known), 'app.info', {})).toEqual({
      ok: false,
      code: 'mask-size',
      message: 'Too large.',
      hint: 'Make it smaller.',
    });
    expect(await answer(failing(new TypeError('no')), 'app.info', {})).toMatchObject({
      ok: false,
      code: 'unexpected',
      message: 'no',
    });
  });
});
