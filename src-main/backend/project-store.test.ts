import {
  cp,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rename,
  rm,
  symlink,
  utimes,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { newEdit, newProject, withClip, type Project } from '../../src-shared/project/index.ts';
import { superfluousBackups } from './project-backups.ts';
import { mediaPlace, openProjectStore } from './project-store.ts';

let home: string;
let nowMs: number;
let notes: string[];
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'hetcut-projects-'));
  nowMs = 1_700_000_000_000;
  notes = [];
});
afterEach(() => rm(home, { recursive: true, force: true }));

const open = (): ReturnType<typeof openProjectStore> =>
  openProjectStore(
    home,
    () => nowMs,
    (text) => void notes.push(text),
  );
const nameAt = async (path: string): Promise<string> =>
  (JSON.parse(await readFile(path, 'utf8')) as { name: string }).name;

function projectWith(clipPath: string, resultPath?: string): Project {
  const result = { jobId: 'j', fingerprint: 'f', seconds: 1, estimateSeconds: 1 };
  return withClip(newProject('p', 'P'), {
    id: 'c',
    path: clipPath,
    name: 'a.mov',
    width: 640,
    height: 360,
    frames: 50,
    frameRate: '25/1',
    durationSec: 2,
    edits: [
      {
        ...newEdit('e', 'E'),
        ...(resultPath === undefined ? {} : { result: { path: resultPath, ...result } }),
      },
    ],
  });
}

describe('projects', () => {
  it('come back as they were saved', async () => {
    const store = open();
    const project = projectWith('/footage/a.mov', join(home, 'results', 'r.mp4'));
    const { path, savedAt, revision } = await store.save(project);
    expect(path).toBe(join(home, 'projects', 'p.hetcut'));
    expect(savedAt).toBe(nowMs);
    expect(await store.open(path)).toEqual({ project, path, revision });
    expect(await readdir(store.folder)).toEqual(['p.hetcut']);
  });

  it('are saved one after the other', async () => {
    const store = open();
    const names = Array.from({ length: 20 }, (_, save) => `save ${save}`);
    await Promise.all(names.map((name) => store.save(newProject('p', name))));
    expect(await nameAt(join(store.folder, 'p.hetcut'))).toBe('save 19');
    expect(await readdir(store.folder)).toEqual(['p.hetcut']);
  });

  it('say what is wrong with a file, and leave it as it is', async () => {
    const store = open();
    const path = join(home, 'mine.hetcut');
    await expect(store.open(path)).rejects.toMatchObject({ code: 'file-not-found' });
    await expect(store.open(home)).rejects.toMatchObject({ code: 'not-a-file' });
    await writeFile(path, '{"format": ');
    await expect(store.open(path)).rejects.toMatchObject({ code: 'project-file' });
    await writeFile(path, JSON.stringify({ ...newProject('p', 'P'), clips: [{}] }));
    await expect(store.open(path)).rejects.toThrow(/mine\.hetcut: clips\.0\.id/);
    const newer = JSON.stringify({ ...newProject('p', 'P'), version: 9, tracks: [] });
    await writeFile(path, newer);
    await expect(store.open(path)).rejects.toMatchObject({ code: 'project-version' });
    expect(await readFile(path, 'utf8')).toBe(newer);
  });

  it('are where the editor puts them, also behind a link, and nothing is left next to them', async () => {
    const store = open();
    await mkdir(join(home, 'films'));
    const path = join(home, 'films', 'street.hetcut');
    await store.save(newProject('p', 'one'), { path });
    await symlink(path, join(home, 'link.hetcut'));
    nowMs += 120_000;
    expect((await store.save(newProject('p', 'two'), { path: join(home, 'link.hetcut') })).path).toBe(path);
    expect(await nameAt(path)).toBe('two');
    expect(await readdir(join(home, 'films'))).toEqual(['street.hetcut']);
    expect(await store.backups(path)).toHaveLength(1);
    expect(await readdir(store.folder).catch(() => [])).toEqual([]);
  });
});

