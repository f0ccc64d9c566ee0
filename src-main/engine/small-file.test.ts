import { execFileSync } from 'node:child_process';
import { mkdtemp, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { readSmallFile } from './small-file.ts';

let folder: string;
beforeEach(async () => (folder = await mkdtemp(join(tmpdir(), 'hetcut-small-'))));
afterEach(() => rm(folder, { recursive: true, force: true }));

it('reads a file whole', async () => {
  await writeFile(join(folder, 'a.json'), '{"a": 1}');
  expect((await readSmallFile(join(folder, 'a.json'))).toString()).toBe('{"a": 1}');
});

it('refuses one that is too large, of which nothing is read', async () => {
  const path = join(folder, 'a.json');
  await writeFile(path, '');
  // A terabyte without a block on the disk.
  await truncate(path, 2 ** 40);
  await expect(readSmallFile(path)).rejects.toMatchObject({
    code: 'file-too-large',
    message: `${path} has 1048576 MB; a file of its kind has 64 MB at most.`,
  });
});

it.skipIf(process.platform === 'win32')('waits for no pipe, and reads no device or folder', async () => {
  const pipe = join(folder, 'pipe');
  execFileSync('mkfifo', [pipe]);
  await expect(readSmallFile(pipe)).rejects.toThrow('it is no file');
  await expect(readSmallFile('/dev/zero')).rejects.toThrow('it is no file');
  await expect(readSmallFile(folder)).rejects.toMatchObject({ code: 'EISDIR' });
});
