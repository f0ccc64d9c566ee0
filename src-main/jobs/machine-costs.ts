import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { networkStages, type CostModel } from '../../src-shared/core/estimate/index.ts';
import { writeHomeFile } from './atomic-write.ts';

const seconds = z.number().nonnegative();
const votesSchema = z.record(z.string(), z.array(z.number().positive()));

const kindsSchema = z.record(z.string(), z.array(z.enum(['full', 'partial', 'reuse'])));

const networkSchema = z.object({
  call: z.object({ fixedSec: seconds, perTokenSec: seconds, perTokenPairSec: seconds }),
  firstCallSec: seconds,
  firstEncodeSec: seconds,
  firstDecodeSec: seconds,
  encode: z.object({ fixedSec: seconds, perFlopSec: seconds }),
  decode: z.object({ fixedSec: seconds, perFlopSec: seconds }),
  loadSec: seconds,
});

const fileSchema = z.object({
  version: z.literal(2),
  /** Picture work is the same for every model. */
  pictures: z.object({ factor: z.number().positive(), votes: votesSchema }),
  /** By `networkKey`. */
  networks: z.record(
    z.string(),
    z.object({ costs: networkSchema, votes: votesSchema, seenKinds: kindsSchema }),
  ),
});

type MachineFile = z.infer<typeof fileSchema>;

const pathIn = (home: string): string => join(home, 'machine.json');

/** Names a model on an execution provider: another of either has costs of its own. */
export function networkKey(modelFingerprint: string, provider: string): string {
  return `${provider} ${modelFingerprint}`;
}

async function readMachine(home: string): Promise<MachineFile | undefined> {
  const text = await readFile(pathIn(home), 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  try {
    return fileSchema.parse(JSON.parse(text));
  } catch {
    // Only measurements are kept here, and they are made again: a damaged or older file is as good as none.
    return undefined;
  }
}

/**
 * What is known of this machine; undefined before its first use. Without `key`, or where that network has not been
 * measured, the costs have no network.
 */
export async function loadCosts(home: string, key: string | undefined): Promise<CostModel | undefined> {
  const machine = await readMachine(home);
  if (machine === undefined) return undefined;
  const network = key === undefined ? undefined : machine.networks[key];
  return {
    pictureFactor: machine.pictures.factor,
    ...(network === undefined ? {} : { network: network.costs }),
    votes: { ...machine.pictures.votes, ...network?.votes },
    seenKinds: network?.seenKinds ?? {},
  };
}

/** Keeps costs under their network's key, next to those of other networks. */
export async function saveCosts(home: string, key: string | undefined, costs: CostModel): Promise<void> {
  const { pictureFactor, network, votes, seenKinds } = costs;
  const ofNetworks: ReadonlySet<string> = new Set(networkStages);
  const votesOf = (ofNetwork: boolean): Record<string, number[]> =>
    Object.fromEntries(
      Object.entries(votes)
        .filter(([stage]) => ofNetworks.has(stage) === ofNetwork)
        .map(([stage, values]) => [stage, [...values]]),
    );
  const machine: MachineFile = {
    version: 2,
    pictures: { factor: pictureFactor, votes: votesOf(false) },
    networks: { ...(await readMachine(home))?.networks },
  };
  if (key !== undefined && network !== undefined) {
    machine.networks[key] = {
      costs: network,
      votes: votesOf(true),
      seenKinds: Object.fromEntries(Object.entries(seenKinds).map(([key, kinds]) => [key, [...kinds]])),
    };
  }
  await mkdir(home, { recursive: true });
  await writeHomeFile(pathIn(home), `${JSON.stringify(machine, null, 2)}\n`);
}
