import { describe, expect, it } from 'vitest';
import { splitJpegs } from './jpeg-stream.ts';
import { ffmpeg } from './testing/clips.ts';

const pictureOf = (source: string): Buffer =>
  ffmpeg(['-f', 'lavfi', '-i', source, '-frames:v', '1', '-c:v', 'mjpeg', '-f', 'image2pipe', 'pipe:1']);
const noise = pictureOf('nullsrc=s=64x48,geq=lum=random(1)*255:cb=random(2)*255:cr=random(3)*255');
const flat = pictureOf('color=c=teal:s=16x16');

/** The picture with a comment behind its first marker that holds the bytes of whole pictures' ends and starts. */
function withTraps(jpeg: Buffer): Buffer {
  const comment = Buffer.from([0xff, 0xfe, 0, 8, 0xff, 0xd9, 0xff, 0xd8, 0xff, 0xda]);
  // Fill bytes stand before the next marker; the scan gets a restart marker and a stuffed byte at its end.
  const end = Buffer.from([0xff, 0xd3, 0xff, 0x00, 0x12, 0xff, 0xff, 0xff, 0xd9]);
  const fill = Buffer.from([0xff, 0xff]);
  return Buffer.concat([jpeg.subarray(0, 2), comment, fill, jpeg.subarray(2, -2), end]);
}

async function split(bytes: Buffer, chunkLength: number): Promise<Buffer[]> {
  async function* chunks(): AsyncGenerator<Uint8Array> {
    for (let at = 0; at < bytes.length; at += chunkLength)
      yield await Promise.resolve(bytes.subarray(at, at + chunkLength));
  }
  const pictures: Buffer[] = [];
  for await (const picture of splitJpegs(chunks())) pictures.push(Buffer.from(picture));
  return pictures;
}

describe('splitting JPEGs', () => {
  const pictures = [noise, flat, withTraps(noise), withTraps(flat), flat];
  const stream = Buffer.concat(pictures);

  it.each([1, 2, 3, 7, 1000, 1e6])('gives each picture whole from chunks of %i bytes', async (length) => {
    expect(noise.length).toBeGreaterThan(1500);
    expect(await split(stream, length)).toEqual(pictures);
  });

  it('drops a remainder', async () => {
    expect(await split(stream.subarray(0, -1), 50)).toEqual(pictures.slice(0, -1));
    expect(await split(Buffer.alloc(0), 50)).toEqual([]);
  });

  it('refuses what is no JPEG', async () => {
    await expect(split(Buffer.concat([flat, Buffer.from('words')]), 50)).rejects.toThrow(/no JPEG marker/);
  });
});