describe('media of a project', () => {
  it('are found next to it when the folder has moved, and where they were when the project has', async () => {
    const store = open();
    const film = join(home, 'film');
    await mkdir(join(film, 'footage'), { recursive: true });
    await mkdir(join(film, 'cuts'));
    const clip = join(film, 'footage', 'a.mov');
    await writeFile(clip, 'clip');
    const path = join(film, 'cuts', 'film.hetcut');
    await store.save(projectWith(clip), { path });
    const clipOf = async (at: string): Promise<string> => (await store.open(at)).project.clips[0].path;

    const alone = join(home, 'alone.hetcut');
    await cp(path, alone);
    expect(await clipOf(alone)).toBe(clip);

    const moved = join(home, 'archive');
    await rename(film, moved);
    expect(await clipOf(join(moved, 'cuts', 'film.hetcut'))).toBe(join(moved, 'footage', 'a.mov'));
    // Nowhere: as it was, for the message.
    expect(await clipOf(alone)).toBe(clip);
  });

  it.each([
    ['/a/b/c.mov', '/a/b', 'c.mov'],
    ['/a/x/c.mov', '/a/b', '../x/c.mov'],
    ['/a/c.mov', '/a/b/d', '../../c.mov'],
    // Nothing in common.
    ['/x/c.mov', '/a/b', null],
    ['/c.mov', '/a/b', null],
    ['/a/c.mov', '/', 'a/c.mov'],
  ])('%s is named from %s as %s', (path, folder, relative) => {
    expect(mediaPlace(path, folder)).toEqual({ absolute: path, relative });
  });
});

describe('two windows on a project', () => {
  it('do not write over each other', async () => {
    const store = open();
    const { path, revision } = await store.save(newProject('p', 'at first'));
    const mine = await store.save(newProject('p', 'mine'), { path, basedOn: revision });
    const theirs = store.save(newProject('p', 'theirs'), { path, basedOn: revision });
    await expect(theirs).rejects.toMatchObject({
      code: 'project-conflict',
      message: 'theirs was changed in another window since it was opened here.',
    });
    expect(await nameAt(path)).toBe('mine');
    // The other continues with what it has saved.
    const next = await store.save(newProject('p', 'mine again'), { path, basedOn: mine.revision });
    expect(next.revision).not.toBe(mine.revision);
    // Keep theirs: what it replaces stays as an earlier version.
    nowMs += 120_000;
    await store.save(newProject('p', 'theirs'), { path });
    expect(await nameAt(path)).toBe('theirs');
    const [newest] = await store.backups(path);
    await store.restore(path, newest.savedAt);
    expect(await nameAt(path)).toBe('mine again');
  });

  it('that did the same are no conflict, nor is a file that is gone', async () => {
    const store = open();
    const { path, revision } = await store.save(newProject('p', 'at first'));
    const one = await store.save(newProject('p', 'same'), { path, basedOn: revision });
    expect(await store.save(newProject('p', 'same'), { path, basedOn: revision })).toEqual(one);
    await rm(path);
    await store.save(newProject('p', 'again'), { path, basedOn: one.revision });
    expect(await nameAt(path)).toBe('again');
  });

  it('see what another program did to the file', async () => {
    const store = open();
    const { path, revision } = await store.save(newProject('p', 'mine'));
    await writeFile(path, JSON.stringify(newProject('p', 'from elsewhere')));
    const save = store.save(newProject('p', 'mine'), { path, basedOn: revision });
    await expect(save).rejects.toMatchObject({ code: 'project-conflict' });
    expect(await nameAt(path)).toBe('from elsewhere');
  });
});

