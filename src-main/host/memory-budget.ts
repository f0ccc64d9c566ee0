import { execFile } from 'node:child_process';
import { totalmem } from 'node:os';
import { promisify } from 'node:util';
import { usageError } from '../../src-shared/core/errors/index.ts';
import type { MemoryBudget } from '../engine/plan/memory-choice.ts';
import type { Ort } from '../ort/index.ts';

/** Of a card that shows pictures as well, and of a machine that runs other programs. */
const cardShare = 0.92;
const machineShare = 0.6;

const run = promisify(execFile);

/** Bytes of the first NVIDIA card's memory; undefined where `nvidia-smi` does not say. */
async function cardBytes(): Promise<number | undefined> {
  try {
    const query = ['--query-gpu=memory.total', '--format=csv,noheader,nounits', '--id=0'];
    const mebibytes = Number((await run('nvidia-smi', query, { timeout: 10_000 })).stdout.trim());
    return mebibytes > 0 ? mebibytes * 2 ** 20 : undefined;
  } catch {
    return undefined;
  }
}

/** Bytes that `HETCUT_MEMORY_GB` allows. Errors: memory-cap. */
export function memoryCap(gigabytes: string | undefined): number {
  if (gigabytes === undefined || gigabytes === '') return Infinity;
  const bytes = Number(gigabytes) * 1e9;
  if (bytes > 0) return bytes;
  throw usageError(
    'memory-cap',
    `HETCUT_MEMORY_GB is ${gigabytes}, which is no number of gigabytes.`,
    'Set it to a number above 0, or unset it.',
  );
}

/**
 * What the parts of a model may take where this machine runs them. Of its whole memory, not of what is free at the moment,
 * so that a job that goes on later goes on in the same way. Undefined for a card that does not say how large it is.
 */
export async function memoryBudget(
  sessions: Pick<Ort, 'describeRuntime'>,
): Promise<MemoryBudget | undefined> {
  const { provider } = await sessions.describeRuntime();
  const cap = memoryCap(process.env['HETCUT_MEMORY_GB']);
  const ramBytes = machineShare * totalmem();
  if (provider === 'cpu') {
    const bytes = Math.min(cap, ramBytes);
    return { device: 'cpu', bytes, ramBytes: bytes };
  }
  const bytes = await cardBytes();
  if (bytes === undefined && cap === Infinity) return undefined;
  return { device: 'card', bytes: Math.min(cap, cardShare * (bytes ?? Infinity)), ramBytes };
}
