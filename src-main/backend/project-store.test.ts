import { mkdtemp, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { newProject } from '../../src-shared/project/index.ts';
import { openProjectStore } from './project-store.ts';

let home: string;
let nowMs: number;
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'hetcut-projects-'));
  nowMs = 1_700_000_000_000;
});
afterEach(() => rm(home, { recursive: true, force: true }));

const open = (): ReturnType<typeof openProjectStore> => openProjectStore(home, () => nowMs);
const nameIn = async (file: string): Promise<string> => {
  const text = await readFile(join(home, 'projects', file), 'utf8');
  return (JSON.parse(text) as { name: string }).name;
};

describe('projects', () => {
  it('come back as they were saved', async () => {
    const store = open();
    const { path, savedAt } = await store.save(newProject('p-1', 'First'));
    expect(path).toBe(join(home, 'projects', 'p-1.hetcut.json'));
    expect(savedAt).toBe(nowMs);
    expect(await store.open(path)).toEqual(newProject('p-1', 'First'));
    expect(await readdir(store.folder)).toEqual(['p-1.hetcut.json']);
  });

  it('keep five backups, no two made within a minute, also across a restart', async () => {
    for (let save = 0; save < 30; save++) {
      await open().save(newProject('p', `save ${save}`));
      nowMs += 20_000;
    }
    expect((await readdir(join(home, 'projects'))).sort()).toEqual(
      ['', '.1', '.2', '.3', '.4', '.5'].map((number) => `p.hetcut.json${number}`),
    );
    expect(await nameIn('p.hetcut.json')).toBe('save 29');
    // Saves 1, 4, 7 … 28 each put the one before them aside.
    const backups = await Promise.all([1, 2, 3, 4, 5].map((number) => nameIn(`p.hetcut.json.${number}`)));
    expect(backups).toEqual(['save 27', 'save 24', 'save 21', 'save 18', 'save 15']);
  });

  it('are saved one after the other', async () => {
    const store = open();
    const names = Array.from({ length: 20 }, (_, save) => `save ${save}`);
    await Promise.all(names.map((name) => store.save(newProject('p', name))));
    expect(await nameIn('p.hetcut.json')).toBe('save 19');
    expect((await readdir(store.folder)).some((name) => name.includes('partial'))).toBe(false);
  });

  it('are listed newest first, without those that cannot be read', async () => {
    const store = open();
    expect(await store.recent()).toEqual([]);
    for (const id of ['a', 'b', 'c']) await store.save(newProject(id, `Project ${id}`));
    for (const [id, seconds] of [
      ['a', 200],
      ['b', 300],
      ['c', 100],
    ] as const) {
      await utimes(join(store.folder, `${id}.hetcut.json`), seconds, seconds);
    }
    await writeFile(join(store.folder, 'd.hetcut.json'), 'damaged');
    await writeFile(join(store.folder, 'a.hetcut.json.1'), '{}');
    expect(await store.recent()).toEqual([
      { id: 'b', path: join(store.folder, 'b.hetcut.json'), name: 'Project b', savedAt: 300_000 },
      { id: 'a', path: join(store.folder, 'a.hetcut.json'), name: 'Project a', savedAt: 200_000 },
      { id: 'c', path: join(store.folder, 'c.hetcut.json'), name: 'Project c', savedAt: 100_000 },
    ]);
  });

  it('say what is wrong with a file', async () => {
    const store = open();
    const path = join(home, 'mine.hetcut.json');
    await expect(store.open(path)).rejects.toMatchObject({ code: 'file-not-found' });
    await expect(store.open(home)).rejects.toMatchObject({ code: 'not-a-file' });
    await writeFile(path, '{"format": ');
    await expect(store.open(path)).rejects.toMatchObject({ code: 'project-file' });
    await writeFile(path, JSON.stringify({ ...newProject('p', 'P'), version: 9 }));
    await expect(store.open(path)).rejects.toMatchObject({ code: 'project-version' });
    await writeFile(path, JSON.stringify({ ...newProject('p', 'P'), clips: [{}] }));
    await expect(store.open(path)).rejects.toThrow(/mine\.hetcut\.json: clips\.0\.id/);
  });
});
