import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { newEdit, newProject, parseProjectFile, toProject, toProjectFile, withClip } from './index.ts';

/** Written by the program of version 1, with a result and a painted mask. */
const stored = (): unknown =>
  JSON.parse(readFileSync(new URL('testing/project-1.hetcut', import.meta.url), 'utf8')) as unknown;

const project = withClip(newProject('p', 'P'), {
  id: 'c',
  path: '/footage/a.mov',
  name: 'a.mov',
  width: 640,
  height: 360,
  frames: 50,
  frameRate: '25/1',
  durationSec: 2,
  edits: [
    {
      ...newEdit('e', 'E'),
      settings: {
        ...newEdit('e', 'E').settings,
        referencePath: '/stills/wall.png',
        platePath: '/stills/clean.mov',
      },
      result: { path: '/results/r.mp4', jobId: 'j', fingerprint: 'f', seconds: 2, estimateSeconds: 3 },
    },
  ],
});

describe('a project file', () => {
  it('of version 1 opens with all that it held', () => {
    const file = parseProjectFile(stored(), 'old');
    expect(file.version).toBe(4);
    const [clip] = file.clips;
    expect(clip.path).toEqual({ absolute: '/footage/bunny.mp4', relative: null });
    expect(clip.edits[0].result?.path).toEqual({ absolute: '/home/results/8f3.mp4', relative: null });
    // All else is as it was.
    const old = stored() as typeof file;
    const [oldClip] = old.clips;
    const [oldEdit, oldSecond] = oldClip.edits;
    expect({ ...file, version: 1, clips: [] }).toEqual({ ...old, clips: [] });
    expect({ ...clip, path: '', edits: [] }).toEqual({ ...oldClip, path: '', edits: [] });
    const { range } = oldClip;
    expect(clip.edits[0]).toEqual({
      ...oldEdit,
      // As the program had named it.
      name: '',
      range,
      // There was no choice; what fills is the program's to decide.
      settings: { ...oldEdit.settings, fill: 'auto' },
      result: { ...oldEdit.result, path: clip.edits[0].result?.path },
    });
    expect(clip.edits[1]).toEqual({ ...oldSecond, range, settings: { ...oldSecond.settings, fill: 'auto' } });
    expect(toProject(file, ({ absolute }) => absolute).clips[0].path).toBe('/footage/bunny.mp4');
  });

  it('of version 2 gives each edit the range of its clip, with which it was run', () => {
    const ranged = { ...project, clips: [{ ...project.clips[0], range: { startFrame: 3, endFrame: 9 } }] };
    const file = toProjectFile(ranged, (absolute) => ({ absolute, relative: null }));
    const [clip] = parseProjectFile({ ...file, version: 2 }, 'old').clips;
    expect(clip.range).toEqual({ startFrame: 3, endFrame: 9 });
    expect(clip.edits[0].range).toEqual(clip.range);
    const whole = toProjectFile(project, (absolute) => ({ absolute, relative: null }));
    expect(parseProjectFile({ ...whole, version: 2 }, 'old')).toEqual(whole);
  });

  it.each([
    ['Remove', ''],
    ['Bearbeitung 12', ''],
    ['Remove the boom', 'Remove the boom'],
    ['Edit', 'Edit'],
  ])('of version 3 leaves the name of an edit called %s to the program: "%s"', (before, after) => {
    const [clip] = project.clips;
    const named = { ...project, clips: [{ ...clip, edits: [{ ...clip.edits[0], name: before }] }] };
    const file = toProjectFile(named, (absolute) => ({ absolute, relative: null }));
    expect(parseProjectFile({ ...file, version: 3 }, 'old').clips[0].edits[0].name).toBe(after);
  });

  it('comes back as the project that it was made of', () => {
    const file = toProjectFile(project, (absolute) => ({ absolute, relative: `beside${absolute}` }));
    expect(parseProjectFile(JSON.parse(JSON.stringify(file)), 'new')).toEqual(file);
    expect(toProject(file, ({ absolute }) => absolute)).toEqual(project);
    expect(toProject(file, ({ relative }) => `/${relative}`).clips[0]).toMatchObject({
      path: '/beside/footage/a.mov',
      edits: [
        {
          settings: { referencePath: '/beside/stills/wall.png', platePath: '/beside/stills/clean.mov' },
          result: { path: '/beside/results/r.mp4' },
        },
      ],
    });
  });

  it('of a newer version is refused, and says so', () => {
    const error = { code: 'project-version', message: expect.stringContaining('version 5') as string };
    expect(() => parseProjectFile({ ...project, version: 5 }, 'mine')).toThrow(
      expect.objectContaining(error),
    );
  });

  it.each([
    ['clips.0.path.absolute', { ...project, version: 1, clips: [{ ...project.clips[0], path: 7 }] }],
    ['clips', { ...project, version: 1, clips: 7 }],
    ['clips.0', { ...project, version: 1, clips: [null] }],
    ['clips.0.edits', { ...project, version: 1, clips: [{ ...project.clips[0], edits: {} }] }],
    ['version', { ...project, version: 0 }],
    ['version', { ...project, version: 'x' }],
    ['format', { version: 2, name: 'x' }],
    ['the document', null],
    ['the document', []],
  ])('with something wrong at %s names it', (field, document) => {
    expect(() => parseProjectFile(document, 'mine')).toThrow(`mine: ${field}: `);
  });
});
