import { spawn, type ChildProcess } from 'node:child_process';
import { cpSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

export const root = resolve(import.meta.dirname, '..');
export const demo = (name: string): string => resolve(root, 'assets/demo', name);

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
  /** stdout as JSON. */
  readonly json: () => Record<string, unknown>;
}

export interface Running {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
  /** Settles when stderr holds the text. */
  saw(text: string): Promise<void>;
}

/** Where the tests find the bundled command, and a home that it has been used with. */
export const commandVariable = 'HETCUT_TEST_COMMAND';
export const homeVariable = 'HETCUT_TEST_HOME';

function prepared(variable: string): string {
  const path = process.env[variable];
  if (path === undefined) throw new Error(`${variable} is not set: e2e/set-up.ts has not run`);
  return path;
}

/** Makes `home` one that has been used: the starter is imported, the machine's speed measured, no job ever run. */
export function prepareHome(home: string): void {
  cpSync(prepared(homeVariable), home, { recursive: true });
}

/** A file of the bundled command. */
const bundled = (name: string): string => join(prepared(commandVariable), `${name}.mjs`);

/** A module of the bundled command, loaded into the test: a host that it forks is the bundled one. */
export const importBundled = async <Module>(name: 'host/client'): Promise<Module> =>
  (await import(pathToFileURL(bundled(name)).href)) as Module;

/** Starts the bundled `hetcut` command in a process of its own, which is what its users do with the sources. */
export function startHetcut(args: readonly string[], home: string, prefix: readonly string[] = []): Running {
  const [command, ...rest] = [...prefix, process.execPath, bundled('cli/main')];
  const child = spawn(command, [...rest, ...args], {
    cwd: root,
    env: { ...process.env, HETCUT_HOME: home },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  const waiting: { text: string; settle: () => void }[] = [];
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
    for (const { text: wanted, settle } of waiting) if (stderr.includes(wanted)) settle();
  });
  const ended = new Promise<Ended>((settle) => {
    child.on('close', (code) =>
      settle({ code, stdout, stderr, json: () => JSON.parse(stdout) as Record<string, unknown> }),
    );
  });
  return {
    child,
    ended,
    saw: (text) =>
      new Promise((settle, fail) => {
        if (stderr.includes(text)) settle();
        waiting.push({ text, settle });
        void ended.then(() => fail(new Error(`the command ended before it said "${text}":\n${stderr}`)));
      }),
  };
}

export function hetcut(
  args: readonly string[],
  home: string,
  prefix: readonly string[] = [],
): Promise<Ended> {
  return startHetcut(args, home, prefix).ended;
}
