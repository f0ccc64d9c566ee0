import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';

export interface Process {
  readonly pid: number;
  /** Its command line, words apart by spaces. */
  readonly text: string;
}

/** What a program's processes are, by what they were started with; of Linux, from /proc. */
export type ProcessKind = 'program' | 'host' | 'ffmpeg';

export interface ProcessMemory {
  readonly pid: number;
  readonly kind: ProcessKind;
  /** What tells processes of a kind apart, such as what a host is for. */
  readonly name: string;
  /** Resident memory now, and the most since it was started or `resetPeaks` was called, in MiB. */
  readonly nowMb: number;
  readonly peakMb: number;
  /** Open files, pipes and sockets. */
  readonly handles: number;
}

interface Row {
  readonly pid: number;
  readonly parent: number;
  readonly words: readonly string[];
}

function allProcesses(): Row[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      try {
        const [, parent] = /\) \S (\d+)/.exec(readFileSync(`/proc/${name}/stat`, 'utf8')) ?? [];
        const words = readFileSync(`/proc/${name}/cmdline`, 'utf8').split('\0').filter(Boolean);
        return words.length === 0 ? [] : [{ pid: Number(name), parent: Number(parent), words }];
      } catch {
        // It has ended in the meantime.
        return [];
      }
    });
}

/** A process and all that it has started, and what that has started. */
function family(pid: number): Row[] {
  const all = allProcesses();
  const found = all.filter((row) => row.pid === pid);
  for (let parents = [pid]; parents.length > 0;) {
    const children = all.filter(({ parent }) => parents.includes(parent));
    found.push(...children);
    parents = children.map((child) => child.pid);
  }
  return found;
}

/** All that a process has started, and what that has started, without itself. */
export function descendants(pid: number): Process[] {
  return family(pid)
    .filter((row) => row.pid !== pid)
    .map((row) => ({ pid: row.pid, text: row.words.join(' ') }));
}

const isAlive = (process: Process): boolean =>
  allProcesses().some(({ pid, words }) => pid === process.pid && words.join(' ') === process.text);

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

function kindOf({ words }: Row): Pick<ProcessMemory, 'kind' | 'name'> {
  const tool = /(ffmpeg|ffprobe)[^/]*$/.exec(words[0]);
  if (tool !== null) return { kind: 'ffmpeg', name: tool[1] };
  const host = words.findIndex((word) => word.includes('host/entry'));
  return host < 0
    ? { kind: 'program', name: 'program' }
    : { kind: 'host', name: `host ${words[host + 1] ?? ''}`.trim() };
}

/** Memory and handles of a program and of all that it has started. */
export function memoryOf(pid: number): ProcessMemory[] {
  return family(pid).flatMap((row) => {
    try {
      const status = readFileSync(`/proc/${row.pid}/status`, 'utf8');
      const megabytes = (field: string): number =>
        Number(new RegExp(`^${field}:\\s+(\\d+) kB$`, 'm').exec(status)?.[1] ?? 0) / 1024;
      const handles = readdirSync(`/proc/${row.pid}/fd`).length;
      return [
        { pid: row.pid, ...kindOf(row), nowMb: megabytes('VmRSS'), peakMb: megabytes('VmHWM'), handles },
      ];
    } catch {
      return [];
    }
  });
}

/** Begins to count the peaks anew. */
function resetPeaks(pid: number): void {
  for (const row of family(pid)) {
    try {
      writeFileSync(`/proc/${row.pid}/clear_refs`, '5');
    } catch {
      // It has ended.
    }
  }
}

/** Looks at a program's processes again and again, so that the peaks of those that end soon are seen too. */
export function watchPeaks(pid: number): { stop(): Readonly<Record<ProcessKind, number>> } {
  const peaks = { program: 0, host: 0, ffmpeg: 0 };
  const look = (): void => {
    for (const { kind, peakMb } of memoryOf(pid)) peaks[kind] = Math.max(peaks[kind], peakMb);
  };
  resetPeaks(pid);
  const timer = setInterval(look, 50);
  return {
    stop() {
      clearInterval(timer);
      look();
      return peaks;
    },
  };
}
