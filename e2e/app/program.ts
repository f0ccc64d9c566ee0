import { once } from 'node:events';
import { readFileSync, readdirSync } from 'node:fs';
import { basename, dirname, join, relative, sep } from 'node:path';
import { _electron, chromium, type Page } from 'playwright';
import type { MenuCommand } from '../../src-shared/ipc/index.ts';
import { root, startHetcut } from '../hetcut.ts';
import { en as texts } from '../../src-renderer/i18n/en.ts';

/** The program with its window, as one of its two carriers shows it. */
export interface Program {
  readonly page: Page;
  /** Errors of page and console since the start. */
  readonly problems: readonly string[];
  /** Answers what `ask` makes the program ask for: a file that is there, or where one is to be written. */
  choose(path: string, ask: () => Promise<void>): Promise<void>;
  /** Process ids of the hosts that run a job. */
  hostPids(): Promise<readonly number[]>;
  /** Ends all of it at once, as a power cut does. */
  kill(): Promise<void>;
  /** Ends it as an editor does. */
  close(): Promise<void>;
}

/** The program in a browser, which may show several windows of it. */
export interface BrowserProgram extends Program {
  /** Another window on the same program; its problems count as the program's. */
  openPage(): Promise<Page>;
}

/** The program in a window of its own. */
export interface DesktopProgram extends Program {
  chooseInNativeMenu(command: MenuCommand): Promise<void>;
}

export interface Place {
  /** HETCUT_HOME. */
  readonly home: string;
  /** What the browser may see of this machine. */
  readonly folder: string;
}

/** The window of every test, so that screenshots and positions are the same everywhere. */
const viewport = { width: 1440, height: 900 };

/** Only what hangs takes as long, in milliseconds, however busy the machine is. */
export const hangMs = 300_000;

function listen(page: Page, problems: string[] = []): string[] {
  page.setDefaultTimeout(hangMs);
  page.on('pageerror', (error) => problems.push(String(error)));
  page.on('console', (message) => {
    if (message.type() === 'error') problems.push(`${message.text()} ${message.location().url}`);
  });
  return problems;
}

/** Children of a process, by what the system says of every process. */
function childrenOf(pid: number): number[] {
  const parentOf = (one: string): number => {
    try {
      // The name, in brackets, may hold anything.
      return Number(readFileSync(`/proc/${one}/stat`, 'utf8').split(') ').at(-1)?.split(' ')[1]);
    } catch {
      return -1;
    }
  };
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && parentOf(name) === pid)
    .map(Number);
}

function commandOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
  } catch {
    return '';
  }
}

/** The page's own file browser: down from the folder that it begins with, and the file. */
async function browseTo(page: Page, folder: string, path: string): Promise<void> {
  const dialog = page.getByRole('dialog');
  for (const step of relative(folder, dirname(path)).split(sep).filter(Boolean)) {
    await dialog.getByRole('button', { name: step, exact: true }).click();
  }
  const name = dialog.getByLabel(texts['files.name']);
  if ((await name.count()) === 0) {
    await dialog.getByRole('button', { name: basename(path), exact: true }).click();
    return;
  }
  await name.fill(basename(path));
  await dialog.getByRole('button', { name: texts['files.save'], exact: true }).click();
}

/** `hetcut serve` with the built pages, in Chromium. */
export async function openInBrowser(chromiumPath: string, { home, folder }: Place): Promise<BrowserProgram> {
  const { child, ended } = startHetcut(['serve', '--folder', folder, '--json'], home);
  const [line] = (await Promise.race([
    once(child.stdout!, 'data'),
    ended.then(({ stdout, stderr }) => {
      throw new Error(`serve ended: ${stdout}${stderr}`);
    }),
  ])) as string[];
  const { url } = JSON.parse(line) as { url: string };
  const browser = await chromium.launch({
    executablePath: chromiumPath,
    timeout: hangMs,
    args: process.getuid?.() === 0 ? ['--no-sandbox'] : [],
  });
  const context = await browser.newContext({ viewport });
  const page = await context.newPage();
  const problems = listen(page);
  await page.goto(url);
  return {
    page,
    problems,
    async choose(path, ask) {
      await ask();
      await browseTo(page, folder, path);
    },
    async openPage() {
      const another = await context.newPage();
      listen(another, problems);
      await another.goto(new URL(url).origin);
      return another;
    },
    hostPids: async () => childrenOf(child.pid!).filter((pid) => /host\/entry\.mjs job/.test(commandOf(pid))),
    async kill() {
      child.kill('SIGKILL');
      await ended;
      await browser.close();
    },
    async close() {
      await browser.close();
      child.kill('SIGINT');
      await ended;
    },
  };
}

/** The built desktop program in Electron. */
export async function openInElectron(electronPath: string, { home }: Place): Promise<DesktopProgram> {
  const app = await _electron.launch({
    executablePath: electronPath,
    args: [...(process.getuid?.() === 0 ? ['--no-sandbox'] : []), join(root, 'dist/app/main.cjs')],
    env: { ...(process.env as Record<string, string>), HETCUT_HOME: home },
    timeout: hangMs,
  });
  const page = await app.firstWindow({ timeout: hangMs });
  const problems = listen(page);
  await app.evaluate(({ BrowserWindow }, size) => {
    BrowserWindow.getAllWindows()[0].setContentSize(size.width, size.height);
  }, viewport);
  return {
    page,
    problems,
    async choose(path, ask) {
      // The system's dialog cannot be driven; its answer can.
      await app.evaluate(({ dialog }, chosen) => {
        dialog.showOpenDialog = async () => ({ canceled: false, filePaths: [chosen] });
        dialog.showSaveDialog = async () => ({ canceled: false, filePath: chosen });
      }, path);
      await ask();
    },
    chooseInNativeMenu: (command) =>
      app.evaluate(({ Menu }, id) => {
        Menu.getApplicationMenu()?.getMenuItemById(id)?.click();
      }, command),
    hostPids: async () =>
      app.evaluate(({ app: running }) =>
        running
          .getAppMetrics()
          .filter(({ name, serviceName }) => [name, serviceName].includes('HetCut inference'))
          .map(({ pid }) => pid),
      ),
    async kill() {
      const ended = once(app.process(), 'exit');
      app.process().kill('SIGKILL');
      await ended;
    },
    close: () => app.close(),
  };
}
