/**
 * What Node 16, inside Electron 22, lacks of what the program calls; newer ones have it and nothing changes.
 * The bundles load this first. The end-to-end tests run on such an Electron where a newer cannot be downloaded.
 */
import { execFile } from 'node:child_process';
import fs from 'node:fs/promises';
import os from 'node:os';
import { promisify } from 'node:util';
import v8 from 'node:v8';

interface FreeBlocks {
  readonly bavail: number;
  readonly bsize: number;
}

/** Free space of the file system that holds `path`, as `df` says (POSIX output, blocks of 1024 bytes). */
async function freeBlocks(path: string): Promise<FreeBlocks> {
  const { stdout } = await promisify(execFile)('df', ['-Pk', path]);
  const line = stdout.trim().split('\n').at(-1) ?? '';
  const columns = /\s(\d+)\s+(\d+)\s+(\d+)\s+\d+%\s/.exec(line);
  if (columns === null) throw new Error(`df said of ${path}: ${stdout}`);
  return { bavail: Number(columns[3]), bsize: 1024 };
}

(os as { availableParallelism?: unknown }).availableParallelism ??= () => os.cpus().length;

const incomplete = fs as { statfs?: unknown };
incomplete.statfs ??= freeBlocks;

/**
 * In Electron 22 a buffer that `v8.serialize` made ends the process (SIGTRAP) when it is collected: its memory does not
 * come from V8's memory cage but is given back to it. There such buffers are kept until the process ends.
 */
const kept: Buffer[] = [];
if (Number(process.versions.node.split('.')[0]) < 18) {
  const { serialize } = v8;
  v8.serialize = (value) => {
    const bytes = serialize(value);
    kept.push(bytes);
    return bytes;
  };
}

/** A signal that is aborted with the first of `signals`, and with its reason. */
function firstOf(signals: readonly AbortSignal[]): AbortSignal {
  const controller = new AbortController();
  const { signal } = controller;
  for (const one of signals) {
    const follow = (): void => controller.abort(one.reason);
    if (one.aborted) follow();
    // No longer than it is needed: a signal that lasts as long as the program must not collect listeners.
    else one.addEventListener('abort', follow, { once: true, signal });
  }
  return signal;
}

(AbortSignal as { any?: unknown }).any ??= firstOf;
