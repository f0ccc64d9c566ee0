import { cpus, freemem, totalmem } from 'node:os';
import type { DeviceState } from '../../src-shared/ipc/index.ts';
import { surveyCards, type NvidiaCard } from '../gpu/index.ts';
import type { ProvidersFound } from './try-providers.ts';

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

/** A card's name and memory, where it tells of its memory. */
function describeCard(card: NvidiaCard | undefined): Omit<DeviceState, 'provider'> | undefined {
  if (card?.memoryBytes === undefined || card.usedBytes === undefined) return undefined;
  const device = card.name.replace(/^NVIDIA +/i, '').replace(/^GeForce +/i, '');
  return { device, usedBytes: card.usedBytes, totalBytes: card.memoryBytes };
}

/** Name of the NVIDIA card that is in the machine, where there is one. */
async function findCard(): Promise<string | undefined> {
  const { cards, onBus } = await surveyCards();
  return cards[0]?.name ?? (onBus > 0 ? 'NVIDIA' : undefined);
}

/**
 * What computes here, and how much of its memory is in use: of the graphics card where it is known, else of the
 * machine. `tryProviders` is asked once: what computes does not change while the program runs, unless a provider is
 * installed, and then whoever does so calls `forget`.
 */
export function watchDevice(tryProviders: () => Promise<ProvidersFound>): {
  read(): Promise<DeviceState>;
  forget(): void;
} {
  let found: Promise<ProvidersFound> | undefined;
  let unused: Promise<string | undefined> | undefined;
  return {
    forget: () => {
      found = undefined;
      unused = undefined;
    },
    async read() {
      found ??= tryProviders();
      const { provider } = await found;
      // The first card that the tool lists is the one that computes.
      const card = provider === 'cuda' ? describeCard((await surveyCards()).cards[0]) : undefined;
      if (card !== undefined) return { provider, ...card };
      const device = provider === 'cpu' ? shortProcessor(cpus()[0]?.model ?? '') : provider.toUpperCase();
      unused ??= provider === 'cpu' ? findCard() : Promise.resolve(undefined);
      const unusedCard = await unused;
      return {
        provider,
        device,
        usedBytes: totalmem() - freemem(),
        totalBytes: totalmem(),
        ...(unusedCard === undefined ? {} : { unusedCard }),
      };
    },
  };
}
