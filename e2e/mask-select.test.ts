import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { overlap } from '../src-shared/core/track/index.ts';
import { createMedia } from '../src-main/media/index.ts';
import { hetcut, root } from './hetcut.ts';
import '../src-main/media/testing/use-npm-binaries.ts';

const walker = (file: string): string => join(root, 'e2e/fixtures/walker', file);
const folder = mkdtempSync(join(tmpdir(), 'hetcut-select-'));
const out = join(folder, 'mask.png');
afterEach(() => rmSync(out, { force: true }));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function select(...args: readonly string[]) {
  return hetcut(['mask', 'select', walker('clip.mp4'), ...args, '--out', out, '--json'], folder);
}

describe('hetcut mask select', () => {
  it('makes a mask of the walker from one click', async () => {
    const { code, stderr, json } = await select('--at', '0:268,170');
    expect(code, stderr).toBe(0);
    expect(json()).toMatchObject({ output: out, frame: 0, smaller: false, larger: false });
    const media = await createMedia();
    const info = await media.probe(walker('clip.mp4'));
    const [selected, truth] = await Promise.all(
      [out, walker('mask.mkv')].map(async (path) => {
        const masks = (await media.openMask(path, info)).masks(0, 1);
        for await (const mask of masks) return Uint8Array.from(mask);
        throw new Error('no mask');
      }),
    );
    expect(overlap(selected, truth)).toBeGreaterThan(0.75);
  });

  it.each([
    ['nothing pointed at', [], 'select-nothing'],
    ['a place outside the picture', ['--at', '0:500,20'], 'select-place'],
    ['an empty box', ['--box', '0:20,20,20,40'], 'select-box'],
    ['a frame that the clip does not have', ['--at', '33:20,20'], 'select-frame'],
    ['places in two frames', ['--at', '0:20,20', '--not', '1:20,20'], 'select-frames'],
    ['no place', ['--at', '0:20'], 'usage'],
  ])('refuses %s', async (_name, args, code) => {
    const { code: exit, json } = await select(...args);
    expect(exit).toBe(2);
    expect(json()).toMatchObject({ ok: false, code });
    expect(existsSync(out)).toBe(false);
  });
});
