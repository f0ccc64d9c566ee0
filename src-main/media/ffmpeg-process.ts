import type { ChildProcess } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import type { Readable, Writable } from 'node:stream';
import fluentFfmpeg from 'fluent-ffmpeg';
import { HetcutError, cancelledError } from '../../src-shared/core/errors/index.ts';
import { killAtExit } from './kill-at-exit.ts';

/** One `-i`: an absolute path, or a stream that is fed to standard input (one per job at most). */
export interface FfmpegInput {
  readonly source: string | Readable;
  readonly options: readonly string[];
}

export interface FfmpegJob {
  readonly inputs: readonly FfmpegInput[];
  readonly outputOptions: readonly string[];
  /** An absolute path, or a stream that takes standard output. Give the stream `emitClose: false`. */
  readonly target: string | Writable;
  /** Called with each line of the log, levels marked as "[error]", "[info]" …. */
  readonly onLine?: (line: string) => void;
  readonly signal?: AbortSignal | undefined;
  /** Kills the process after this long. Only for jobs whose duration does not depend on the consumer. */
  readonly timeoutMs?: number;
}

export interface FfmpegRun {
  /**
   * Settles when the process is gone: resolves after success or `stop`, rejects with `cancelled` after an abort
   * and with `ffmpeg-failed` otherwise (details: `lines`, what it complained of; `exitCode` or
   * `signal`, how it ended).
   */
  readonly finished: Promise<void>;
  /** Kills the process; what it has produced so far is worth nothing to the caller any more. */
  stop(): void;
}

export interface Ffmpeg {
  start(job: FfmpegJob): FfmpegRun;
  /** The last command lines, oldest first, for a support report. */
  recentCommands(): readonly string[];
}

/**
 * Told when an ffmpeg starts, with its command line, and when it has ended. ffprobe ends with its pipe and is not
 * reported.
 */
export type OnToolProcess = (pid: number, running: boolean, command?: string) => void;

const keptCommands = 20;
const keptLines = 8;

/** Local files and our own pipes only: a play list must not make ffmpeg reach out to the network. */
const inputSafety = ['-protocol_whitelist', 'file,pipe,crypto,data'];
const logging = ['-hide_banner', '-nostats', '-loglevel', 'level+info'];

/** "[h264 @ 0x55c2] [error] text" → "h264: text". */
function readable(line: string): string {
  return line.replace(/^\[(\w[^@\]]*) @ 0x[0-9a-f]+\] /, '$1: ').replace(/\[(error|fatal|panic)\] /, '');
}

function failure(error: Error, lines: readonly string[]): HetcutError {
  const exitCode = /exited with code (\d+)/.exec(error.message)?.[1];
  const signal = /killed with signal (\w+)/.exec(error.message)?.[1];
  const said = lines.length > 0 ? lines.join('; ') : error.message;
  return new HetcutError('ffmpeg-failed', `ffmpeg failed: ${said}`, {
    hint: 'Check that the file plays; `hetcut doctor` shows which ffmpeg is used.',
    details: {
      lines,
      ...(exitCode === undefined ? {} : { exitCode: Number(exitCode) }),
      ...(signal === undefined ? {} : { signal }),
    },
    cause: error,
  });
}

/** fluent-ffmpeg ends the whole program where it cannot start the process. */
function checkBinary(path: string): void {
  try {
    accessSync(path, constants.X_OK);
  } catch (cause) {
    const gone = (cause as NodeJS.ErrnoException).code === 'ENOENT';
    const what = gone ? `ffmpeg is no longer at ${path}.` : `${path} can no longer be run.`;
    throw new HetcutError('binary-missing', what, {
      hint: 'Install ffmpeg 5 or newer; `hetcut doctor` shows which one is used.',
      cause,
    });
  }
}

