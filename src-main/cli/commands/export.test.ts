import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Command } from 'commander';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  newEdit,
  newProject,
  toProjectFile,
  type Clip,
  type Edit,
} from '../../../src-shared/project/index.ts';
import { editFingerprint } from '../../backend/edit-request.ts';
import { mediaPlace } from '../../backend/project-store.ts';
import { collect, ffmpeg, temporaryFolder } from '../../media/testing/clips.ts';
import { createMedia } from '../../media/index.ts';
import type { CliContext } from '../context.ts';
import { registerExport } from './export.ts';
import '../../media/testing/use-npm-binaries.ts';

const folder = temporaryFolder(afterAll);
const at = (...names: string[]): string => join(folder, ...names);
const projectPath = at('two.hetcut');
const frames = 6;

function editOf(id: string, change: Partial<Edit> = {}): Edit {
  const edit: Edit = {
    ...newEdit(id, `Edit ${id}`),
    mask: { shapes: [], grow: 0, invert: true },
    ...change,
  };
  return {
    ...edit,
    result: {
      path: at('white.mp4'),
      jobId: 'j',
      fingerprint: editFingerprint(edit),
      seconds: 1,
      estimateSeconds: 1,
      ...(edit.range === undefined ? {} : { range: edit.range }),
    },
  };
}

function clipOf(id: string, place: string, edits: readonly Edit[]): Clip {
  return {
    id,
    path: at(place, 'shot.mp4'),
    name: 'shot.mp4',
    width: 32,
    height: 16,
    frames,
    frameRate: '25/1',
    durationSec: frames / 25,
    edits,
  };
}

function save(clips: readonly Clip[]): void {
  const project = { ...newProject('p', 'Two'), clips };
  writeFileSync(projectPath, JSON.stringify(toProjectFile(project, (path) => mediaPlace(path, folder))));
}

/** Runs `hetcut export` with `args` and returns its answer. */
async function run(
  ...args: string[]
): Promise<{ exports: Record<string, unknown>[]; gaps: string[]; notes: string[] }> {
  let answer: object = {};
  const notes: string[] = [];
  const context: CliContext = {
    home: at('home'),
    json: true,
    signal: new AbortController().signal,
    startHost: () => {
      throw new Error('it computes nothing');
    },
    onProgress: () => undefined,
    answer: (result) => {
      answer = result as object;
    },
    markFailed: () => undefined,
    note: (text) => void notes.push(text),
  };
  const program = new Command().exitOverride();
  registerExport(program, context);
  await program.parseAsync(['export', projectPath, ...args], { from: 'user' });
  return { notes, ...answer } as never;
}

beforeAll(() => {
  for (const name of ['a', 'b', 'home']) mkdirSync(at(name));
  const sound = ['-f', 'lavfi', '-i', `sine=r=48000:d=${frames / 25}`, '-c:a', 'aac'];
  for (const [path, colour] of [
    [at('a', 'shot.mp4'), 'black'],
    [at('b', 'shot.mp4'), 'gray'],
    [at('white.mp4'), 'white'],
  ]) {
    const picture = ['-f', 'lavfi', '-i', `color=${colour}:s=32x16:r=25:d=${frames / 25}`];
    ffmpeg([...picture, ...sound, '-c:v', 'libx264', '-qp', '0', '-pix_fmt', 'yuv420p', path]);
  }
});

describe('hetcut export', () => {
  it('writes all clips of a project in one go, each under a name of its own', async () => {
    save([clipOf('a', 'a', [editOf('1')]), clipOf('b', 'b', [editOf('2')])]);
    const { exports, gaps } = await run('--out', at('all'), '--format', 'prores', '--sound', 'pcm');
    expect(readdirSync(at('all')).sort()).toEqual(['shot-clean-2.mov', 'shot-clean.mov']);
    expect(exports).toMatchObject([
      { output: at('all', 'shot-clean.mov'), codec: 'prores', frames, sound: ['pcm_s24le'] },
      { output: at('all', 'shot-clean-2.mov'), codec: 'prores', frames, sound: ['pcm_s24le'] },
    ]);
    expect(gaps).toEqual([]);
    const media = await createMedia();
    const [first] = await collect(await media.openClip(at('all', 'shot-clean-2.mov')), 0, 1);
    // White of 10 bits, limited.
    expect(first.planes[0][0]).toBeGreaterThan(930);
  });

  it('writes one of them as a patch with its lists, in to out', async () => {
    const clip: Clip = {
      ...clipOf('b', 'b', [editOf('2')]),
      range: { startFrame: 2, endFrame: 5 },
      markers: [{ frame: 3, name: 'boom' }],
    };
    save([clipOf('a', 'a', [editOf('1')]), clip]);
    const { exports } = await run('--out', at('one'), '--what', 'patch', '--clip', '2');
    expect(readdirSync(at('one')).sort()).toEqual(['shot-patch.edl', 'shot-patch.fcpxml', 'shot-patch.mov']);
    expect(exports).toMatchObject([{ frames: 3, sound: [] }]);
    expect(readFileSync(at('one', 'shot-patch.edl'), 'utf8')).toContain('* LOC: 00:00:00:03 RED     boom');
    expect(readFileSync(at('one', 'shot-patch.fcpxml'), 'utf8')).toContain('value="boom"');
  });

  it('names what has no result, and writes nothing before it is told to', async () => {
    const { result, ...bare } = editOf('2');
    const old = { ...editOf('1'), result: { ...result, fingerprint: 'another' } } as Edit;
    save([clipOf('a', 'a', [old]), clipOf('b', 'b', [bare, editOf('3')])]);
    const refused = run('--out', at('gaps'));
    await expect(refused).rejects.toMatchObject({ code: 'export-gaps', exitCode: 2 });
    await expect(refused).rejects.toThrow(
      /shot\.mp4, Edit 1: frames 0–5 hold .*\n.*Edit 2: frames 0–5 have no/,
    );
    const { notes, gaps } = await run('--out', at('gaps'), '--anyway', '--whole', '--clip', 'shot.mp4');
    expect(gaps).toHaveLength(1);
    expect(notes).toEqual(gaps);
    expect(readdirSync(at('gaps'))).toEqual(['shot-clean.mp4']);
  });

  it.each([
    [['--clip', 'other.mp4'], 'export-clip', /no clip other\.mp4/],
    [['--format', 'prores', '--what', 'patch'], 'export-alpha', /cannot hold/],
  ])('refuses %o: %s', async (args, code, message) => {
    save([clipOf('a', 'a', [editOf('1')])]);
    const refused = run('--out', at('refused'), ...args);
    await expect(refused).rejects.toMatchObject({ code, message: expect.stringMatching(message) as string });
  });
});
