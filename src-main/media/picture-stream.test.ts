import { describe, expect, it } from 'vitest';
import { reportsDamage } from './damage.ts';
import { PictureTimes, splitPictures } from './picture-stream.ts';

async function* inChunks(
  bytes: Uint8Array,
  sizes: readonly number[],
  onPull: () => void,
): AsyncGenerator<Uint8Array> {
  let at = 0;
  for (const size of sizes) {
    onPull();
    yield bytes.subarray(at, at + size);
    at += size;
  }
}

describe('splitPictures', () => {
  it('cuts at the picture’s length, however the bytes arrive', async () => {
    const bytes = Uint8Array.from({ length: 23 }, (_, i) => i);
    const pictures: number[][] = [];
    for await (const picture of splitPictures(
      inChunks(bytes, [1, 0, 13, 2, 7], () => undefined),
      5,
    ))
      pictures.push([...picture]);
    expect(pictures).toEqual([0, 1, 2, 3].map((k) => [0, 1, 2, 3, 4].map((i) => 5 * k + i)));
  });

  it('pulls no more than the picture asked for needs', async () => {
    let pulls = 0;
    const pictures = splitPictures(
      inChunks(new Uint8Array(100), Array<number>(10).fill(10), () => pulls++),
      20,
    );
    await pictures.next();
    expect(pulls).toBe(2);
    await pictures.next();
    expect(pulls).toBe(4);
  });

  it('returns every picture in its own memory', async () => {
    const pictures: Uint8Array[] = [];
    for await (const picture of splitPictures(
      inChunks(Uint8Array.of(1, 2, 3, 4), [4], () => undefined),
      2,
    ))
      pictures.push(picture);
    pictures[0].fill(9);
    expect([...pictures[1]]).toEqual([3, 4]);
    expect(pictures[0].buffer).not.toBe(pictures[1].buffer);
  });
});

const shown = (pts: string, size = '64x48'): string =>
  `[Parsed_showinfo_0 @ 0x1] [info] n:   3 pts:${pts} pts_time:1.56    pos:    60794 fmt:yuv420p sar:1/1 s:${size} i:P ` +
  'iskey:0 type:P ';

describe('PictureTimes', () => {
  it('reads times in the clip’s ticks, whatever the filter’s', async () => {
    const times = new PictureTimes(64, 48, 1 / 12800);
    times.addLine('[Parsed_showinfo_0 @ 0x1] [info] config in time_base: 1/90000, frame_rate: 25/1');
    times.addLine('[Parsed_showinfo_0 @ 0x1] [info] config out time_base: 0/0, frame_rate: 0/0');
    times.addLine(shown('   3600'));
    times.addLine('[info] something else with n: 1 and pts: 4');
    times.addLine(shown('  -7200'));
    expect([await times.next(), await times.next()]).toEqual([512, -1024]);
  });

  it('waits for a time, and ends', async () => {
    const times = new PictureTimes(64, 48, 1);
    const first = times.next();
    times.addLine('config in time_base: 1/1');
    times.addLine(shown('  7'));
    expect(await first).toBe(7);
    const none = times.next();
    times.end();
    expect(await none).toBeUndefined();
  });

  it('knows the filter’s words behind half a line of another thread', async () => {
    const times = new PictureTimes(64, 48, 1);
    times.addLine('config in time_base: 1/1');
    times.addLine(`CRC mismatch 387A516C!${shown('  7').slice(shown('  7').indexOf('n:'))}`);
    expect(await times.next()).toBe(7);
  });

  it('refuses pictures of another size', async () => {
    const times = new PictureTimes(64, 48, 1);
    times.addLine(shown('  7', '48x64'));
    await expect(times.next()).rejects.toMatchObject({
      code: 'size-changes',
      message: /64×48 to 48×64/ as unknown,
    });
  });
});

describe('reportsDamage', () => {
  it.each([
    [shown('  7'), false],
    ['[info] Stream mapping:', false],
    ['[swscaler @ 0x1] [warning] deprecated pixel format used', false],
    ['[h264 @ 0x1] [error] co located POCs unavailable', false],
    ['', false],
    ['[h264 @ 0x1] [error] error while decoding MB 14 12, bytestream 815', true],
    ['[h264 @ 0x1] [info] concealing 95 DC, 95 AC, 95 MV errors in B frame', true],
    ['CRC mismatch 387A516C!at 0.16 seconds', true],
    [`${shown('  7')}slice CRC mismatch 387A516C!`, true],
    ['at 0.160000 seconds', true],
  ])('%s', (line, expected) => {
    expect(reportsDamage(line)).toBe(expected);
  });
});
