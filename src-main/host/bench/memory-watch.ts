import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { setTimeout as wait } from 'node:timers/promises';

/** Says how much memory was in use at most. */
export interface MemoryWatch {
  /** Most bytes in use since the watch began or was last asked; undefined where the system does not say. */
  peakBytes(): Promise<number | undefined>;
  stop(): void;
}

const mib = 2 ** 20;
const kib = 2 ** 10;

/**
 * The memory of this process. Linux keeps the most that was resident and forgets it on request (`clear_refs`, proc(5));
 * elsewhere it is the most since the process began.
 */
export function watchProcess(): MemoryWatch {
  return {
    async peakBytes() {
      const status = await readFile('/proc/self/status', 'utf8').catch(() => '');
      const kilobytes = /^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1];
      if (kilobytes === undefined) return process.resourceUsage().maxRSS * kib;
      await writeFile('/proc/self/clear_refs', '5');
      return Number(kilobytes) * kib;
    },
    stop: () => undefined,
  };
}

const sampleMs = 100;
/** Comes with NVIDIA's driver. */
const cardTool = 'nvidia-smi';

/**
 * The memory in use on the first NVIDIA card, all programs together, beyond what was in use as the watch began.
 * `nvidia-smi` runs beside this process, whose thread a network call blocks, and its lines are read afterwards.
 */
export function watchCard(environment: NodeJS.ProcessEnv = process.env): MemoryWatch {
  const query = ['--query-gpu=memory.used', '--format=csv,noheader,nounits', '--id=0', '-lms', `${sampleMs}`];
  const tool = spawn(cardTool, query, { env: environment, stdio: ['ignore', 'pipe', 'ignore'] });
  let before: number | undefined;
  let most: number | undefined;
  let rest = '';
  tool.stdout.setEncoding('utf8').on('data', (text: string) => {
    const lines = (rest + text).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) {
      const value = Number(line.trim());
      if (line.trim() === '' || Number.isNaN(value)) continue;
      before ??= value;
      most = Math.max(most ?? 0, value);
    }
  });
  // Without the tool there is nothing to say: the report has a dash.
  const began = Promise.race([once(tool.stdout, 'data'), once(tool, 'exit')]).catch(() => undefined);
  return {
    async peakBytes() {
      await began;
      await wait(3 * sampleMs);
      const peak = most;
      most = undefined;
      return peak === undefined || before === undefined ? undefined : (peak - before) * mib;
    },
    stop: () => void tool.kill(),
  };
}