describe('backups', () => {
  const minute = 60_000;
  const hour = 60 * minute;

  it('are the five newest, and of those before the last of each hour', () => {
    // Every ten minutes for four hours, from 12:00; newest first.
    const times = Array.from({ length: 24 }, (_, save) => 12 * hour + save * 10 * minute).reverse();
    const kept = times.filter((time) => !superfluousBackups(times).includes(time));
    const clock = kept.map((time) => `${Math.floor(time / hour)}:${(time % hour) / minute}`);
    expect(clock).toEqual(['15:50', '15:40', '15:30', '15:20', '15:10', '14:50', '13:50', '12:50']);
    const days = Array.from({ length: 100 }, (_, save) => (100 - save) * 24 * hour);
    expect(superfluousBackups(days)).toEqual(days.slice(20));
  });

  it('are made of what a save replaces, not twice within a minute, also across a restart', async () => {
    let basedOn: string | undefined;
    for (let save = 0; save < 12; save++) {
      ({ revision: basedOn } = await open().save(newProject('p', `save ${save}`), { basedOn }));
      nowMs += 20_000;
    }
    const store = open();
    const path = join(store.folder, 'p.hetcut');
    const found = await store.backups(path);
    expect(found.map(({ savedAt }) => savedAt - 1_700_000_000_000)).toEqual([
      200_000, 140_000, 80_000, 20_000,
    ]);
    const opened = await store.restore(path, found[1].savedAt);
    expect(opened.project.name).toBe('save 6');
    // What was there is one now, though the last is seconds old.
    const [newest] = await store.backups(path);
    expect((await store.restore(path, newest.savedAt)).project.name).toBe('save 11');
    await expect(store.restore(path, 7)).rejects.toMatchObject({ code: 'backup-missing' });
  });

  it('are always made of what is replaced unseen, and of what is given up', async () => {
    const store = open();
    const { path, revision } = await store.save(newProject('p', 'mine'));
    await store.save(newProject('p', 'theirs'), { path, basedOn: revision });
    // Within the minute after that backup: the editor keeps mine, or loads theirs.
    nowMs += 1000;
    await store.save(newProject('p', 'mine, later'), { path });
    await store.keepVersion(newProject('p', 'given up'), path);
    const names: string[] = [];
    for (const { savedAt } of await store.backups(path)) {
      names.push((await store.restore(path, savedAt)).project.name);
    }
    expect(names).toEqual(['given up', 'theirs', 'mine']);
    expect(await nameAt(path)).toBe('mine');
  });

  it('stand in for a damaged file, which is set aside and not lost', async () => {
    const store = open();
    const { path } = await store.save(newProject('p', 'one'));
    nowMs += 2 * minute;
    await store.save(newProject('p', 'two'));
    nowMs += 2 * minute;
    await store.save(newProject('p', 'three'));
    const damaged = (await readFile(path, 'utf8')).slice(0, 40);
    await writeFile(path, damaged);
    const opened = await store.open(path);
    expect(opened).toMatchObject({ project: { name: 'two' }, path, damage: { savedAt: nowMs } });
    expect(opened.damage?.message).toContain('p.hetcut is not JSON');
    expect(await readFile(path, 'utf8')).toBe(damaged);

    await store.save(newProject('p', 'four'), { path, basedOn: opened.revision });
    expect(await nameAt(path)).toBe('four');
    const [folder] = await readdir(join(home, 'backups'));
    const aside = (await readdir(join(home, 'backups', folder))).filter((name) => name.endsWith('.damaged'));
    expect(aside).toHaveLength(1);
    expect(await readFile(join(home, 'backups', folder, aside[0]), 'utf8')).toBe(damaged);
    // A backup that is damaged itself is passed over.
    const [newest] = await store.backups(path);
    await writeFile(join(home, 'backups', folder, `${newest.savedAt}.hetcut`), 'x');
    await writeFile(path, 'x');
    expect((await store.open(path)).project.name).toBe('one');
  });

  it('that cannot be made do not keep a project from being saved', async () => {
    const store = open();
    const path = join(home, 'film.hetcut');
    await store.save(newProject('p', 'one'), { path });
    await writeFile(join(home, 'backups'), 'in the way');
    await store.save(newProject('p', 'two'), { path });
    expect(await nameAt(path)).toBe('two');
    expect(notes).toEqual([expect.stringContaining('backups')]);
  });
});

describe('a project that cannot be saved', () => {
  it('says where and why, and the file is as it was', async () => {
    const store = open();
    const gone = join(home, 'gone', 'film.hetcut');
    await expect(store.save(newProject('p', 'P'), { path: gone })).rejects.toMatchObject({
      code: 'project-unsaved',
      message: `The project was not saved in ${join(home, 'gone')}: it is no longer there.`,
    });
    await writeFile(join(home, 'projects'), 'in the way');
    await expect(store.save(newProject('p', 'P'))).rejects.toMatchObject({ code: 'project-unsaved' });
  });
});

