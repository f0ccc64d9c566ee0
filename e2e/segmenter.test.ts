import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { overlap } from '../src-shared/core/track/index.ts';
import { createMedia } from '../src-main/media/index.ts';
import { writeSegmenter } from '../src-main/engine/segment/testing/synthetic-segmenter.ts';
import { hetcut } from './hetcut.ts';
import { redSquare, squareClip, squareLeft, writeSquare } from './red-square.ts';
import '../src-main/media/testing/use-npm-binaries.ts';

const folder = mkdtempSync(join(tmpdir(), 'hetcut-segmenters-'));
const at = (name: string): string => join(folder, name);
const home = at('home');
const clip = at('square.mp4');
const { frames } = squareClip;

beforeAll(() => {
  writeSquare(clip);
  const published = at('export');
  writeSegmenter(join(published, 'onnx'));
  // As the published exports lie: graphs in a folder of their own, the constants above it.
  renameSync(join(published, 'onnx', 'constants.json'), join(published, 'constants.json'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const run = (...args: readonly string[]) => hetcut([...args, '--json'], home);

describe('an imported segmenter', () => {
  it('is imported from a published folder, and listed', async () => {
    const { code, stderr, json } = await run('model', 'import', at('export'), '--id', 'sam-tiny');
    expect(code, stderr).toBe(0);
    expect(json()).toMatchObject({ id: 'sam-tiny', kind: 'segmenter' });
    expect((await run('model', 'list')).json()).toMatchObject({ segmenters: [{ id: 'sam-tiny' }] });
  });

  it('is not taken twice without being asked to', async () => {
    const again = await run('model', 'import', at('export'), '--id', 'sam-tiny');
    expect([again.code, again.json()]).toMatchObject([2, { code: 'model-exists' }]);
    expect((await run('model', 'import', at('export'), '--id', 'sam-tiny', '--replace')).code).toBe(0);
  });

  it('selects and follows', async () => {
    const selected = at('selected.png');
    const args = ['--at', `0:${squareLeft(0) + 24},48`, '--reach', '0', '--segmenter', 'sam-tiny'];
    const { code, stderr } = await run('mask', 'select', clip, ...args, '--out', selected);
    expect(code, stderr).toBe(0);
    const media = await createMedia();
    const info = await media.probe(clip);
    const masksOf = async (path: string): Promise<Uint8Array[]> => {
      const masks: Uint8Array[] = [];
      for await (const mask of (await media.openMask(path, info)).masks(0, frames))
        masks.push(Uint8Array.from(mask));
      return masks;
    };
    expect(overlap((await masksOf(selected))[0], redSquare(0))).toBeGreaterThan(0.75);
    const out = at('followed.mkv');
    const followed = await run(
      'mask',
      'track',
      clip,
      '--from',
      `0:${selected}`,
      '--segmenter',
      'sam-tiny',
      '--out',
      out,
    );
    expect(followed.code, followed.stderr).toBe(0);
    for (const [frame, mask] of (await masksOf(out)).entries())
      expect(overlap(mask, redSquare(frame))).toBeGreaterThan(0.7);
  });

  it('is named where a graph is missing or another', async () => {
    const half = at('half');
    writeSegmenter(half);
    rmSync(join(half, 'memory_attention.onnx'));
    const missing = await run('model', 'import', half, '--id', 'half');
    expect([missing.code, missing.json()]).toMatchObject([2, { code: 'segmenter-missing' }]);
    expect(missing.json()['message']).toContain('memory_attention.onnx');
    const other = at('other');
    writeSegmenter(other, {
      pointer_tpos: (g) => g.output('encoded', g.input('offsets', 'float32', [9]), [9]),
    });
    const wrong = await run('model', 'import', other, '--id', 'other');
    expect([wrong.code, wrong.json()]).toMatchObject([2, { code: 'segmenter-graph' }]);
    expect(wrong.json()['message']).toContain('pointer_tpos.onnx: its input offsets is [9], needed is [4]');
    // Nothing of them is left.
    expect((await run('model', 'list')).json()['segmenters']).toHaveLength(1);
  });

  it('is named where it is not there, or damaged', async () => {
    const selected = at('selected.png');
    const unknown = await run(
      'mask',
      'track',
      clip,
      '--from',
      `0:${selected}`,
      '--segmenter',
      'none',
      '--out',
      at('x.mkv'),
    );
    expect([unknown.code, unknown.json()]).toMatchObject([2, { code: 'segmenter-unknown' }]);
    const path = join(home, 'segmenters', 'broken');
    mkdirSync(path, { recursive: true });
    writeFileSync(join(path, 'constants.json'), '{}');
    const doctor = (await run('doctor')).json();
    expect(doctor['problems']).toContainEqual(expect.stringContaining('segmenter broken: '));
    expect((await run('model', 'remove', 'broken')).code).toBe(0);
    expect(existsSync(path)).toBe(false);
  });
});
