import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { decodeMask } from '../../src-shared/core/mask/index.ts';
import { createMedia } from '../media/index.ts';
import { ffmpeg, temporaryFolder, toolchains } from '../media/testing/clips.ts';
import type { BackendParts } from './backend-parts.ts';
import { matteHandlers } from './matte-handlers.ts';

const [width, height, frames] = [160, 96, 4];
const folder = temporaryFolder((remove) => afterAll(remove));
const at = (name: string): string => join(folder, name);

/** Opaque in a square that moves, half transparent beside it, else clear; white over all, so that only the alpha tells. */
const alphaAt = (frame: number, x: number, y: number): number =>
  y < 24 || y >= 72
    ? 0
    : x >= 20 + 8 * frame && x < 68 + 8 * frame
      ? 255
      : x < 20 + 8 * frame && x > 8
        ? 60
        : 0;

beforeAll(() => {
  const rgba = Buffer.alloc(4 * frames * width * height, 255);
  for (let frame = 0; frame < frames; frame++)
    for (let pixel = 0; pixel < width * height; pixel++)
      rgba[4 * (frame * width * height + pixel) + 3] = alphaAt(
        frame,
        pixel % width,
        Math.floor(pixel / width),
      );
  const raw = ['-f', 'rawvideo', '-pix_fmt', 'rgba', '-s', `${width}x${height}`, '-r', '25', '-i', 'pipe:0'];
  const prores = ['-c:v', 'prores_ks', '-profile:v', '4444', '-pix_fmt', 'yuva444p10le', '-alpha_bits', '16'];
  ffmpeg([...raw, ...prores, at('matte.mov')], rgba);
  ffmpeg([...raw, '-c:v', 'libx264', '-pix_fmt', 'yuv420p', at('clip.mp4')], rgba);
  ffmpeg([...raw, ...prores, '-frames:v', '3', at('short.mov')], rgba);
});

describe.each(toolchains)('a matte of another program, with $name', ({ env }) => {
  async function read(name: string) {
    const media = await createMedia(env);
    const handlers = matteHandlers({
      paths: { require: async (path: string) => path },
      media,
      previews: { probe: (path: string) => media.probe(path) },
      signal: new AbortController().signal,
    } as unknown as BackendParts);
    return handlers['matte.read']({ clipPath: at('clip.mp4'), path: at(name) });
  }

  it('is the transparency of a ProRes 4444 clip', async () => {
    const { masks } = await read('matte.mov');
    expect(masks).toHaveLength(frames);
    for (const [frame, text] of masks.entries()) {
      const mask = decodeMask(text, width * height);
      const wrong = mask.findIndex(
        (value, pixel) =>
          value !== (alphaAt(frame, pixel % width, Math.floor(pixel / width)) > 127 ? 255 : 0),
      );
      expect(wrong).toBe(-1);
    }
  });

  it('is refused where it is not as long as the clip', async () => {
    await expect(read('short.mov')).rejects.toMatchObject({ code: 'mask-length' });
  });
});
