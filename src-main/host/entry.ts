import { HetcutError } from '../../src-shared/core/errors/index.ts';
import type { TrackedFrame } from '../../src-shared/project/mask/index.ts';
import { createMedia } from '../media/index.ts';
import { calibrate } from './calibrate.ts';
import { checkQuality } from './check-quality.ts';
import { createEstimator, type Estimator } from './estimator.ts';
import { createOrt } from '../ort/index.ts';
import type { HostFailure, HostQuestion, HostRequest } from './messages.ts';
import { openPort } from './port.ts';
import type { ProvidersFound } from './try-providers.ts';
import { runJob, type JobHooks } from './run-job.ts';
import { runFollow, runShadow, runTrack } from './run-track.ts';
import { createSelector, type Selector } from './selector.ts';
import type { HostJob, HostResult } from '../engine/check-job.ts';

/** The inference process: takes one job, reports, and ends; or answers questions until its caller ends it. */
function failureOf(error: unknown): HostFailure {
  if (error instanceof HetcutError) {
    const { code, message, hint, exitCode, details } = error;
    return { code, message, hint, exitCode, details };
  }
  const shown = error instanceof Error ? error : new Error(String(error));
  return {
    code: 'unexpected',
    message: shown.message,
    hint: 'This is a bug in HetCut: report it with the text in details.stack.',
    exitCode: 1,
    details: { stack: shown.stack ?? '' },
  };
}

const port = openPort();
const abort = new AbortController();

/** What is said meanwhile, whatever the host was asked. */
const hooks: Pick<JobHooks, 'signal' | 'onNote' | 'onToolProcess'> = {
  signal: abort.signal,
  onNote: (text) => void port.send({ type: 'note', text }),
  onToolProcess: (pid, running, command) =>
    void port.send({ type: 'tool-process', pid, running, ...(command === undefined ? {} : { command }) }),
};

async function run({ job, home, previews }: Extract<HostRequest, { type: 'run' }>): Promise<void> {
  try {
    const jobHooks: JobHooks = {
      ...hooks,
      onProgress: (event) => void port.send({ type: 'progress', event }),
      ...(previews && { onPreview: (event) => void port.send({ type: 'preview', event }) }),
      onPartialFile: (path) => void port.send({ type: 'partial-file', path }),
    };
    await port.send({ type: 'done', result: await resultOf(job, home, jobHooks) });
  } catch (error) {
    await port.send({ type: 'failed', failure: failureOf(error) });
  }
  port.close();
}

async function resultOf(job: HostJob, home: string, jobHooks: JobHooks): Promise<HostResult<HostJob>> {
  if (job.kind === 'calibrate') return calibrate(job, home, jobHooks);
  if (job.kind === 'check') return checkQuality(job, home, jobHooks);
  const onMask = (mask: TrackedFrame): void => void port.send({ type: 'tracked', mask });
  if (job.kind === 'track') return runTrack(job, home, jobHooks, onMask);
  if (job.kind === 'shadow') return runShadow(job, jobHooks, onMask);
  if (job.kind === 'follow')
    return runFollow(job, jobHooks, (pose) => void port.send({ type: 'followed', pose }));
  return runJob(job, home, jobHooks);
}

let estimator: Promise<Estimator> | undefined;

async function openEstimator(home: string): Promise<Estimator> {
  const media = await createMedia(process.env, hooks.onToolProcess);
  return createEstimator(home, media, { ...hooks, onProgress: () => undefined });
}

let selector: Promise<Selector> | undefined;

async function openSelector(home: string): Promise<Selector> {
  return createSelector(home, await createMedia(process.env, hooks.onToolProcess), hooks.signal);
}

async function answerTo(question: HostQuestion, home: string): Promise<unknown> {
  if (question.about === 'providers') {
    const ort = createOrt();
    const { version, provider } = await ort.describeRuntime();
    return { version, provider, reports: await ort.describeProviders() } satisfies ProvidersFound;
  }
  if (question.about === 'select') {
    selector ??= openSelector(home);
    return (await selector)(question.select);
  }
  estimator ??= openEstimator(home);
  const asked = await estimator;
  const { about, job } = question;
  return about === 'estimate' ? asked.estimate(job) : asked.partition(job, question.frame);
}

async function answer({ id, question, home }: Extract<HostRequest, { type: 'ask' }>): Promise<void> {
  try {
    await port.send({ type: 'answer', id, answer: await answerTo(question, home) });
  } catch (error) {
    await port.send({ type: 'refused', id, failure: failureOf(error) });
  }
}

port.onRequest((request) => {
  if (request.type === 'cancel') abort.abort();
  else if (request.type === 'ask') void answer(request);
  else void run(request);
});
// The caller is gone: stop at the next chance and leave nothing running.
port.onLost(() => abort.abort());
