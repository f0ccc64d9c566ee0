import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { expectClose } from '../../src-shared/core/testing/index.ts';
import type { Media } from '../engine/frames.ts';
import { createMedia } from './index.ts';
import { ffmpeg, temporaryFolder, toolchains } from './testing/clips.ts';

const folder = temporaryFolder(afterAll);
const at = (name: string): string => join(folder, name);
const picture = {
  width: 37,
  height: 21,
  rgb: Uint8Array.from({ length: 37 * 21 * 3 }, (_, i) => (i * 7 + (i >> 5)) % 256),
};
/** A smooth picture, which JPEG keeps well. */
const smooth = {
  width: 64,
  height: 48,
  rgb: Uint8Array.from({ length: 64 * 48 * 3 }, (_, i) => {
    const [x, y, c] = [Math.floor(i / 3) % 64, Math.floor(i / 192), i % 3];
    return [40 + 3 * x, 60 + 2 * y, 200 - 2 * x][c];
  }),
};

describe.each(toolchains)('pictures with $name', ({ env }) => {
  let media: Media;
  beforeAll(async () => {
    media = await createMedia(env);
  });

  it('writes and reads PNG without loss, also under odd names', async () => {
    for (const name of ['picture.png', `a %03d 'q' "d" 🎬 ö: #1.png`]) {
      await media.writePicture(at(name), picture);
      const read = await media.readPicture(at(name));
      expect([read.width, read.height]).toEqual([37, 21]);
      expect(Buffer.from(read.rgb).equals(Buffer.from(picture.rgb))).toBe(true);
    }
  });

  it('writes and reads JPEG within its own rounding', async () => {
    await media.writePicture(at('smooth.jpg'), smooth);
    const { rgb } = await media.readPicture(at('smooth.jpg'));
    const worst = rgb.reduce((most, value, i) => Math.max(most, Math.abs(value - smooth.rgb[i])), 0);
    expect(worst).toBeLessThanOrEqual(12);
    const mean = rgb.reduce((sum, value, i) => sum + Math.abs(value - smooth.rgb[i]), 0) / rgb.length;
    expect(mean).toBeLessThan(2);
  });

  it('reads 16-bit, grey and transparent PNG as 8-bit RGB', async () => {
    const raw = ['-f', 'rawvideo', '-pix_fmt', 'gray', '-s', '4x1', '-i', 'pipe:0'];
    for (const format of ['gray', 'gray16be', 'rgba', 'rgb48be']) {
      ffmpeg([...raw, '-pix_fmt', format, at('kind.png')], Uint8Array.of(0, 80, 160, 255));
      const { rgb } = await media.readPicture(at('kind.png'));
      expectClose(rgb, [0, 0, 0, 80, 80, 80, 160, 160, 160, 255, 255, 255], { atol: 1 });
    }
  });

  it('refuses what is no picture, and kinds that it cannot write', async () => {
    ffmpeg(['-f', 'lavfi', '-i', 'testsrc2=s=64x48:d=0.2', '-c:v', 'libx264', at('video.mp4')]);
    writeFileSync(at('text.png'), 'no picture');
    for (const name of ['video.mp4', 'text.png']) {
      await expect(media.readPicture(at(name))).rejects.toMatchObject({ code: 'not-a-picture', exitCode: 2 });
    }
    await expect(media.readPicture(at('nowhere.png'))).rejects.toMatchObject({ code: 'file-not-found' });
    await expect(media.writePicture(at('x.gif'), picture)).rejects.toMatchObject({ code: 'picture-kind' });
    await expect(media.writePicture(at('missing/x.png'), picture)).rejects.toMatchObject({
      code: 'output-folder',
    });
    expect(readdirSync(folder).filter((name) => name.includes('partial'))).toEqual([]);
  });
});