/** Passed one by one: given an array, fluent-ffmpeg would split every value that holds one space. */
function addOptions(add: (...options: string[]) => unknown, options: readonly string[]): void {
  if (options.length === 1)
    throw new Error('options come in pairs or more: a single one would be split at its space');
  if (options.length > 0) add(...options);
}

/**
 * fluent-ffmpeg's own questions before a job, for which it starts ffmpeg twice in every process: whether a format or
 * codec is there, which ffmpeg says itself, and which codecs of `-vcodec` and `-acodec` are experimental.
 */
const noQuestions = {
  _checkCapabilities: (done: (error: null) => void) => done(null),
  availableEncoders: (done: (error: null, encoders: object) => void) => done(null, {}),
};

/**
 * The one place where ffmpeg is started. fluent-ffmpeg builds the argument list and owns the process; it is used
 * for nothing else (its probing, its codecs and its presets are avoided), so that it can be replaced here.
 */
export function createFfmpeg(binaryPath: string, onToolProcess: OnToolProcess = () => undefined): Ffmpeg {
  const commands: string[] = [];
  return {
    recentCommands: () => commands,
    start(job) {
      checkBinary(binaryPath);
      const command = Object.assign(fluentFfmpeg(), noQuestions);
      // fluent-ffmpeg keeps one path per process; it is set before every run so that the newest wins.
      command.setFfmpegPath(binaryPath);
      for (const [index, input] of job.inputs.entries()) {
        command.input(input.source);
        const leading = index === 0 ? logging : [];
        addOptions(command.inputOptions.bind(command), [...leading, ...inputSafety, ...input.options]);
      }
      command.output(job.target);
      addOptions(command.outputOptions.bind(command), job.outputOptions);
      return follow(
        command,
        job,
        (line) => {
          commands.push(line);
          if (commands.length > keptCommands) commands.shift();
        },
        onToolProcess,
      );
    },
  };
}

function follow(
  command: fluentFfmpeg.FfmpegCommand,
  job: FfmpegJob,
  onCommand: (line: string) => void,
  onToolProcess: OnToolProcess,
): FfmpegRun {
  const complaints: string[] = [];
  let running = false;
  let pid: number | undefined;
  let unwanted = false;
  const kill = (): void => {
    unwanted = true;
    if (running) command.kill('SIGKILL');
  };
  const release = killAtExit(kill);
  const timer = job.timeoutMs === undefined ? undefined : setTimeout(onTimeout, job.timeoutMs);
  let timedOut = false;
  function onTimeout(): void {
    timedOut = true;
    kill();
  }
  const finished = new Promise<void>((resolve, reject) => {
    command.on('start', (line: string) => {
      running = true;
      pid = (command as { ffmpegProc?: ChildProcess }).ffmpegProc?.pid;
      if (pid !== undefined) onToolProcess(pid, true, line);
      onCommand(line);
      if (unwanted) command.kill('SIGKILL');
    });
    command.on('stderr', (line: string) => {
      if (/\[(error|fatal|panic)\]/.test(line)) complaints.push(readable(line));
      if (complaints.length > keptLines) complaints.shift();
      job.onLine?.(line);
    });
    command.on('end', () => resolve());
    command.on('error', (error: Error) => {
      if (job.signal?.aborted) reject(cancelledError());
      else if (timedOut) reject(failure(new Error(`no result within ${job.timeoutMs} ms`), complaints));
      else if (unwanted) resolve();
      else reject(failure(error, complaints));
    });
  }).finally(() => {
    running = false;
    if (pid !== undefined) onToolProcess(pid, false);
    clearTimeout(timer);
    release();
    job.signal?.removeEventListener('abort', kill);
  });
  // Its consumer may be busy elsewhere when the process fails; the rejection is still seen by whoever awaits it.
  finished.catch(() => undefined);
  job.signal?.addEventListener('abort', kill, { once: true });
  if (job.signal?.aborted) unwanted = true;
  command.run();
  return { finished, stop: kill };
}
