import { spawn, spawnSync } from 'node:child_process';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { _electron, type ElectronApplication, type Page } from 'playwright';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { JobRow, Reply } from '../src-shared/ipc/index.ts';
import { hangMs } from './app/program.ts';
import { findElectron, isSkipped, requirePath } from './app/runtimes.ts';
import { demo, prepareHome, root } from './hetcut.ts';
import '../src-main/media/testing/use-npm-binaries.ts';

const found = findElectron();
const bundles = resolve(root, 'dist/test-app');

interface TestWindow {
  readonly hetcut: {
    call(name: string, input: unknown): Promise<Reply<unknown>>;
    pathOfFile(file: unknown): string;
  };
  readonly events: { readonly name: string; readonly value: unknown }[];
  readonly inlineRan?: boolean;
}

describe.skipIf(isSkipped(found))('the desktop program', () => {
  let electron: string;
  /** A clip of these tests alone, its mask beside it: others decode the bundled one at the same time. */
  let clips: string;
  let campus: string;
  let home: string;
  let app: ElectronApplication;
  let page: Page;

  beforeAll(() => {
    clips = mkdtempSync(join(tmpdir(), 'hetcut-desktop-clips-'));
    campus = join(clips, 'campus.mp4');
    for (const name of ['campus.mp4', 'campus-mask.mkv']) copyFileSync(demo(name), join(clips, name));
    electron = requirePath(found);
    const fixture = (name: string): string => resolve(root, 'e2e/fixtures/desktop', name);
    const build = ['src-main/app/build.mjs', '--main', fixture('main.ts'), '--out', bundles];
    const { status, stderr } = spawnSync(process.execPath, build, { cwd: root, encoding: 'utf8' });
    if (status !== 0) throw new Error(stderr);
    mkdirSync(join(bundles, 'pages'));
    for (const name of ['index.html', 'page.js']) copyFileSync(fixture(name), join(bundles, 'pages', name));
    writeFileSync(join(bundles, 'secret.json'), '{}');
  });
  afterAll(() => {
    for (const made of [bundles, clips]) rmSync(made, { recursive: true, force: true });
  });

  const args = (): string[] => [
    ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
    join(bundles, 'main.cjs'),
  ];
  const env = (): Record<string, string> => ({
    ...(process.env as Record<string, string>),
    HETCUT_HOME: home,
  });

  async function launch(): Promise<void> {
    app = await _electron.launch({ executablePath: electron, args: args(), env: env(), timeout: hangMs });
    page = await app.firstWindow({ timeout: hangMs });
    page.setDefaultTimeout(hangMs);
    await page.waitForFunction(() => document.title === 'Ready');
  }
  const call = (name: string, input: unknown, on = page): Promise<Reply<unknown>> =>
    on.evaluate(([n, i]) => (window as unknown as TestWindow).hetcut.call(n as string, i), [name, input]);
  const jobs = async (): Promise<JobRow[]> => ((await call('jobs.list', {})) as { value: JobRow[] }).value;
  async function until(isSo: (row: JobRow) => boolean): Promise<JobRow> {
    for (;;) {
      const [row] = await jobs();
      if (isSo(row) || row.state === 'failed' || row.state === 'done') return row;
      await new Promise((settle) => setTimeout(settle, 20));
    }
  }
  /** Picks a file as an editor does, and hands it to the preload script. */
  async function pick(path: string): Promise<string> {
    await page.setInputFiles('#file', path);
    return page.evaluate(() => {
      const [file] = (document.getElementById('file') as HTMLInputElement).files as FileList;
      return (window as unknown as TestWindow).hetcut.pathOfFile(file);
    });
  }
  async function addJob(): Promise<void> {
    const clipPath = await pick(campus);
    const settings = {
      kind: 'remove',
      prompt: '',
      negativePrompt: '',
      seed: 0,
      modelId: 'starter',
      preset: 'fast',
      plate: 'off',
    };
    const input = {
      projectId: 'p',
      clipId: 'c',
      editId: 'e',
      name: 'n',
      clipPath,
      mask: { shapes: [] },
      settings,
    };
    expect(await call('jobs.add', input)).toMatchObject({ ok: true });
  }
  const isSampling = (row: JobRow): boolean => row.progress?.stage === 'sample';
  const hostPids = async (): Promise<number[]> =>
    app.evaluate(({ app: running }) =>
      running
        .getAppMetrics()
        .filter(({ serviceName, name }) => name === 'HetCut inference' || serviceName === 'HetCut inference')
        .map(({ pid }) => pid),
    );
  const ffmpegs = (): string =>
    spawnSync('pgrep', ['-fa', `ffmpeg .*${campus}`], { encoding: 'utf8' }).stdout.trim();
  const partials = (): string[] => readdirSync(home).filter((name) => name.includes('partial'));

  beforeEach(async () => {
    home = mkdtempSync(join(tmpdir(), 'hetcut-desktop-'));
    prepareHome(home);
    await launch();
  });
  afterEach(async () => {
    await app.close();
    rmSync(home, { recursive: true, force: true });
  });

  it('keeps the page apart from Node, and runs no inline script', async () => {
    const seen = await page.evaluate(() => ({
      require: typeof (globalThis as { require?: unknown }).require,
      process: typeof (globalThis as { process?: unknown }).process,
      bridge: Object.keys((window as unknown as TestWindow).hetcut).sort(),
      inline: (window as unknown as TestWindow).inlineRan,
      secure: isSecureContext,
      address: location.href,
    }));
    expect(seen).toEqual({
      require: 'undefined',
      process: 'undefined',
      bridge: ['call', 'onEvent', 'pathOfFile', 'platform'],
      inline: undefined,
      secure: true,
      address: 'hetcut://app/index.html',
    });
    const preferences = await app.evaluate(({ BrowserWindow }) => {
      const [{ webContents }] = BrowserWindow.getAllWindows();
      return (
        webContents as unknown as { getLastWebPreferences(): Record<string, unknown> }
      ).getLastWebPreferences();
    });
    expect(preferences).toMatchObject({ contextIsolation: true, sandbox: true, nodeIntegration: false });
  });

  it('goes nowhere, opens nothing, loads nothing from outside and grants nothing', async () => {
    const opened = await page.evaluate(() => window.open('hetcut://app/index.html'));
    expect(opened).toBeNull();
    const blocked = await page.evaluate(async () => {
      const failed = (address: string): Promise<boolean> =>
        fetch(address).then(
          () => false,
          () => true,
        );
      return [await failed('http://127.0.0.1:9/'), await failed('file:///etc/hostname')];
    });
    expect(blocked).toEqual([true, true]);
    const permission = await page.evaluate(async () => {
      const media = await navigator.mediaDevices.getUserMedia({ audio: true }).then(
        () => 'granted',
        (error: Error) => error.name,
      );
      return [media, await Notification.requestPermission()];
    });
    expect(permission[0]).not.toBe('granted');
    expect(permission[1]).toBe('denied');
    for (const address of ['http://127.0.0.1:9/', 'file:///etc/hostname', 'data:text/html,x']) {
      await page.evaluate((to) => void (location.href = to), address).catch(() => undefined);
    }
    expect(await call('app.info', {})).toMatchObject({ ok: true });
    expect(page.url()).toBe('hetcut://app/index.html');
    expect(app.windows()).toHaveLength(1);
  });

  it('serves its pages and media, and no other file', async () => {
    const fetched = await page.evaluate(async () => {
      const get = async (path: string, headers: Record<string, string> = {}): Promise<[number, string]> => {
        const reply = await fetch(path, { headers });
        return [reply.status, await reply.text()];
      };
      return {
        media: await get('/media/a/frame/3.jpg?h=90'),
        part: await get('/media/a/audio', { range: 'bytes=2-5' }),
        absent: (await get('/absent.js'))[0],
        outside: (await get('/..%2fsecret.json'))[0],
        deeper: (await get('/x/..%2f..%2fsecret.json'))[0],
        bad: (await get('/%E0%A4%A.js'))[0],
      };
    });
    expect(fetched).toEqual({
      media: [200, '/media/a/frame/3.jpg?h=90 whole'],
      part: [206, '/media/a/audio bytes=2-5'],
      absent: 404,
      outside: 404,
      deeper: 404,
      bad: 400,
    });
  });

  it('answers requests, and names the field of a malformed one', async () => {
    expect(await call('app.info', {})).toMatchObject({
      ok: true,
      value: { version: 'test', nativeDialogs: true },
    });
    const wrong = await call('jobs.cancel', { jobId: 7 });
    expect(wrong).toMatchObject({ ok: false, code: 'ipc-input' });
    expect((wrong as { message: string }).message).toMatch(/^jobs\.cancel: jobId: /);
    expect(await call('constructor', {})).toMatchObject({ ok: false, code: 'ipc-request' });
  });

  it('lives through malformed requests over the real IPC, and says of each what is wrong', async () => {
    const names = ['app.info', 'jobs.add', 'project.save', 'files.show', 'no.such', ''];
    const replies = await page.evaluate(async (known) => {
      const loop: Record<string, unknown> = {};
      loop['self'] = loop;
      const odd: unknown[] = [
        undefined,
        null,
        NaN,
        7,
        'x',
        [],
        true,
        10n,
        new Map([[1, 2]]),
        new Date(0),
        loop,
        new Uint8Array(9),
        { path: 'x'.repeat(5_000_000) },
        Object.create({ path: '/a' }),
        { path: { toString: 1 } },
        { surplus: 1 },
      ];
      const { hetcut } = window as unknown as TestWindow;
      const pairs = [
        ...known.flatMap((name) => odd.map((input) => [name, input] as const)),
        ...odd.map((name) => [name, {}] as const),
      ];
      return Promise.all(
        pairs.map(([name, input]) =>
          hetcut.call(name as string, input).then(
            (reply) => (reply.ok ? 'ok' : `${reply.code}: ${reply.message}`),
            (error: Error) => `not sent: ${error.message}`,
          ),
        ),
      );
    }, names);
    const unclear = replies.filter(
      (text) => !/^(ipc-input: [a-z]+\.[a-zA-Z]+: .+: .+|ipc-request: There is no request .+|ok$)/.test(text),
    );
    expect(unclear).toEqual([]);
    // Only an empty input is right, and only for what takes none.
    expect(replies.filter((text) => text === 'ok').length).toBeLessThan(8);
    expect(await call('app.info', {})).toMatchObject({ ok: true });
  });

  it('says that its folder cannot be written to, and ends', async () => {
    const file = join(home, 'a-file');
    writeFileSync(file, '');
    const started = spawnSync(electron, args(), {
      env: { ...env(), HETCUT_HOME: join(file, 'home') },
      encoding: 'utf8',
      timeout: hangMs,
    });
    expect(started.status).toBe(1);
    expect(started.stderr).toMatch(/HetCut cannot start.*cannot be written.*Set HETCUT_HOME/s);
  });

  it('refuses a window that is not its own, though it shows the same page', async () => {
    const opening = app.waitForEvent('window');
    await app.evaluate(
      ({ BrowserWindow }, preload) => {
        const other = new BrowserWindow({
          show: false,
          webPreferences: { preload, sandbox: true, contextIsolation: true },
        });
        void other.loadURL('hetcut://app/index.html');
      },
      join(bundles, 'preload.cjs'),
    );
    const other = await opening;
    await other.waitForFunction(() => document.title === 'Ready');
    expect(await call('app.info', {}, other)).toMatchObject({ ok: false, code: 'ipc-sender' });
    expect(await call('app.info', {})).toMatchObject({ ok: true });
    await app.evaluate(({ BrowserWindow }) => {
      for (const window of BrowserWindow.getAllWindows()) if (!window.isVisible()) window.destroy();
    });
  });

  it('opens only paths that were chosen', async () => {
    const path = demo('bunny.mp4');
    expect(await call('files.show', { path })).toMatchObject({ ok: false, code: 'path-refused' });
    const forged = await page.evaluate(
      (wanted) => [
        (window as unknown as TestWindow).hetcut.pathOfFile({ path: wanted }),
        (window as unknown as TestWindow).hetcut.pathOfFile(new File(['x'], wanted)),
      ],
      path,
    );
    expect(forged).toEqual(['', '']);
    expect(await call('files.show', { path })).toMatchObject({ ok: false, code: 'path-refused' });
    expect(await pick(path)).toBe(path);
    expect(await call('files.show', { path })).toMatchObject({ ok: true });
  });

  it('shows a second start in the first window, with the project that it named', async () => {
    const project = join(home, 'cut.hetcut');
    writeFileSync(project, '{}');
    await app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0].minimize());
    const second = spawn(electron, [...args(), project], { env: env(), stdio: 'ignore' });
    await new Promise((settle) => second.on('exit', settle));
    await page.waitForFunction(() => (window as unknown as TestWindow).events.length > 0);
    expect(await page.evaluate(() => (window as unknown as TestWindow).events[0])).toEqual({
      name: 'menu.chosen',
      value: { command: 'project.open', path: project },
    });
    expect(await call('files.show', { path: project })).toMatchObject({ ok: true });
    const shown = await app.evaluate(({ BrowserWindow }) =>
      BrowserWindow.getAllWindows().map((w) => w.isMinimized()),
    );
    expect(shown).toEqual([false]);
  });

  it('opens a clip that a second start names, as "Open with" does', async () => {
    const second = spawn(electron, [...args(), campus], { env: env(), stdio: 'ignore' });
    await new Promise((settle) => second.on('exit', settle));
    await page.waitForFunction(() => (window as unknown as TestWindow).events.length > 0);
    expect(await page.evaluate(() => (window as unknown as TestWindow).events)).toEqual([
      { name: 'menu.chosen', value: { command: 'clip.open', path: campus } },
    ]);
    expect(await call('files.show', { path: campus })).toMatchObject({ ok: true });
  });

  it('speaks the window’s language in its menu, also after the next start', async () => {
    const menus = (): Promise<string[] | undefined> =>
      app.evaluate(({ Menu }) => Menu.getApplicationMenu()?.items.map(({ label }) => label));
    expect(await menus()).toEqual(['File', 'Edit', 'View', 'Tools', 'Window', 'Help']);
    const german = ['Datei', 'Bearbeiten', 'Ansicht', 'Werkzeuge', 'Fenster', 'Hilfe'];
    await call('app.language', { language: 'de' });
    await expect.poll(menus).toEqual(german);
    await app.close();
    await launch();
    await expect.poll(menus).toEqual(german);
  });

  it('copies a report for support from its menu', async () => {
    await app.evaluate(({ Menu }) => {
      Menu.getApplicationMenu()?.getMenuItemById('log.copy')?.click();
    });
    const copied = (): Promise<string> =>
      app.evaluate(async ({ clipboard }) => String(await clipboard.readText()));
    await expect.poll(copied).toMatch(/^HetCut test\n/);
    const lines = (await copied()).split('\n');
    expect(lines).toContain('ffmpeg: ok: ffmpeg of the test');
    expect(lines.at(-1)).toMatch(/started, Electron/);
  });

  it('has a menu whose commands reach the page, with the recent projects', async () => {
    const labels = await app.evaluate(({ Menu }) => {
      const menu = Menu.getApplicationMenu();
      menu?.getMenuItemById('clip.open')?.click();
      return menu?.items[0].submenu?.items
        .find(({ label }) => label === 'Open recent')
        ?.submenu?.items.map((i) => i.label);
    });
    expect(labels).toEqual(['P']);
    await page.waitForFunction(() => (window as unknown as TestWindow).events.length > 0);
    expect(await page.evaluate(() => (window as unknown as TestWindow).events)).toEqual([
      { name: 'menu.chosen', value: { command: 'clip.open' } },
    ]);
  });

  it('comes back where it was, also after a crash or with a damaged file', async () => {
    const settingsPath = join(home, 'app/settings.json');
    const bounds = { x: 60, y: 40, width: 1000, height: 640 };
    const place = (): Promise<unknown> =>
      app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0].getBounds());
    await app.evaluate(({ BrowserWindow }, to) => BrowserWindow.getAllWindows()[0].setBounds(to), bounds);
    const stored = (): unknown =>
      existsSync(settingsPath)
        ? (JSON.parse(readFileSync(settingsPath, 'utf8')) as { window: unknown }).window
        : undefined;
    await expect.poll(stored).toMatchObject(bounds);
    const ended = new Promise((settle) => app.process().once('exit', settle));
    app.process().kill('SIGKILL');
    await ended;
    await launch();
    expect(await place()).toEqual(bounds);
    await app.close();
    writeFileSync(settingsPath, '{"window": {"x":');
    await launch();
    expect(await place()).not.toEqual(bounds);
  });

  it('loads its page again when it crashed', async () => {
    await app.evaluate(({ BrowserWindow }) =>
      BrowserWindow.getAllWindows()[0].webContents.forcefullyCrashRenderer(),
    );
    const isReady = (): Promise<boolean> =>
      app.evaluate(({ BrowserWindow }) => {
        const [{ webContents }] = BrowserWindow.getAllWindows();
        return !webContents.isCrashed() && !webContents.isLoading() && webContents.getTitle() === 'Ready';
      });
    await expect.poll(isReady).toBe(true);
  });

  it('runs a job on the starter model in a utility process, keeps the machine awake for it, and logs it', async () => {
    const isAwake = (): Promise<boolean> =>
      app.evaluate(({ powerSaveBlocker }) => [0, 1, 2].some((id) => powerSaveBlocker.isStarted(id)));
    expect(await isAwake()).toBe(false);
    await addJob();
    await until(({ state }) => state === 'running');
    expect(await isAwake()).toBe(true);
    const { state, result, failure } = await until(() => false);
    await expect.poll(isAwake).toBe(false);
    expect(readFileSync(join(home, 'logs/hetcut.log'), 'utf8')).toMatch(
      /info job0: running\n.*info job0: done\n$/s,
    );
    expect(failure).toBeUndefined();
    expect(state).toBe('done');
    expect(
      (result?.calls.full ?? 0) + (result?.calls.partial ?? 0) + (result?.calls.reuse ?? 0),
    ).toBeGreaterThanOrEqual(2);
    expect(existsSync(result?.path as string)).toBe(true);
    expect(await hostPids()).toEqual([]);
    expect(partials()).toEqual([]);
  });

  // While ffmpeg decodes, and inside a network call.
  it.each(['plate', 'sample'])(
    'says clearly that the host died (%s), and leaves nothing of it',
    async (stage) => {
      await addJob();
      await until((row) => row.progress?.stage === stage);
      const pids = await hostPids();
      expect(pids).toHaveLength(1);
      if (stage === 'plate') expect(ffmpegs()).not.toBe('');
      process.kill(pids[0], 'SIGKILL');
      const { state, failure } = await until(() => false);
      expect(state).toBe('failed');
      expect(failure).toMatchObject({ code: 'host-died' });
      expect(failure?.message).toMatch(/inference process ended unexpectedly/);
      expect(failure?.hint).toMatch(/memory.*again/);
      expect(partials()).toEqual([]);
      await expect.poll(ffmpegs).toBe('');
      expect(await call('app.info', {})).toMatchObject({ ok: true });
    },
  );

  it('cancels a job inside a network call', async () => {
    await addJob();
    await until(isSampling);
    await call('jobs.cancel', { jobId: 'job0' });
    const { state } = await until((row) => row.state === 'cancelled');
    expect(state).toBe('cancelled');
    expect(await hostPids()).toEqual([]);
    expect(partials()).toEqual([]);
  });
});
