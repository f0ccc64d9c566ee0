import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { requireOwnFiles } from './own-files.ts';
import { readSourceFolder } from './source-folder.ts';
import { importSegmenter } from './segmenters.ts';

let place: string;
let model: string;
beforeEach(async () => {
  place = await mkdtemp(join(tmpdir(), 'hetcut-links-'));
  model = join(place, 'model');
  await mkdir(join(model, 'transformer'), { recursive: true });
  await writeFile(join(place, 'secret.json'), '{"secret": 1}');
});
afterEach(() => rm(place, { recursive: true, force: true }));

it('takes links within a model, and those that lead nowhere', async () => {
  await writeFile(join(model, 'transformer', 'a.json'), '{}');
  await symlink('a.json', join(model, 'transformer', 'config.json'));
  await symlink('missing.json', join(model, 'transformer', 'other.json'));
  await expect(requireOwnFiles(model)).resolves.toBeUndefined();
  await symlink(model, join(place, 'chosen'));
  await expect(requireOwnFiles(join(place, 'chosen'))).resolves.toBeUndefined();
});

it('takes the links of Hugging Face’s cache', async () => {
  const snapshot = join(place, 'models--a--b', 'snapshots', 'main');
  await mkdir(join(snapshot, 'vae'), { recursive: true });
  await mkdir(join(place, 'models--a--b', 'blobs'));
  await writeFile(join(place, 'models--a--b', 'blobs', 'abc'), '{}');
  await symlink('../../../blobs/abc', join(snapshot, 'vae', 'config.json'));
  await expect(requireOwnFiles(snapshot)).resolves.toBeUndefined();
  await symlink('../../../../secret.json', join(snapshot, 'vae', 'other.json'));
  await expect(requireOwnFiles(snapshot)).rejects.toMatchObject({ code: 'model-link' });
});

it.each([
  ['a configuration', 'transformer/config.json', '../../secret.json'],
  ['a part', 'vae', '..'],
  ['the list of parts', 'model_index.json', '../secret.json'],
])('refuses %s that is a link to another place', async (_, name, target) => {
  await symlink(target, join(model, name));
  await expect(readSourceFolder(model)).rejects.toMatchObject({
    code: 'model-link',
    message: expect.stringContaining(join(model, name)) as string,
    hint: expect.stringContaining('copy') as string,
  });
});

it('refuses a segmenter with such a link', async () => {
  await symlink('../secret.json', join(model, 'constants.json'));
  await expect(
    importSegmenter({ home: join(place, 'home'), dir: model, id: 'x', replace: false }, async () => undefined),
  ).rejects.toMatchObject({ code: 'model-link' });
});
