import { SingleBar } from 'cli-progress';
import type { OnProgress, ProgressEvent } from '../engine/progress.ts';
import type { CliContext } from './context.ts';

type Output = Pick<CliContext, 'onProgress' | 'answer' | 'note'> & { endProgress(): void };

/** `75` → `1:15`. */
export function clockText(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  const hours = Math.floor(whole / 3600);
  const minutes = Math.floor((whole % 3600) / 60);
  const rest = String(whole % 60).padStart(2, '0');
  return hours > 0 ? `${hours}:${String(minutes).padStart(2, '0')}:${rest}` : `${minutes}:${rest}`;
}

/** `sample 2/3 · 14/20 calls · 0:41 left`. */
function progressText(event: ProgressEvent): string {
  const window = event.windows === undefined ? '' : ` ${event.window}/${event.windows}`;
  const eta = event.etaSec === undefined ? '' : ` · ${clockText(event.etaSec)} left`;
  return `${event.stage}${window} · ${event.step}/${event.steps} ${event.unit}${eta}`;
}

/** A line per stage and window: quiet enough for a log file. */
function plainProgress(stderr: NodeJS.WritableStream): OnProgress {
  let last = '';
  return (event) => {
    const key = `${event.stage} ${event.window ?? ''}`;
    if (key === last && event.step < event.steps) return;
    last = key;
    stderr.write(`${progressText(event)}\n`);
  };
}

/** One bar that is drawn over itself; a finished stage leaves its line. */
function barProgress(stderr: NodeJS.WriteStream): { onProgress: OnProgress; end: () => void } {
  let bar: SingleBar | undefined;
  let current = '';
  const end = (): void => {
    bar?.stop();
    bar = undefined;
    current = '';
  };
  return {
    end,
    onProgress: (event) => {
      const key = `${event.stage} ${event.window ?? ''}`;
      if (key !== current) {
        end();
        current = key;
        bar = new SingleBar({
          stream: stderr,
          format: '{stage} {bar} {label}',
          barsize: 28,
          hideCursor: true,
          barCompleteChar: '█',
          barIncompleteChar: '░',
        });
        bar.start(Math.max(1, event.steps), event.step, { stage: event.stage.padEnd(7), label: '' });
      }
      bar?.update(event.step, { stage: event.stage.padEnd(7), label: progressText(event) });
    },
  };
}

/** How the command talks: bars on a terminal, lines elsewhere, JSON lines with --json. */
export function createOutput(json: boolean, stdout: NodeJS.WriteStream, stderr: NodeJS.WriteStream): Output {
  if (json) {
    return {
      onProgress: (event) => void stderr.write(`${JSON.stringify(event)}\n`),
      answer: (result) => void stdout.write(`${JSON.stringify(result)}\n`),
      note: (note) => void stderr.write(`${JSON.stringify({ note })}\n`),
      endProgress: () => undefined,
    };
  }
  const bars = stderr.isTTY
    ? barProgress(stderr)
    : { onProgress: plainProgress(stderr), end: () => undefined };
  return {
    onProgress: bars.onProgress,
    answer: (_result, text) => {
      bars.end();
      stdout.write(`${text}\n`);
    },
    note: (text) => {
      bars.end();
      stderr.write(`${text}\n`);
    },
    endProgress: bars.end,
  };
}
