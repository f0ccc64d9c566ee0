import { chmod, copyFile, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { usualSettings } from '../../src-shared/project/index.ts';
import { findBinaries } from '../media/index.ts';
import { openProgramSettings } from './program-settings.ts';

let home: string;
const notes: string[] = [];
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'hetcut-settings-'));
  notes.length = 0;
});
afterEach(() => rm(home, { recursive: true, force: true }));

const open = (env: Record<string, string | undefined>) =>
  openProgramSettings(home, env, (text) => void notes.push(text));

/** A folder with ffmpeg and ffprobe, as an editor may have one. */
async function ownTools(): Promise<string> {
  const { ffmpeg, ffprobe } = await findBinaries();
  await copyFile(ffmpeg.path, join(home, 'ffmpeg'));
  await copyFile(ffprobe.path, join(home, 'ffprobe'));
  for (const tool of ['ffmpeg', 'ffprobe']) await chmod(join(home, tool), 0o755);
  return join(home, 'ffmpeg');
}

describe('program settings', () => {
  it('are the usual ones at first, and reach what is started by variables', async () => {
    const env: Record<string, string | undefined> = {};
    const settings = await open(env);
    expect(settings).toMatchObject({ current: usualSettings, fixed: {} });
    expect(env).toEqual({});
    const ffmpegPath = await ownTools();
    const next = { ...usualSettings, device: 'cpu', memoryGb: 6.5, ffmpegPath, sound: true } as const;
    await settings.change(next);
    const handed = {
      HETCUT_DEVICE: 'cpu',
      HETCUT_MEMORY_GB: '6.5',
      FFMPEG_PATH: ffmpegPath,
      FFPROBE_PATH: join(home, 'ffprobe'),
    };
    expect(env).toEqual(handed);
    const later: Record<string, string | undefined> = {};
    expect((await open(later)).current).toEqual(next);
    expect(later).toEqual(handed);
    await settings.change(usualSettings);
    expect(env).toEqual({});
  });

  it('give way to variables that were set where the program was started', async () => {
    const env: Record<string, string | undefined> = { HETCUT_DEVICE: 'auto', HETCUT_MEMORY_GB: '3' };
    const settings = await open(env);
    expect(settings.fixed).toEqual({ device: 'HETCUT_DEVICE', memoryGb: 'HETCUT_MEMORY_GB' });
    await settings.change({ ...usualSettings, device: 'cpu', memoryGb: 12 });
    expect(env).toEqual({ HETCUT_DEVICE: 'auto', HETCUT_MEMORY_GB: '3' });
  });

  it('refuse an ffmpeg that does not run or has no ffprobe beside it, and stay as they were', async () => {
    const settings = await open({});
    const ffmpegPath = await ownTools();
    await rm(join(home, 'ffprobe'));
    for (const wrong of [ffmpegPath, join(home, 'nothing')]) {
      await expect(settings.change({ ...usualSettings, ffmpegPath: wrong })).rejects.toMatchObject({
        code: 'binary-unusable',
        message: expect.stringContaining(wrong) as string,
      });
    }
    expect(settings.current).toEqual(usualSettings);
    expect(await readdir(home)).toEqual(['ffmpeg']);
  });

  it('start without an ffmpeg that has gone since, and say so', async () => {
    const ffmpegPath = await ownTools();
    await (await open({})).change({ ...usualSettings, ffmpegPath });
    await rm(ffmpegPath);
    const env: Record<string, string | undefined> = {};
    expect((await open(env)).current.ffmpegPath).toBeNull();
    expect(env).toEqual({});
    expect(notes).toEqual([expect.stringContaining(ffmpegPath)]);
  });

  it('set a damaged file aside', async () => {
    const path = join(home, 'settings.json');
    for (const content of ['{"device"', '{"device": "abacus"}', '[]']) {
      await writeFile(path, content);
      expect((await open({})).current).toEqual(usualSettings);
      expect(await readFile(`${path}.damaged`, 'utf8')).toBe(content);
    }
    expect(notes).toHaveLength(3);
  });
});
