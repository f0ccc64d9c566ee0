import { mkdir, mkdtemp, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createPathRule, isInside, oddPath } from './path-rule.ts';

let place: string;
let folder: string;
beforeEach(async () => {
  place = await realpath(await mkdtemp(join(tmpdir(), 'hetcut-paths-')));
  folder = join(place, 'open');
  await mkdir(join(folder, 'deep'), { recursive: true });
  await mkdir(join(place, 'open-not'));
  await writeFile(join(place, 'secret'), '');
});
afterEach(() => rm(place, { recursive: true, force: true }));

it('lets through what is under a folder, and what was allowed by name', async () => {
  const rule = createPathRule([folder]);
  const refused = { code: 'path-refused', exitCode: 2 };
  for (const path of ['', 'new.mp4', 'deep', 'deep/new.mp4', 'deep/../new.mp4', '..mp4']) {
    expect(await rule.require(join(folder, path))).toBe(join(folder, path));
  }
  for (const path of [place, join(place, 'secret'), join(place, 'open-not', 'a'), `${folder}/../secret`]) {
    await expect(rule.require(path)).rejects.toMatchObject(refused);
  }
  rule.allow(join(place, 'secret'));
  expect(await rule.require(`${folder}/../secret`)).toBe(join(place, 'secret'));
  await expect(rule.require(join(place, 'secret', 'below'))).rejects.toMatchObject(refused);
  await expect(createPathRule([]).require(folder)).rejects.toMatchObject(refused);
});

it('follows links, of files and of folders, also for a file that is to be made', async () => {
  await symlink(join(place, 'secret'), join(folder, 'link'));
  await symlink(place, join(folder, 'way-out'));
  await symlink(folder, join(place, 'way-in'));
  const rule = createPathRule([folder]);
  for (const path of ['link', 'way-out', 'way-out/secret', 'way-out/new.mp4', 'way-out/open-not/new.mp4']) {
    await expect(rule.require(join(folder, path))).rejects.toMatchObject({ code: 'path-refused' });
  }
  expect(await rule.require(join(place, 'way-in', 'new.mp4'))).toBe(join(place, 'way-in', 'new.mp4'));
  expect(await isInside(join(folder, 'way-out', 'open', 'deep'), folder)).toBe(true);
});

it('refuses paths that are none', async () => {
  const rule = createPathRule([folder]);
  await expect(rule.require(join(folder, 'a\0b'))).rejects.toMatchObject({
    code: 'path-refused',
    message: expect.stringContaining('no path has') as string,
  });
});

it('knows what Windows opens in place of a file', () => {
  const odd = [
    ...[
      'C:\\clips\\NUL',
      'C:\\con.mp4',
      '\\\\?\\C:\\clip.mp4',
      '\\\\.\\PhysicalDrive0',
      '//./pipe/x',
      'C:\\a.mp4:hidden',
    ],
    ...['C:\\aux\\clip.mp4', '\\\\nas\\media\\com1'],
  ];
  for (const path of odd) expect(oddPath(path, 'win32'), path).toMatch(/\w/);
  for (const path of ['C:\\clips\\a b.mp4', 'D:/x/console.mp4', '\\\\nas\\media\\clip.mp4']) {
    expect(oddPath(path, 'win32'), path).toBeUndefined();
  }
  for (const path of ['/clips/con', '/clips/a:b.mp4', '/a\\b'])
    expect(oddPath(path, 'linux'), path).toBeUndefined();
});
