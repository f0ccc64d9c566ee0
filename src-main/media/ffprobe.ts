import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { open } from 'node:fs/promises';
import { dirname } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { HetcutError, cancelledError } from '../../src-shared/core/errors/index.ts';
import type { Binary } from './binaries.ts';
import { killAtExit } from './kill-at-exit.ts';

export interface ProbeCall {
  /** Feeds this file to standard input; then the path to probe is "pipe:0". */
  readonly stdinPath?: string;
  readonly signal?: AbortSignal | undefined;
  /** Called with what ffprobe complained of although it continued. */
  readonly onComplaint?: (text: string) => void;
}

export interface Ffprobe {
  /** Runs ffprobe on `path` with `-print_format json` and returns the parsed document. */
  json(path: string, options: readonly string[], call?: ProbeCall): Promise<unknown>;
  /** Runs ffprobe and returns its output line by line; for lists as long as the clip. */
  lines(path: string, options: readonly string[], call?: ProbeCall): AsyncIterable<string>;
  /** The descriptors of all pixel formats that it knows. */
  pixelFormats(): Promise<unknown>;
}

const keptErrorChars = 2000;

/** What ffprobe said, without its memory addresses and the repeated file name. */
function complaint(text: string, path: string): string {
  const lines = text
    .split('\n')
    .map((line) => line.replace(/^\[(\w[^@\]]*) @ 0x[0-9a-f]+\] /, '').replace(`${path}: `, ''));
  return [...new Set(lines.map((line) => line.trim()).filter(Boolean))].slice(0, 4).join('; ');
}

/** It said something that no ffprobe says that HetCut knows. `path`: of what it was asked. */
export function unreadableOutput(path: string, cause: unknown): HetcutError {
  return new HetcutError('ffprobe-output', `What ffprobe says of ${path} cannot be understood.`, {
    hint: 'Check that the file plays. Install ffmpeg 5 or newer; `hetcut doctor` shows which one is used.',
    cause,
  });
}

/**
 * npm's ffprobe, and others that are linked statically, crash on MPEG-TS when their libc loads the system's character
 * set modules; a folder without modules keeps them from that.
 */
export function toolEnvironment(binary: Binary): NodeJS.ProcessEnv {
  return binary.version.endsWith('-static')
    ? { ...process.env, GCONV_PATH: dirname(binary.path) }
    : process.env;
}

/** Runs ffprobe. Its failures are HetcutError `ffprobe-failed`, with its words as the message. */
export function createFfprobe(binary: Binary): Ffprobe {
  async function* run(args: readonly string[], path: string, call: ProbeCall = {}): AsyncGenerator<string> {
    const { signal } = call;
    if (signal?.aborted) throw cancelledError();
    const stdin = call.stdinPath === undefined ? undefined : await open(call.stdinPath);
    const child = spawn(binary.path, ['-v', 'error', ...args], {
      env: toolEnvironment(binary),
      stdio: [stdin?.fd ?? 'ignore', 'pipe', 'pipe'],
      windowsHide: true,
    }) as ChildProcessByStdio<null, Readable, Readable>;
    const kill = (): void => void child.kill('SIGKILL');
    signal?.addEventListener('abort', kill, { once: true });
    const release = killAtExit(kill);
    let errors = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      errors = (errors + text).slice(0, keptErrorChars);
    });
    const closed = new Promise<number | NodeJS.Signals>((resolve, reject) => {
      child.once('error', reject);
      child.once('close', (code: number | null, killedBy: NodeJS.Signals | null) =>
        resolve(code ?? killedBy ?? 'SIGKILL'),
      );
    });
    closed.catch(() => undefined);
    // Everything listens by now: what comes out of a process that nobody listens to is thrown away.
    const output = createInterface({ input: child.stdout, crlfDelay: Infinity });
    try {
      yield* output;
      const code = await closed;
      if (signal?.aborted) throw cancelledError();
      if (typeof code === 'string') {
        throw new HetcutError('ffprobe-crashed', `ffprobe crashed on ${path} (${code}).`, {
          hint: 'Install ffmpeg 5 or newer; `hetcut doctor` shows which one is used.',
        });
      }
      if (code !== 0) {
        throw new HetcutError(
          'ffprobe-failed',
          complaint(errors, path) || `ffprobe ended with code ${code}`,
          {
            hint: 'Check that the file plays.',
          },
        );
      }
      if (errors !== '') call.onComplaint?.(complaint(errors, path));
    } finally {
      output.close();
      kill();
      release();
      await stdin?.close();
      signal?.removeEventListener('abort', kill);
    }
  }
  const inputOf = (path: string): string[] => ['-protocol_whitelist', 'file,pipe,crypto,data', '-i', path];
  const document = async (printed: AsyncIterable<string>, path: string): Promise<unknown> => {
    const parts: string[] = [];
    for await (const line of printed) parts.push(line);
    try {
      return JSON.parse(parts.join('\n')) as unknown;
    } catch (cause) {
      throw unreadableOutput(path, cause);
    }
  };
  const asJson = ['-print_format', 'json'];
  return {
    lines: (path, options, call) => run([...options, ...inputOf(path)], path, call),
    json: (path, options, call) => document(run([...asJson, ...options, ...inputOf(path)], path, call), path),
    pixelFormats: () => document(run([...asJson, '-show_pixel_formats'], binary.path), binary.path),
  };
}
