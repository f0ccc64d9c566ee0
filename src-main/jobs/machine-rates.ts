import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { timedStages, type MachineRates } from '../../src-shared/core/estimate/index.ts';

const ratesSchema = z.object({
  version: z.literal(1),
  rates: z.record(z.string(), z.record(z.enum(timedStages), z.number().positive())),
});

const pathIn = (home: string): string => join(home, 'machine.json');

async function readAll(home: string): Promise<Record<string, MachineRates>> {
  const text = await readFile(pathIn(home), 'utf8').catch(() => undefined);
  if (text === undefined) return {};
  try {
    return ratesSchema.parse(JSON.parse(text)).rates;
  } catch {
    // Only measurements are kept here, and they are made again: a damaged file is as good as none.
    return {};
  }
}

/** What earlier jobs with this model measured on this machine; undefined before the first. */
export async function loadRates(home: string, modelFingerprint: string): Promise<MachineRates | undefined> {
  return (await readAll(home))[modelFingerprint];
}

export async function saveRates(home: string, modelFingerprint: string, rates: MachineRates): Promise<void> {
  const all = { ...(await readAll(home)), [modelFingerprint]: rates };
  await mkdir(home, { recursive: true });
  const partial = `${pathIn(home)}.${process.pid}.partial`;
  await writeFile(partial, `${JSON.stringify({ version: 1, rates: all }, null, 2)}\n`);
  await rename(partial, pathIn(home));
}
