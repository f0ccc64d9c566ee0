import { join, resolve } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { createMedia } from '../../media/index.ts';
import { ffmpeg, temporaryFolder } from '../../media/testing/clips.ts';
import { openMotionOutside } from '../../vision/index.ts';
import { judgeResult, type JudgeRequest } from './judge-result.ts';

const demo = (name: string): string => resolve(import.meta.dirname, '../../../assets/demo', name);
const folder = temporaryFolder(afterAll);
const made = (name: string): string => join(folder, name);
const media = await createMedia();

/** The first six frames of the demo clip, blurred inside the mask. */
ffmpeg([
  ...['-i', demo('campus.mp4'), '-i', demo('campus-mask.mkv'), '-filter_complex'],
  '[0]split[a][b];[b]boxblur=6:1[c];' +
    "[1]format=gray,lutyuv=y='if(gt(val,127),255,0)',split=3[y][u][v];" +
    '[u]scale=iw/2:ih/2[us];[v]scale=iw/2:ih/2[vs];[y][us][vs]mergeplanes=0x001020:yuv420p[m];' +
    '[a][c][m]maskedmerge',
  ...['-frames:v', '6', '-c:v', 'ffv1', made('blurred.mkv')],
]);
ffmpeg(['-i', made('blurred.mkv'), '-vf', 'scale=288:160', '-c:v', 'ffv1', made('small.mkv')]);
ffmpeg(['-i', demo('campus-mask.mkv'), '-vf', 'lutyuv=y=0', '-c:v', 'ffv1', made('black.mkv')]);
ffmpeg(['-i', demo('campus-mask.mkv'), '-vf', 'lutyuv=y=255', '-c:v', 'ffv1', made('white.mkv')]);

const request: JudgeRequest = {
  resultPath: made('blurred.mkv'),
  clipPath: demo('campus.mp4'),
  maskPath: demo('campus-mask.mkv'),
  truthPath: demo('campus-plate.png'),
  range: { startFrame: 0, endFrame: 6 },
};
const judge = (asked: JudgeRequest) =>
  judgeResult(asked, {
    media,
    openMotionOutside,
    signal: new AbortController().signal,
    onProgress: () => undefined,
  });

describe('judgeResult', () => {
  it('agrees with the first implementation of the measures, in numpy and OpenCV 5.0', async () => {
    const quality = await judge(request);
    expect(quality.frames).toBe(6);
    const expected = { texture: 3.17, seam: 0.904, flicker: 21.617 };
    for (const [name, value] of Object.entries(expected)) {
      const measured = quality[name as keyof typeof expected] as number;
      expect(Math.abs(measured / value - 1), name).toBeLessThan(0.02);
    }
    // OpenCV turns the clip's chroma into RGB by another filter.
    expect(Math.abs((quality.psnr as number) - 8.55)).toBeLessThan(0.15);
  });

  it.each([
    ['a result of another size', { resultPath: made('small.mkv') }, 'result-size', /288×160.*576×320/],
    ['a result of another length', { range: undefined }, 'result-length', /6 frames; 25/],
    ['a range beyond the clip', { range: { startFrame: 20, endFrame: 26 } }, 'range', /25 frames/],
    ['a mask of another size', { maskPath: made('small.mkv') }, 'mask-size', /288×160/],
    ['an empty mask', { maskPath: made('black.mkv') }, 'mask-empty', /black\.mkv is empty/],
    ['nothing of the hole to judge', { judgedPath: made('black.mkv') }, 'hole-too-small', /black\.mkv/],
    ['a hole without surroundings', { maskPath: made('white.mkv') }, 'hole-too-small', /white\.mkv/],
    ['a truth of another size', { truthPath: made('small.mkv') }, 'truth-size', /288×160/],
    ['a clip that is not there', { clipPath: made('none.mp4') }, 'file-not-found', /none\.mp4/],
  ] as const)('refuses %s', async (_, changes, code, message) => {
    const { range, ...others } = { ...request, ...changes };
    const run = judge({ ...others, ...(range !== undefined && { range }) });
    await expect(run).rejects.toMatchObject({
      code,
      exitCode: 2,
      message: expect.stringMatching(message) as unknown,
    });
  });
});
