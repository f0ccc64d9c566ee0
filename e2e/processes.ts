import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';

export interface Process {
  readonly pid: number;
  /** Its command line, words apart by spaces. */
  readonly text: string;
}

/** All that a process has started, and what that has started. Linux only: processes are found in /proc. */
export function descendants(pid: number): Process[] {
  const all = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      try {
        const [, parent] = /\) \S (\d+)/.exec(readFileSync(`/proc/${name}/stat`, 'utf8')) ?? [];
        const text = readFileSync(`/proc/${name}/cmdline`, 'utf8').replaceAll('\0', ' ');
        return [{ pid: Number(name), parent: Number(parent), text }];
      } catch {
        return [];
      }
    });
  const found: Process[] = [];
  for (let parents = [pid]; parents.length > 0;) {
    const children = all.filter(({ parent }) => parents.includes(parent));
    found.push(...children);
    parents = children.map((child) => child.pid);
  }
  return found;
}

const isAlive = ({ pid, text }: Process): boolean => {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ') === text && text !== '';
  } catch {
    return false;
  }
};

/** Those that still run after a while. Inference processes end after the network call that they are in. */
export async function stillAlive(below: readonly Process[], waitMs = 25_000): Promise<readonly Process[]> {
  for (let waited = 0; waited < waitMs && below.some(isAlive); waited += 100) await pause(100);
  return below.filter(isAlive);
}

/** The most memory that a process has had so far, in bytes; 0 where it is gone. */
export function peakBytes(pid: number): number {
  try {
    const [, kilobytes] = /^VmHWM:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
    return Number(kilobytes ?? 0) * 1024;
  } catch {
    return 0;
  }
}
