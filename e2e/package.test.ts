import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { FuseV1Options, getCurrentFuseWire } from '@electron/fuses';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DoctorFinding, JobRow, Reply, SampleStart } from '../src-shared/ipc/index.ts';
import { newEdit } from '../src-shared/project/index.ts';
import { debugPage, type DebuggedPage } from './app/page-debugger.ts';
import { findElectron, isSkipped } from './app/runtimes.ts';
import { root } from './hetcut.ts';

const electron = findElectron();
const program = resolve(root, 'out/linux-unpacked/hetcut');

// The folder's layout is Linux's; the configuration has the others.
describe.skipIf(process.platform !== 'linux' || isSkipped(electron))('the packaged program', () => {
  let home: string;
  let app: ChildProcess;
  let page: DebuggedPage;

  async function call<Value>(name: string, input: unknown): Promise<Value> {
    const request = `hetcut.call(${JSON.stringify(name)}, ${JSON.stringify(input)})`;
    const reply = (await page.evaluate(request)) as Reply<unknown>;
    if (!reply.ok) throw new Error(`${name}: ${reply.code}: ${reply.message}`);
    return reply.value as Value;
  }

  beforeAll(async () => {
    if ('missing' in electron) throw new Error(`E2E_REQUIRED=1, and ${electron.missing}.`);
    const packed = spawnSync(process.execPath, ['src-main/app/package.mjs'], {
      cwd: root,
      encoding: 'utf8',
    });
    if (packed.status !== 0) throw new Error(`${packed.stdout}${packed.stderr}`);
    home = mkdtempSync(join(tmpdir(), 'hetcut-package-'));
    // The old Electron of the tests asks `df` for what newer ones know themselves.
    const bin = join(home, 'bin');
    mkdirSync(bin);
    symlinkSync(spawnSync('which', ['df'], { encoding: 'utf8' }).stdout.trim(), join(bin, 'df'));
    const { DISPLAY, XAUTHORITY } = process.env as Record<string, string>;
    // Its fuses keep Node's debugger out, by which Playwright starts an Electron; the page has a port of its own.
    const asRoot = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
    app = spawn(program, [...asRoot, '--remote-debugging-port=0'], {
      cwd: home,
      // Nothing of this checkout, and no ffmpeg of the system.
      env: {
        PATH: bin,
        HOME: home,
        HETCUT_HOME: join(home, 'home'),
        DISPLAY,
        ...(XAUTHORITY === undefined ? {} : { XAUTHORITY }),
      },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    page = await debugPage(app);
  });
  afterAll(async () => {
    page?.close();
    if (app?.exitCode === null) {
      const ended = once(app, 'exit');
      app.kill();
      await ended;
    }
    rmSync(home, { recursive: true, force: true });
  });

  it('shows its start screen', async () => {
    const isThere = "document.querySelector('.start-buttons') !== null";
    await expect.poll(() => page.evaluate(isThere)).toBe(true);
  });

  it('says its version and ends', () => {
    const asRoot = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
    const { stdout, status } = spawnSync(program, [...asRoot, '--version'], {
      encoding: 'utf8',
      timeout: 60_000,
    });
    const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };
    expect([stdout, status]).toEqual([`${version}\n`, 0]);
  });

  it('has the command line in it, which runs without a window', () => {
    const command = resolve(program, '../resources/hetcut');
    const run = (...args: string[]) =>
      spawnSync(command, args, {
        encoding: 'utf8',
        timeout: 120_000,
        // Nothing of this checkout, and no ffmpeg of the system; sh finds its own tools.
        env: { ...process.env, PATH: '/usr/bin:/bin', FFMPEG_PATH: '', HETCUT_HOME: join(home, 'command') },
      });
    const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };
    expect(run('--version')).toMatchObject({ status: 0, stdout: `${version}\n` });
    // Nothing but the command speaks.
    const help = run('--help');
    expect(help.status).toBe(0);
    expect(help.stderr).not.toContain('ERROR');
    const wrong = run('remove', 'nowhere.mp4', '--json');
    expect([wrong.status, JSON.parse(wrong.stdout)]).toMatchObject([2, { ok: false, code: 'usage' }]);
    // The bundled model in its own process, and files of the editor's.
    const [clip, mask] = ['campus.mp4', 'campus-mask.mkv'].map((name) =>
      resolve(program, '../resources/app.asar.unpacked/assets/demo', name),
    );
    const out = join(home, 'removed.mp4');
    const removed = run('remove', clip, '--mask', mask, '--out', out, '--range', '0:5', '--json');
    expect(removed.stderr.split('\n').some((line) => line.includes('"stage":"plate"'))).toBe(true);
    expect(JSON.parse(removed.stdout)).toMatchObject({ output: out, frames: 5 });
    expect(removed.status).toBe(0);
    expect(existsSync(out)).toBe(true);
  });

  it('carries what it needs, and what must be a file is next to the archive', async () => {
    const findings = await call<DoctorFinding[]>('app.doctor', {});
    expect(findings.filter(({ state }) => state === 'wrong')).toEqual([]);
    const binaries = findings
      .filter(({ part }) => part === 'ffmpeg' || part === 'ffprobe')
      .map(({ text }) => text);
    expect(binaries).toHaveLength(2);
    for (const text of binaries) expect(text).toContain('/resources/app.asar.unpacked/node_modules/');
    const unpacked = resolve(program, '../resources/app.asar.unpacked');
    const own = `onnxruntime-node/bin/napi-v6/linux/${process.arch}`;
    expect(existsSync(join(unpacked, 'node_modules', own, 'onnxruntime_binding.node'))).toBe(true);
    for (const name of ['LICENSE', 'THIRD-PARTY.md']) expect(existsSync(join(unpacked, name))).toBe(true);
    for (const outside of ['onnxruntime-node/bin/napi-v6/win32', 'react', 'typescript']) {
      expect(existsSync(join(unpacked, 'node_modules', outside))).toBe(false);
    }
  });

  it('is nothing but this program: its file runs no other code and has no debugger', async () => {
    const fuses = await getCurrentFuseWire(program);
    const { RunAsNode, EnableNodeOptionsEnvironmentVariable, EnableNodeCliInspectArguments } = FuseV1Options;
    // As they are written into the file.
    const [off, on] = ['0', '1'].map((state) => state.charCodeAt(0));
    expect(fuses[RunAsNode]).toBe(off);
    expect(fuses[EnableNodeOptionsEnvironmentVariable]).toBe(off);
    expect(fuses[EnableNodeCliInspectArguments]).toBe(off);
    expect(fuses[FuseV1Options.OnlyLoadAppFromAsar]).toBe(on);
  });

  it('opens the sample clip and runs a job on the bundled model', async () => {
    const { media: clip, shapes } = await call<SampleStart>('clip.sample', { name: 'removal' });
    expect(clip.frames).toBe(25);
    const { settings } = newEdit('e', 'E');
    await call<JobRow>('jobs.add', {
      projectId: 'p',
      clipId: 'c',
      editId: 'e',
      name: 'n',
      clipPath: clip.path,
      mask: { shapes },
      settings: { ...settings, steps: 1, method: 'full', plate: 'off' },
      range: { startFrame: 0, endFrame: 9 },
    });
    const newest = async (): Promise<JobRow> => (await call<JobRow[]>('jobs.list', {}))[0];
    await expect.poll(async () => (await newest()).state, { interval: 250 }).toMatch(/^(done|failed)$/);
    const { failure, result } = await newest();
    expect(failure).toBeUndefined();
    expect(result?.calls.full).toBeGreaterThan(0);
    expect(existsSync(result?.path as string)).toBe(true);
  });
});
