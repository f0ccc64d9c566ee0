import { spawn, type ChildProcess } from 'node:child_process';
import { resolve } from 'node:path';

export const root = resolve(import.meta.dirname, '..');
export const demo = (name: string): string => resolve(root, 'assets/demo', name);

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
  /** stdout as JSON. */
  json(): Record<string, unknown>;
}

export interface Running {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
  /** Settles when stderr holds the text. */
  saw(text: string): Promise<void>;
}

/** Starts the `hetcut` command as its users do: a process of its own. */
export function startHetcut(args: readonly string[], home: string, prefix: readonly string[] = []): Running {
  const [command, ...rest] = [...prefix, process.execPath, '--import', 'tsx'];
  const child = spawn(command, [...rest, resolve(root, 'src-main/cli/main.ts'), ...args], {
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
