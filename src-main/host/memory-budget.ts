import { execFile } from 'node:child_process';
import { totalmem } from 'node:os';
import { promisify } from 'node:util';
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

/**
 * What the parts of a model may take where this machine runs them. Of its whole memory, not of what is free at the moment,
 * so that a job that goes on later goes on in the same way. Undefined for a card that does not say how large it is.
 */
export async function memoryBudget(
  sessions: Pick<Ort, 'describeRuntime'>,
): Promise<MemoryBudget | undefined> {
  const { provider } = await sessions.describeRuntime();
  const ramBytes = machineShare * totalmem();
  if (provider === 'cpu') return { device: 'cpu', bytes: ramBytes, ramBytes };
  const bytes = await cardBytes();
  return bytes === undefined ? undefined : { device: 'card', bytes: cardShare * bytes, ramBytes };
}
