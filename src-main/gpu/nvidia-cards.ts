import { execFile } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

const mib = 2 ** 20;

/** A graphics card as `nvidia-smi` describes it; what it does not say is absent. */
export interface NvidiaCard {
  readonly name: string;
  readonly driver?: string;
  readonly memoryBytes?: number;
  readonly usedBytes?: number;
  /** Compute capability, such as 8.9. */
  readonly capability?: number;
}

export interface CardSurvey {
  readonly cards: readonly NvidiaCard[];
  /** NVIDIA cards on the PCI bus, whether or not a driver has them; 0 where the system does not say. */
  readonly onBus: number;
  /** Why `nvidia-smi` lists no card; absent where it does. */
  readonly problem?: { readonly kind: 'no-tool' | 'no-card' | 'tool-fails'; readonly reason: string };
}

/** Columns of the query, the last one unknown to drivers before 2022. */
const columns = ['name', 'driver_version', 'memory.total', 'memory.used', 'compute_cap'];

function numberIn(text: string | undefined): number | undefined {
  return text !== undefined && /^\d+(?:\.\d+)?$/.test(text) ? Number(text) : undefined;
}

/** Rows of `nvidia-smi --query-gpu=… --format=csv,noheader,nounits`; what is no row of a card is passed over. */
export function parseCards(csv: string): NvidiaCard[] {
  return csv.split('\n').flatMap((line) => {
    const cells = line.split(',').map((cell) => cell.trim());
    if (cells.length < 4) return [];
    const [name, driver, total, used, capability] = cells;
    const memory = numberIn(total);
    const inUse = numberIn(used);
    const level = numberIn(capability);
    return [
      {
        name,
        ...(/^\d[\d.]*$/.test(driver) ? { driver } : {}),
        ...(memory === undefined ? {} : { memoryBytes: memory * mib }),
        ...(inUse === undefined ? {} : { usedBytes: inUse * mib }),
        ...(level === undefined ? {} : { capability: level }),
      },
    ];
  });
}

async function askTool(asked: readonly string[], environment: NodeJS.ProcessEnv): Promise<string> {
  const query = [`--query-gpu=${asked.join(',')}`, '--format=csv,noheader,nounits'];
  const options = { timeout: 10_000, windowsHide: true, env: environment };
  const { stdout } = await promisify(execFile)('nvidia-smi', query, options);
  return stdout;
}

/** What the tool said as it failed, in its first line. */
function toolReason(error: unknown): string {
  const {
    stdout = '',
    stderr = '',
    message,
  } = error as { stdout?: string; stderr?: string; message: string };
  return (
    `${stdout}\n${stderr}`
      .split('\n')
      .map((line) => line.trim())
      .find((line) => line !== '') ?? message.split('\n')[0]
  ).replace(/\.$/, '');
}

/** NVIDIA's display and 3-D controllers (vendor 10de, class 03….) among the devices of the PCI bus. */
async function countOnBus(folder: string): Promise<number> {
  const devices = await readdir(folder).catch((): string[] => []);
  const found = await Promise.all(
    devices.map(async (device) => {
      const read = (name: string): Promise<string> =>
        readFile(join(folder, device, name), 'utf8').catch(() => '');
      return (await read('vendor')).trim() === '0x10de' && (await read('class')).startsWith('0x03');
    }),
  );
  return found.filter(Boolean).length;
}

/** `busFolder`: where the system describes PCI devices; elsewhere than on Linux there is no such folder. */
export async function surveyCards(
  environment: NodeJS.ProcessEnv = process.env,
  busFolder = '/sys/bus/pci/devices',
): Promise<CardSurvey> {
  const onBus = await countOnBus(busFolder);
  try {
    const csv = await askTool(columns, environment).catch((error: unknown) => {
      if (!/not a valid field/i.test(toolReason(error))) throw error;
      return askTool(columns.slice(0, -1), environment);
    });
    const cards = parseCards(csv);
    if (cards.length > 0) return { cards, onBus };
    const reason = csv.trim().split('\n')[0] || 'it lists none';
    return { cards, onBus, problem: { kind: 'no-card', reason } };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') {
      return { cards: [], onBus, problem: { kind: 'no-tool', reason: 'there is no nvidia-smi' } };
    }
    const reason = toolReason(error);
    const kind = /no devices were found/i.test(reason) ? 'no-card' : 'tool-fails';
    return { cards: [], onBus, problem: { kind, reason } };
  }
}
