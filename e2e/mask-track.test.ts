import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { overlap } from '../src-shared/core/track/index.ts';
import { createMedia } from '../src-main/media/index.ts';
import { demo, hetcut } from './hetcut.ts';
import '../src-main/media/testing/use-npm-binaries.ts';

const clip = demo('campus.mp4');
const painted = demo('campus-mask.mkv');
const folder = mkdtempSync(join(tmpdir(), 'hetcut-track-'));
const out = join(folder, 'mask.mkv');
const blank = join(folder, 'blank.png');
const small = join(folder, 'small.png');

beforeAll(async () => {
  const media = await createMedia();
  const { width, height } = await media.probe(clip);
  await media.writePicture(blank, { width, height, rgb: new Uint8Array(3 * width * height) });
  await media.writePicture(small, { width: 64, height: 48, rgb: new Uint8Array(3 * 64 * 48).fill(255) });
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function track(...args: readonly string[]) {
  return hetcut(['mask', 'track', clip, ...args, '--out', out, '--json'], folder);
}

describe('hetcut mask track', () => {
  it('writes a mask for every frame of the clip, with the painted one exactly', async () => {
    const { code, stderr, json } = await track('--from', `2:${painted}`, '--range', '0:6');
    expect(code, stderr).toBe(0);
    const answer = json();
    expect(answer).toMatchObject({ output: out, frames: 6, range: { startFrame: 0, endFrame: 6 } });
    expect(answer['confidence']).toHaveLength(6);
    expect((answer['confidence'] as number[])[2]).toBe(1);
    expect(stderr).toContain('"stage":"track"');

    const media = await createMedia();
    const info = await media.probe(clip);
    const masksOf = async (path: string): Promise<Uint8Array[]> => {
      const source = await media.openMask(path, info);
      const masks: Uint8Array[] = [];
      for await (const mask of source.masks(0, info.ptsSec.length)) masks.push(Uint8Array.from(mask));
      return masks;
    };
    const [tracked, truth] = [await masksOf(out), await masksOf(painted)];
    expect(tracked).toHaveLength(info.ptsSec.length);
    expect(tracked[2]).toEqual(truth[2]);
    for (const frame of [0, 1, 3, 4, 5]) expect(overlap(tracked[frame], truth[frame])).toBeGreaterThan(0.6);
    expect(tracked[6].includes(255)).toBe(false);
    rmSync(out);
  });

  it.each([
    ['a mask of another size', ['--from', `0:${small}`], 'mask-size'],
    ['an empty mask', ['--from', `0:${blank}`], 'track-mask-empty'],
    ['a frame that the clip does not have', ['--from', `999:${painted}`], 'track-frame'],
    ['two masks for one frame', ['--from', `0:${painted}`, '--from', `0:${painted}`], 'track-key'],
    ['a frame that is painted and absent', ['--from', `0:${painted}`, '--absent', '0'], 'track-key'],
    ['no frame number', ['--from', painted], 'usage'],
    ['a mask that is not there', ['--from', `0:${folder}/none.png`], 'file-not-found'],
  ])('refuses %s', async (_name, args, code) => {
    const { code: exit, json } = await track(...args);
    expect(exit).toBe(2);
    expect(json()).toMatchObject({ ok: false, code });
    expect(existsSync(out)).toBe(false);
  });
});

describe('hetcut mask shadow', () => {
  it.each([
    ['an object that is in no frame', ['--of', blank, '--out', out], 'track-mask-empty'],
    ['a mask of another size', ['--of', small, '--out', out], 'mask-size'],
    ['another format than it writes', ['--of', painted, '--out', join(folder, 'shadow.mp4')], 'track-output'],
    ['an output that is the mask', ['--of', painted, '--out', painted], 'output-is-input'],
  ])('refuses %s', async (_name, args, code) => {
    const { code: exit, json } = await hetcut(['mask', 'shadow', clip, ...args, '--json'], folder);
    expect(exit).toBe(2);
    expect(json()).toMatchObject({ ok: false, code });
    expect(existsSync(out)).toBe(false);
  });
});
