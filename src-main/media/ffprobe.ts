import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { HetcutError, cancelledError } from '../../src-shared/core/errors/index.ts';

export interface Ffprobe {
  /** Runs ffprobe on `path` with `-print_format json` and returns the parsed document. */
  json(path: string, options: readonly string[], signal?: AbortSignal): Promise<unknown>;
  /** Runs ffprobe and gives its output line by line; for lists as long as the clip. */
  lines(path: string, options: readonly string[], signal?: AbortSignal): AsyncIterable<string>;
}

const keptErrorChars = 2000;

/** What ffprobe said, without its memory addresses and the repeated file name. */
function complaint(text: string, path: string): string {
  const lines = text.split('\n').map((line) => line.replace(/^\[(\w[^@\]]*) @ 0x[0-9a-f]+\] /, '').replace(`${path}: `, ''));
  return [...new Set(lines.map((line) => line.trim()).filter(Boolean))].slice(0, 4).join('; ');
}

/** Runs the ffprobe at `binaryPath`. Its failures are HetcutError `ffprobe-failed`, with its words as the message. */
export function createFfprobe(binaryPath: string): Ffprobe {
  async function* lines(path: string, options: readonly string[], signal?: AbortSignal): AsyncGenerator<string> {
    if (signal?.aborted) throw cancelledError();
    const child = spawn(
      binaryPath,
      ['-v', 'error', '-protocol_whitelist', 'file,pipe,crypto,data', ...options, '-i', path],
      { stdio: ['ignore', 'pipe', 'pipe'], windowsHide: true },
    );
    const kill = (): void => void child.kill('SIGKILL');
    signal?.addEventListener('abort', kill, { once: true });
    process.once('exit', kill);
    let errors = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      errors = (errors + text).slice(0, keptErrorChars);
    });
    const closed = new Promise<number | null>((resolve, reject) => {
      child.once('error', reject);
      child.once('close', resolve);
    });
    closed.catch(() => undefined);
    try {
      yield* createInterface({ input: child.stdout, crlfDelay: Infinity });
      const code = await closed;
      if (signal?.aborted) throw cancelledError();
      if (code !== 0) {
        throw new HetcutError('ffprobe-failed', complaint(errors, path) || `ffprobe ended with code ${code}`, {
          hint: 'Check that the file plays.',
        });
      }
    } finally {
      kill();
      process.off('exit', kill);
      signal?.removeEventListener('abort', kill);
    }
  }
  return {
    lines,
    async json(path, options, signal) {
      const parts: string[] = [];
      for await (const line of lines(path, ['-print_format', 'json', ...options], signal)) parts.push(line);
      return JSON.parse(parts.join('\n')) as unknown;
    },
  };
}
