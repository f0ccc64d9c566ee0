import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import type { GraphBuilder } from '../../../src-shared/core/graph/index.ts';
import { overlap } from '../../../src-shared/core/track/index.ts';
import { createOrt } from '../../ort/index.ts';
import { openCameraTracker, openDenseFlow } from '../../vision/index.ts';
import type { ClipInfo, FrameSource, VideoFrame } from '../frames.ts';
import { trackClip } from '../track/track-clip.ts';
import { networkSegmenter, openSegmenter, type SegmenterNetwork } from './network-segmenter.ts';
import { synthetic, writeSegmenter } from './testing/synthetic-segmenter.ts';

const folder = mkdtempSync(join(tmpdir(), 'hetcut-segmenter-'));
let made = 0;
const place = (): string => join(folder, String(made++));
const ort = createOrt({ device: 'cpu' });
let open: SegmenterNetwork[] = [];
afterEach(async () => {
  for (const network of open) await network.release();
  open = [];
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function opened(path: string): Promise<SegmenterNetwork> {
  const network = await openSegmenter(path, ort);
  open.push(network);
  return network;
}

const [width, height, frames] = [160, 96, 6];
const info = {
  width,
  height,
  path: 'memory',
  pixelFormat: { name: 'yuv420p', bitDepth: 8, chromaShiftX: 1, chromaShiftY: 1 },
  colour: { matrix: 'bt601', range: 'limited', assumed: true, tags: {} },
  ptsSec: Float64Array.from({ length: frames }, (_, at) => at / 25),
} as unknown as ClipInfo;

/** A red square of 48 pixels that moves to the right over dark texture. */
function picture(frame: number): VideoFrame['planes'] {
  const luma = new Uint8Array(width * height);
  const [cb, cr] = [0, 1].map(() => new Uint8Array((width * height) / 4).fill(128));
  for (let at = 0; at < luma.length; at++) luma[at] = 40 + ((at * 37 + Math.floor(at / 53) * 11) % 41);
  for (let y = 24; y < 72; y++) {
    for (let x = left(frame); x < left(frame) + 48; x++) {
      luma[y * width + x] = 81;
      cb[(y >> 1) * (width / 2) + (x >> 1)] = 90;
      cr[(y >> 1) * (width / 2) + (x >> 1)] = 240;
    }
  }
  return [luma, cb, cr];
}
const left = (frame: number): number => 20 + 8 * frame;
const truth = (frame: number): Uint8Array =>
  Uint8Array.from({ length: width * height }, (_, at) => {
    const [x, y] = [at % width, Math.floor(at / width)];
    return x >= left(frame) && x < left(frame) + 48 && y >= 24 && y < 72 ? 255 : 0;
  });
const frameOf = (index: number): VideoFrame => ({ index, planes: picture(index) });

describe('an imported segmenter', () => {
  it('finds what is pointed at, and follows it by what it remembers', async () => {
    const path = place();
    writeSegmenter(path);
    const segmenter = networkSegmenter(await opened(path), info, { width, height });
    const first = await segmenter.encode(frameOf(0));
    const found = await segmenter.prompt(first, { kind: 'places', add: [[40, 40]], remove: [] });
    expect(overlap(found.mask, truth(0))).toBeGreaterThan(0.8);
    expect(found.confidence).toBeGreaterThan(0.8);
    const next = await segmenter.propagate(await segmenter.encode(frameOf(1)), found.memory);
    expect(overlap(next.mask, truth(1))).toBeGreaterThan(0.8);
    // Its score is of what the bank holds: a sixth of the picture in every slot.
    const share = truth(0).filter((value) => value > 0).length / (width * height);
    expect(next.confidence).toBeCloseTo(0.9 / (1 + Math.exp(-100 * (share - 0.001))), 1);
  });

  it('takes a painted mask as it is, and forgets an object that it was never shown', async () => {
    const path = place();
    writeSegmenter(path);
    const segmenter = networkSegmenter(await opened(path), info, { width, height });
    const first = await segmenter.encode(frameOf(0));
    const painted = await segmenter.prompt(first, { kind: 'mask', mask: truth(0) });
    expect(overlap(painted.mask, truth(0))).toBeGreaterThan(0.95);
    expect(painted.confidence).toBe(1);
    await expect(
      segmenter.prompt(first, { kind: 'mask', mask: new Uint8Array(width * height) }),
    ).rejects.toMatchObject({ code: 'track-mask-empty' });
  });

  it('takes the place of the built-in one in tracking', async () => {
    const path = place();
    writeSegmenter(path);
    const network = await opened(path);
    const source: FrameSource = {
      info,
      async *frames(start, end) {
        for (let index = start; index < end; index++) yield frameOf(index);
      },
      damagedFrames: () => [],
    };
    const track = await trackClip({
      source,
      keys: [{ frame: 2, mask: truth(2) }],
      range: { startFrame: 0, endFrame: frames },
      direction: 'both',
      openCamera: openCameraTracker,
      flow: await openDenseFlow(),
      openSegmenter: (clip, size) => networkSegmenter(network, clip, size),
      signal: new AbortController().signal,
      onFrame: () => undefined,
    });
    expect(track.notes).toEqual([]);
    expect(track.maskAt(2)).toEqual(truth(2));
    for (const frame of [0, 1, 3, 4, 5])
      expect(overlap(track.maskAt(frame), truth(frame))).toBeGreaterThan(0.75);
  });

  it.each([
    [
      'an input of another shape',
      'mask_decoder',
      (g: GraphBuilder) => {
        for (const [at, dims] of [
          [1, 2, 9, 9],
          [1, 2, 8, 8],
          [1, 8, 4, 4],
          [1, 1, 3, 2],
          [1, 1, 3],
        ].entries())
          g.output(`out${at}`, g.input(`in${at}`, 'float32', dims), dims);
      },
      'mask_decoder.onnx: its input in0 is [1, 2, 9, 9], needed is [1, any, 16, 16]',
    ],
    [
      'too few inputs',
      'memory_attention',
      (g: GraphBuilder) => g.output('out', g.input('memory', 'float32', [4]), [4]),
      'memory_attention.onnx: it has 1 inputs (memory), needed are 4',
    ],
    [
      'an output that is missing',
      'vision_encoder',
      (g: GraphBuilder) =>
        g.output('feats0', g.input('pixel_values', 'float32', [1, 3, 64, 64]), [1, 3, 64, 64]),
      'vision_encoder.onnx: it has no output feats1 (it has feats0)',
    ],
  ])('is refused for %s, with the graph and its port', async (_name, graph, build, message) => {
    const path = place();
    writeSegmenter(path, { [graph]: build });
    await expect(openSegmenter(path, ort)).rejects.toMatchObject({
      code: 'segmenter-graph',
      message: expect.stringContaining(message) as string,
    });
  });

  it('is refused for a graph that is none', async () => {
    const path = place();
    writeSegmenter(path);
    writeFileSync(join(path, 'memory_encoder.onnx'), 'not a graph');
    await expect(openSegmenter(path, ort)).rejects.toMatchObject({
      code: 'segmenter-graph',
      message: expect.stringContaining('memory_encoder.onnx cannot be opened') as string,
    });
  });

  it.each([
    ['mem_dim', { mem_dim: 3 }],
    ['image_size', { image_size: 'large' }],
    ['memory_temporal_positional_encoding', { memory_temporal_positional_encoding: [[0]] }],
  ])('is refused for constants with a wrong %s', async (field, constants) => {
    const path = place();
    writeSegmenter(path, {}, constants);
    await expect(openSegmenter(path, ort)).rejects.toMatchObject({
      code: 'segmenter-constants',
      message: expect.stringContaining(field) as string,
    });
  });

  it('has the sizes that its constants say', async () => {
    const path = place();
    writeSegmenter(path);
    expect((await opened(path)).constants).toMatchObject({
      side: synthetic.side,
      sizes: { tokens: 16, hidden: 8, memory: 4, frames: 3, pointers: 4 },
    });
  });
});
