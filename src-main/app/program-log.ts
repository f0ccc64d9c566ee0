import { mkdirSync } from 'node:fs';
import { arch, cpus, platform, release, totalmem } from 'node:os';
import { basename, join } from 'node:path';
import log from 'electron-log/node';
import type { DoctorFinding, JobRow } from '../../src-shared/ipc/index.ts';

/** Beside the logs of jobs. */
const fileName = 'hetcut.log';
/** A log begins anew at this size; the one before it is kept beside it. */
const mostBytes = 2 ** 20;
/** Of the log, in a report for support. */
const reportedLines = 60;

/** What the program did, for support: nothing of a clip but its job's name, and nothing of a prompt. */
export interface ProgramLog {
  readonly folder: string;
  readonly note: (text: string) => void;
  /** Notes what began and what ended since the last call. */
  jobs(rows: readonly JobRow[]): void;
  /** Version, machine, what was found on it, and the last lines. */
  report(version: string, findings: readonly DoctorFinding[]): string;
}

/** Opens the log in the folder `logs` of `home`. */
export function openLog(home: string): ProgramLog {
  const folder = join(home, 'logs');
  mkdirSync(folder, { recursive: true });
  const { file } = log.transports;
  file.resolvePathFn = () => join(folder, fileName);
  file.maxSize = mostBytes;
  file.format = '[{iso}] {level} {text}';
  log.transports.console.level = false;
  const states = new Map<string, JobRow['state']>();
  return {
    folder,
    note: (text) => log.info(text),
    jobs(rows) {
      for (const { id, name, state, failure } of rows) {
        const before = states.get(id);
        states.set(id, state);
        if (before === undefined || before === state) continue;
        if (failure === undefined) log.info(`${name}: ${state}`);
        else log.error(`${name}: ${state}: ${failure.code}: ${failure.message}`);
      }
    },
    report: (version, findings) =>
      [
        `HetCut ${version}`,
        `${platform()} ${release()} ${arch()}, ${cpus().length} × ${cpus()[0]?.model ?? 'unknown'}, ${Math.round(totalmem() / 2 ** 30)} GiB`,
        ...findings.map(({ part, state, text }) => `${part}: ${state}: ${text}`),
        '',
        ...file
          .readAllLogs({ fileFilter: (path) => basename(path) === fileName })
          .flatMap(({ lines }) => lines.filter((line) => line !== ''))
          .slice(-reportedLines),
      ].join('\n'),
  };
}
