import { execFile } from 'node:child_process';
import { cpus, freemem, totalmem } from 'node:os';
import { promisify } from 'node:util';
import type { DeviceState } from '../../src-shared/ipc/index.ts';
import { createOrt } from '../ort/index.ts';

const mib = 2 ** 20;
const query = ['--query-gpu=name,memory.used,memory.total', '--format=csv,noheader,nounits'];

/** The first card that `nvidia-smi` lists, which is the one that computes; undefined where it says something else. */
export function parseCard(csv: string): Omit<DeviceState, 'provider'> | undefined {
  const [, name, used, total] = /^(.+), *(\d+), *(\d+) *$/m.exec(csv) ?? [];
  if (name === undefined) return undefined;
  const device = name.replace(/^NVIDIA +/i, '').replace(/^GeForce +/i, '');
  return { device, usedBytes: Number(used) * mib, totalBytes: Number(total) * mib };
}

/** A processor's name without what its maker adds to it. */
export function shortProcessor(model: string): string {
  const short = model
    .replace(/\((?:R|TM)\)/gi, '')
    .replace(/@.*$/, '')
    .replace(/\b(?:CPU|Processor|\d+-Core)\b/gi, '')
    .replace(/\s+/g, ' ')
    .trim();
  return short === '' ? 'CPU' : short;
}

async function readCard(): Promise<Omit<DeviceState, 'provider'> | undefined> {
  try {
    const { stdout } = await promisify(execFile)('nvidia-smi', query, { timeout: 5000, windowsHide: true });
    return parseCard(stdout);
  } catch {
    // Only its name and memory are not known.
    return undefined;
  }
}

/**
 * What computes here, and how much of its memory is in use: of the graphics card where it is known, else of the
 * machine. Which one it is does not change while the program runs.
 */
export function watchDevice(): () => Promise<DeviceState> {
  let provider: Promise<DeviceState['provider']> | undefined;
  return async () => {
    provider ??= createOrt()
      .describeRuntime()
      .then((runtime) => runtime.provider);
    const found = await provider;
    const card = found === 'cuda' ? await readCard() : undefined;
    if (card !== undefined) return { provider: found, ...card };
    const device = found === 'cpu' ? shortProcessor(cpus()[0]?.model ?? '') : found.toUpperCase();
    return { provider: found, device, usedBytes: totalmem() - freemem(), totalBytes: totalmem() };
  };
}
