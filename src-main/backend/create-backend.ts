import { join } from 'node:path';
import { bundledIds } from '../../src-shared/project/index.ts';
import type { Backend, BackendOptions } from './backend.ts';
import type { HostJob, HostResult } from '../engine/check-job.ts';
import { runMessageLoop, type HostCallbacks } from '../host/message-loop.ts';
import { openHostedEstimator } from '../host/hosted-estimator.ts';
import { openHostedSelector } from '../host/hosted-selector.ts';
import { useProvider } from '../gpu/index.ts';
import { lockHome } from '../jobs/process-lock.ts';
import { openJobQueue } from '../jobs/job-queue.ts';
import { createHardwareProbe, createMedia, createPreviewMedia } from '../media/index.ts';
import { openModel } from '../models/index.ts';
import { appHandlers } from './app-handlers.ts';
import type { BackendParts } from './backend-parts.ts';
import { clipHandlers } from './clip-handlers.ts';
import { MaskFiles } from './edit-request.ts';
import { exportHandlers } from './export-handlers.ts';
import { ExportRuns } from './export-runs.ts';
import { fileHandlers } from './file-handlers.ts';
import { jobHandlers } from './job-handlers.ts';
import { createMediaServer } from './media-server.ts';
import { modelHandlers, modelRows } from './model-handlers.ts';
import { createPathRule } from './path-rule.ts';
import { projectHandlers } from './project-handlers.ts';
import { openProjectStore } from './project-store.ts';
import { openProgramSettings } from './program-settings.ts';
import { resultHandlers } from './result-handlers.ts';
import { settingsHandlers } from './settings-handlers.ts';
import { matteHandlers } from './matte-handlers.ts';
import { selectHandlers } from './select-handlers.ts';
import { trackHandlers } from './track-handlers.ts';

/** What a first try runs on: made ready before anyone asks for it. */
async function readyModels({ home, emit }: BackendOptions, signal: AbortSignal): Promise<void> {
  for (const id of bundledIds) await openModel(home, id, { signal });
  const rows = await modelRows(home);
  if (!signal.aborted) emit('models.changed', rows);
}

/** The settings first: they may name the ffmpeg. */
async function openMedia(home: string, onNote: (text: string) => void) {
  const settings = await openProgramSettings(home, process.env, onNote);
  const [media, previews] = await Promise.all([createMedia(), createPreviewMedia()]);
  return { settings, media, previews };
}

/**
 * Starts the program behind the window: jobs that wait run on at once. Throws `home-in-use` where another process has
 * this home open, and what `createMedia` throws where there is no ffmpeg.
 */
export async function createBackend(options: BackendOptions): Promise<Backend> {
  const { home, startHost, browseFolder, emit, onNote = () => undefined } = options;
  const nowMs = (): number => Date.now();
  const closing = new AbortController();
  const { signal } = closing;
  const unlock = await lockHome(home);
  const { settings, media, previews } = await openMedia(home, onNote).catch(async (error: unknown) => {
    await unlock();
    throw error;
  });
  await useProvider(home);
  const projects = openProjectStore(home, nowMs, onNote);
  const runInHost = <Job extends HostJob>(job: Job, callbacks: HostCallbacks): Promise<HostResult<Job>> =>
    runMessageLoop(startHost, job, home, callbacks);
  const queue = await openJobQueue({
    home,
    run: runInHost,
    check: runInHost,
    onChange: (rows) => emit('jobs.changed', rows),
    onPreview: (jobId, { rgb, ...picture }) =>
      emit('jobs.preview', { jobId, ...picture, rgb: Buffer.from(rgb).toString('base64') }),
    onNote,
    nowMs,
  }).catch(async (error: unknown) => {
    await unlock();
    throw error;
  });
  const ownFolders = [projects.folder, join(home, 'results')];
  const parts: BackendParts = {
    ...options,
    paths: createPathRule(browseFolder === undefined ? ownFolders : [...ownFolders, browseFolder]),
    media,
    previews,
    settings,
    projects,
    queue,
    masks: new MaskFiles(home, () => queue.rows().map(({ id }) => queue.find(id).job.maskPath)),
    estimator: openHostedEstimator(startHost, home, onNote),
    selector: openHostedSelector(startHost, home, onNote),
    mediaServer: createMediaServer(home, previews, signal),
    exports: new ExportRuns((rows) => emit('exports.changed', rows), nowMs),
    findHardware: createHardwareProbe(),
    signal,
  };
  // They were allowed when they came into the list; a browser may see what it was started with, and no more.
  if (browseFolder === undefined) for (const { path } of await projects.recent()) parts.paths.allow(path);
  const models = readyModels(options, signal).catch((error: unknown) => {
    if (!signal.aborted) onNote(`The models that come with HetCut are not ready: ${String(error)}`);
  });
  return {
    handlers: {
      ...appHandlers(parts),
      ...fileHandlers(parts),
      ...projectHandlers(parts),
      ...clipHandlers(parts),
      ...jobHandlers(parts),
      ...resultHandlers(parts),
      ...exportHandlers(parts),
      ...modelHandlers(parts),
      ...trackHandlers(parts),
      ...settingsHandlers(parts),
      ...selectHandlers(parts),
      ...matteHandlers(parts),
    },
    media: (path, range) => parts.mediaServer.answer(path, range),
    allowPath: parts.paths.allow,
    pageLeft: (page) => projects.leave(page),
    async close() {
      closing.abort();
      parts.selector.close();
      await Promise.all([
        queue.close(),
        parts.exports.close(),
        parts.mediaServer.close(),
        parts.estimator.close(),
        models,
      ]);
      // Ended as it should: nothing was interrupted.
      await projects.closeAll().catch((error: unknown) => onNote(String(error)));
      await unlock();
    },
  };
}
