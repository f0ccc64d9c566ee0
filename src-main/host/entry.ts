import { HetcutError } from '../../src-shared/core/errors/index.ts';
import { checkQuality } from './check-quality.ts';
import type { HostFailure, HostRequest } from './messages.ts';
import { openPort } from './port.ts';
import { runJob, type JobHooks } from './run-job.ts';

/** The inference process: takes one job, reports, and ends. */
function failureOf(error: unknown): HostFailure {
  if (error instanceof HetcutError) {
    const { code, message, hint, exitCode, details } = error;
    return { code, message, hint, exitCode, details };
  }
  const shown = error instanceof Error ? error : new Error(String(error));
  return {
    code: 'unexpected',
    message: shown.message,
    hint: 'This is a defect of HetCut: report it with the text in details.stack.',
    exitCode: 1,
    details: { stack: shown.stack ?? '' },
  };
}

const port = openPort();
const abort = new AbortController();

async function run(request: Extract<HostRequest, { type: 'run' }>): Promise<void> {
  try {
    const { job, home } = request;
    const hooks: JobHooks = {
      signal: abort.signal,
      onProgress: (event) => void port.send({ type: 'progress', event }),
      ...(request.previews && { onPreview: (event) => void port.send({ type: 'preview', event }) }),
      onNote: (text) => void port.send({ type: 'note', text }),
      onPartialFile: (path) => void port.send({ type: 'partial-file', path }),
      onToolProcess: (pid, running, command) =>
        void port.send({
          type: 'tool-process',
          pid,
          running,
          ...(command === undefined ? {} : { command }),
        }),
    };
    const result =
      job.kind === 'check' ? await checkQuality(job, home, hooks) : await runJob(job, home, hooks);
    await port.send({ type: 'done', result });
  } catch (error) {
    await port.send({ type: 'failed', failure: failureOf(error) });
  }
  port.close();
}

port.onRequest((request) => {
  if (request.type === 'cancel') abort.abort();
  else void run(request);
});
// The caller is gone: stop at the next chance and leave nothing running.
port.onLost(() => abort.abort());
