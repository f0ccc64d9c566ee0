import { chmodSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import {
  describeBinaries,
  findBinaries,
  hasFpsMode,
  hasMovieTimescale,
  makeExecutable,
  type Binary,
} from './binaries.ts';
import { temporaryFolder } from './testing/clips.ts';

const folder = temporaryFolder(afterAll);

/** A program that says what ffmpeg would say of itself. */
function fake(place: string, tool: string, avutil: string, encoders = ['libx264', 'ffv1', 'png']): string {
  const path = join(place, tool);
  const list = encoders.map((name) => ` V....D ${name} words`).join('\n');
  const versions = `${tool} version test-${avutil} Copyright\nlibavutil      ${avutil}\n`;
  writeFileSync(
    path,
    `#!/bin/sh\ncase "$*" in *-encoders*) echo '${versions}' >&2; echo '${list}';; *) echo '${versions}';; esac\n`,
  );
  chmodSync(path, 0o755);
  return path;
}

const without = { ...process.env, FFMPEG_PATH: '', FFPROBE_PATH: '', PATH: '' };

describe('findBinaries', () => {
  it('prefers the variables to everything', async () => {
    const FFMPEG_PATH = fake(folder, 'ffmpeg', '56. 24.101 / 56. 24.101');
    const { ffmpeg, skipped } = await findBinaries({ ...process.env, FFMPEG_PATH });
    expect(ffmpeg).toEqual({
      path: FFMPEG_PATH,
      source: 'environment',
      version: 'test-56.',
      avutil: [56, 24],
    });
    expect(skipped).toEqual([]);
  });

  it('says when a variable names something unusable, instead of taking another', async () => {
    const notFfmpeg = join(folder, 'other');
    writeFileSync(notFfmpeg, '#!/bin/sh\necho hello\n');
    chmodSync(notFfmpeg, 0o755);
    for (const FFPROBE_PATH of [join(folder, 'nowhere'), notFfmpeg]) {
      await expect(findBinaries({ ...process.env, FFPROBE_PATH })).rejects.toMatchObject({
        code: 'binary-unusable',
        exitCode: 2,
        message: expect.stringContaining(`FFPROBE_PATH names ${FFPROBE_PATH}`) as string,
      });
    }
  });

  it('takes npm’s where the system has none', async () => {
    const { ffmpeg, ffprobe, skipped } = await findBinaries(without);
    expect([ffmpeg.source, ffprobe.source]).toEqual(['npm', 'npm']);
    expect(ffmpeg.path).toContain('@ffmpeg-installer');
    expect(ffprobe.path).toContain('@ffprobe-installer');
    expect(skipped).toEqual([]);
  });

  it('asks a program once, and again when it is another one', async () => {
    const path = fake(folder, 'ffmpeg', '57. 28.100 / 57. 28.100');
    const asked = join(folder, 'asked');
    writeFileSync(path, `${readFileSync(path, 'utf8')}echo asked >>'${asked}'\n`);
    const find = async (): Promise<Binary> => (await findBinaries({ ...without, PATH: folder })).ffmpeg;
    expect(await find()).toEqual(await find());
    expect(readFileSync(asked, 'utf8')).toBe('asked\n');
    fake(folder, 'ffmpeg', '58. 10.100 / 58. 10.100');
    expect((await find()).avutil).toEqual([58, 10]);
  });

  it.each([
    ['56. 70.100 / 56. 70.100', ['libx264', 'ffv1', 'png'], /is older than 5\.0/],
    ['57. 28.100 / 57. 28.100', ['ffv1', 'png'], /lacks the encoders libx264/],
  ])('passes over a system’s ffmpeg that cannot do the work: %s', async (avutil, encoders, reason) => {
    const path = fake(folder, 'ffmpeg', avutil, encoders);
    const { ffmpeg, skipped } = await findBinaries({ ...without, PATH: folder });
    expect(ffmpeg.source).toBe('npm');
    expect(skipped).toContainEqual({ tool: 'ffmpeg', path, reason: expect.stringMatching(reason) as string });
  });

  it('takes a system’s ffmpeg that can', async () => {
    const path = fake(folder, 'ffmpeg', '57. 17.100 / 57. 17.100');
    const { ffmpeg } = await findBinaries({ ...without, PATH: folder });
    expect(ffmpeg).toMatchObject({ path, source: 'system', avutil: [57, 17] });
    expect([hasFpsMode(ffmpeg), hasMovieTimescale(ffmpeg)]).toEqual([false, true]);
  });

  it('knows what each version can do', () => {
    const of = (major: number, minor: number): Binary => ({
      path: '',
      source: 'npm',
      version: '',
      avutil: [major, minor],
    });
    expect([of(56, 70), of(57, 17), of(57, 28), of(60, 8)].map(hasFpsMode)).toEqual([
      false,
      false,
      true,
      true,
    ]);
    expect([of(56, 70), of(57, 17), of(60, 8)].map(hasMovieTimescale)).toEqual([false, true, true]);
  });
});

describe('describeBinaries', () => {
  it('reports problems instead of throwing', async () => {
    const report = await describeBinaries({ ...without, FFMPEG_PATH: join(folder, 'nowhere') });
    expect(report.ffmpeg).toBeUndefined();
    expect(report.ffprobe?.source).toBe('npm');
    expect(report.problems).toEqual([expect.stringMatching(/^FFMPEG_PATH names/)]);
  });
});

describe('makeExecutable', () => {
  it('sets the bit where it is missing', async () => {
    const path = join(folder, 'plain');
    writeFileSync(path, '');
    chmodSync(path, 0o644);
    await makeExecutable(path);
    expect(statSync(path).mode & 0o777).toBe(0o755);
  });
});
