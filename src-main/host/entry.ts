import { HetcutError } from '../../src-shared/core/errors/index.ts';
import type { HostFailure, HostReply, HostRequest } from './messages.ts';
import { runJob } from './run-job.ts';

/** The inference process: takes one job, reports, and ends. */
function say(reply: HostReply): Promise<void> {
  return new Promise((resolve) => {
    if (process.send === undefined || !process.connected) resolve();
    else process.send(reply, () => resolve());
  });
}

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

const abort = new AbortController();

async function run(request: Extract<HostRequest, { type: 'run' }>): Promise<void> {
  try {
    const result = await runJob(request.job, request.home, {
      signal: abort.signal,
      onProgress: (event) => void say({ type: 'progress', event }),
      onNote: (text) => void say({ type: 'note', text }),
      onPartialFile: (path) => void say({ type: 'partial-file', path }),
    });
    await say({ type: 'done', result });
  } catch (error) {
    await say({ type: 'failed', failure: failureOf(error) });
  }
  process.disconnect?.();
}

process.on('message', (request: HostRequest) => {
  if (request.type === 'cancel') abort.abort();
  else void run(request);
});
// The caller is gone: stop at the next chance and leave nothing running.
process.on('disconnect', () => abort.abort());
