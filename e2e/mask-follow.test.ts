import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { overlap } from '../src-shared/core/track/index.ts';
import { parseProjectMask, rasteriseMask } from '../src-shared/project/mask/index.ts';
import { hetcut } from './hetcut.ts';
import { makePoster, posterCorners, writePoster } from './poster.ts';
import '../src-main/media/testing/use-npm-binaries.ts';

const folder = mkdtempSync(join(tmpdir(), 'hetcut-follow-'));
const clip = join(folder, 'poster.mp4');
const out = join(folder, 'followed.json');
const drawn = join(folder, 'drawn.json');
const poster = makePoster();
const { width, height } = poster;
const frames = poster.frames.length;
const corners = `0:${posterCorners(0)
  .flat()
  .map((value) => value.toFixed(2))
  .join(',')}`;

beforeAll(() => {
  writePoster(poster, clip);
  const [from, , to] = posterCorners(0);
  const shapes = [
    { kind: 'box', name: 'poster', keyframes: [{ frame: 0, from, to }] },
    {
      kind: 'ellipse',
      name: 'badge',
      effect: 'keep',
      keyframes: [{ frame: 0, centre: [84, 64], radii: [30, 20] }],
    },
    { kind: 'stroke', keyframes: [{ frame: 0, points: [[5, 5]], radius: 3 }] }, // prettier-ignore
  ];
  writeFileSync(drawn, JSON.stringify({ format: 'hetcut-mask', version: 1, width, height, frames, shapes }));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const follow = (...args: readonly string[]) =>
  hetcut(['mask', 'follow', clip, ...args, '--out', out, '--json'], folder);

describe('hetcut mask follow', () => {
  it('follows a polygon as a plane, with few keyframes, as a mask that remove takes', async () => {
    const { code, stderr, json } = await follow('--polygon', corners);
    expect(code, stderr).toBe(0);
    const answer = json();
    expect(answer).toMatchObject({ output: out, frames, followed: frames - 1, notes: [] });
    const keys = answer['keys'] as number[];
    expect(keys.at(0)).toBe(0);
    expect(keys.at(-1)).toBe(frames - 1);
    expect(keys.length).toBeLessThan(10);
    expect(Math.min(...(answer['confidence'] as number[]))).toBeGreaterThan(0.7);
    const mask = parseProjectMask(JSON.parse(readFileSync(out, 'utf8')), out);
    const fits = poster.seen.map((seen, frame) => overlap(rasteriseMask(mask, frame), seen));
    // Half a pixel beside an outline of 88 × 60 pixels is a share of 0.97.
    expect(Math.min(...fits)).toBeGreaterThan(0.95);
    expect(stderr).toContain('"stage":"track"');
  });

  it('follows one shape of a document, and leaves the others as they are', async () => {
    const { code, stderr } = await follow(
      '--from',
      `0:${drawn}`,
      '--shape',
      'badge',
      '--motion',
      'similarity',
    );
    expect(code, stderr).toBe(0);
    const [before, after] = [drawn, out].map((path) =>
      parseProjectMask(JSON.parse(readFileSync(path, 'utf8')), path),
    );
    expect(after.shapes.length).toBe(3);
    expect([after.shapes[0], after.shapes[2]]).toEqual([before.shapes[0], before.shapes[2]]);
    expect(after.shapes[1]).toMatchObject({ kind: 'ellipse', name: 'badge', effect: 'keep' });
    expect(after.shapes[1].keyframes.length).toBeGreaterThan(1);
  });

  it.each([
    ['nothing to follow', [], 'follow-shape'],
    ['two shapes at once', ['--polygon', corners, '--box', '0:1,1,9,9'], 'follow-shape'],
    ['a document with several shapes and no name', ['--from', `0:${drawn}`], 'follow-shape'],
    ['a shape that is not there', ['--from', `0:${drawn}`, '--shape', 'sky'], 'follow-shape'],
    ['a frame that the clip does not have', ['--box', '999:10,10,90,90'], 'follow-frame'],
    ['too small a shape', ['--box', '0:10,10,13,13'], 'follow-small'],
    ['a shape outside the picture', ['--box', '0:900,10,990,90'], 'follow-small'],
    ['a document that is not there', ['--from', `0:${folder}/none.json`], 'file-not-found'],
    ['a motion that there is not', ['--polygon', corners, '--motion', 'dance'], 'usage'],
    ['a polygon of two corners', ['--polygon', '0:1,1,9,9'], 'usage'],
  ])('refuses %s', async (_name, args, code) => {
    rmSync(out, { force: true });
    const { code: exit, json } = await follow(...args);
    expect(exit).toBe(2);
    expect(json()).toMatchObject({ ok: false, code });
    expect(existsSync(out)).toBe(false);
  });

  it('refuses another format than it writes', async () => {
    const args = ['mask', 'follow', clip, '--box', '0:10,10,90,90', '--out', join(folder, 'x.mkv'), '--json'];
    const { code, json } = await hetcut(args, folder);
    expect([code, json()]).toMatchObject([2, { code: 'follow-output' }]);
  });
});