describe('recent projects', () => {
  it('are listed newest first, wherever they are, until they are forgotten', async () => {
    const store = open();
    expect(await store.recent()).toEqual([]);
    await mkdir(join(home, 'films'));
    const paths = ['a', 'b', 'c'].map((name) => join(home, 'films', `${name}.hetcut`));
    for (const path of paths) await store.save(newProject('p', `Project ${path.at(-8)}`), { path });
    const [a, b, c] = paths;
    for (const [path, seconds] of [
      [a, 200],
      [b, 300],
      [c, 100],
    ] as const) {
      await utimes(path, seconds, seconds);
    }
    const entry = (path: string, name: string, savedAt: number): object => ({ id: 'p', path, name, savedAt });
    expect(await open().recent()).toEqual([
      entry(b, 'Project b', 300_000),
      entry(a, 'Project a', 200_000),
      { ...entry(c, 'Project c', 100_000), interrupted: true },
    ]);
    await rm(b);
    expect((await store.recent()).at(-1)).toEqual({ ...entry(b, 'Project b', 0), missing: true });
    await store.forget(b);
    expect((await store.recent()).map(({ path }) => path)).toEqual([a, c]);
  });

  it('know which one was open when the program ended', async () => {
    const store = open();
    await store.save(newProject('a', 'A'));
    const { path } = await store.save(newProject('b', 'B'));
    const interrupted = async (): Promise<string[]> =>
      (await open().recent()).filter((project) => project.interrupted).map(({ name }) => name);
    expect(await interrupted()).toEqual(['B']);
    await store.open(join(store.folder, 'a.hetcut'));
    expect(await interrupted()).toEqual(['A']);
    await store.close();
    expect(await interrupted()).toEqual([]);
    await store.open(path);
    await rm(path);
    expect(await interrupted()).toEqual([]);
  });

  it('are not offered to one page while another has them open', async () => {
    const store = open();
    const { path: a } = await store.save(newProject('a', 'A'), {}, 'one');
    const { path: b } = await store.save(newProject('b', 'B'), {}, 'two');
    const states = async (page?: string): Promise<Record<string, string>> =>
      Object.fromEntries(
        (await store.recent(page)).map(({ name, interrupted, openElsewhere }) => [
          name,
          interrupted ? 'interrupted' : openElsewhere ? 'elsewhere' : 'closed',
        ]),
      );
    expect(await states('three')).toEqual({ A: 'elsewhere', B: 'elsewhere' });
    await store.close('two');
    expect(await states('three')).toEqual({ A: 'elsewhere', B: 'closed' });
    // The page goes away, and its last save arrives after that.
    await store.open(b, 'two');
    store.leave('one');
    await store.save(newProject('a', 'A'), { path: a }, 'one');
    expect(await states('three')).toEqual({ A: 'interrupted', B: 'elsewhere' });
    // What another page does meanwhile does not take it from who looks for it; a page without a project does.
    await store.save(newProject('b', 'B'), { path: b }, 'two');
    expect(await states('three')).toEqual({ A: 'interrupted', B: 'elsewhere' });
    await store.close('three');
    expect(await states('three')).toEqual({ A: 'closed', B: 'elsewhere' });
    // The program is killed: both were open.
    await store.open(a, 'three');
    expect((await open().recent()).map(({ interrupted }) => interrupted)).toEqual([true, true]);
    await store.closeAll();
    expect((await open().recent()).map(({ interrupted }) => interrupted)).toEqual([undefined, undefined]);
  });

  it('are read as they were listed when one page was all there was', async () => {
    const { path } = await open().save(newProject('a', 'A'));
    const projects = [{ path, id: 'a', name: 'A' }];
    await writeFile(join(home, 'recent.json'), JSON.stringify({ version: 1, open: path, projects }));
    expect(await open().recent()).toMatchObject([{ name: 'A', interrupted: true }]);
    await writeFile(join(home, 'recent.json'), JSON.stringify({ version: 1, open: null, projects }));
    expect((await open().recent())[0].interrupted).toBeUndefined();
  });

  it('are found again in their folder when the list is lost or damaged', async () => {
    const store = open();
    await store.save(newProject('a', 'A'));
    await writeFile(join(store.folder, 'b.hetcut'), 'damaged');
    for (const content of [undefined, 'damaged', '{"version": 1, "projects": 7}']) {
      await rm(join(home, 'recent.json'));
      if (content !== undefined) await writeFile(join(home, 'recent.json'), content);
      expect(await open().recent()).toMatchObject([{ name: 'A' }]);
      await open().save(newProject('a', 'A'));
    }
  });
});
