import { usageError } from '../../src-shared/core/errors/index.ts';
import type { ModelRow } from '../../src-shared/ipc/index.ts';
import { isBundled } from '../../src-shared/project/index.ts';
import { describeProgress } from '../jobs/job-progress.ts';
import {
  availableBytes,
  catalogue,
  ensureFolder,
  getModel,
  halfBytes,
  importModel,
  isCalibrated,
  listComfyFiles,
  listModels,
  networkBytes,
  openModelFolder,
  removeModel,
  tokenizerBeside,
  verifyModel,
} from '../models/index.ts';
import type { OnProgress } from '../engine/progress.ts';
import type { CalibrateJob } from '../engine/calibrate-job.ts';
import { calibrationRuns } from '../engine/plan/calibration-time.ts';
import { runMessageLoop } from '../host/message-loop.ts';
import { askedEdit } from './asked-edit.ts';
import type { BackendParts, HandlersOf } from './backend-parts.ts';
import { isInside } from './path-rule.ts';

/** Reports of a copy come every few megabytes; the window wants a few in a second. */
const progressIntervalMs = 100;

/** Throws `path-refused` where a file is not in the folder that was chosen. */
async function requireBelow(folder: string, files: readonly string[]): Promise<void> {
  for (const file of files) {
    if (await isInside(file, folder)) continue;
    throw usageError('path-refused', `${file} is not in ${folder}.`, 'Choose a file of the folder.');
  }
}

type ModelRequest =
  | 'models.inspect'
  | 'models.catalogue'
  | 'models.get'
  | 'models.import'
  | 'models.calibrate'
  | 'models.verify'
  | 'models.stop'
  | 'models.space'
  | 'models.remove';

export async function modelRows(home: string): Promise<ModelRow[]> {
  const models = await listModels(home);
  return Promise.all(
    models.map(async (model) => {
      const { id, bytes, manifest, problem } = model;
      const calibrated = await isCalibrated(model);
      return {
        id,
        bytes,
        ...(manifest === undefined ? {} : { precision: manifest.precision }),
        readsPrompts: manifest?.settings.followsPrompt ?? false,
        ...(manifest?.settings.stands === true ? { stands: true as const } : {}),
        ...(manifest?.settings.vocabulary === undefined ? {} : { vocabulary: manifest.settings.vocabulary }),
        ...(calibrated === undefined ? {} : { calibrated }),
        ...(problem === undefined ? {} : { problem }),
      };
    }),
  );
}

/** Throws where a job would find no whole model; those of the program are made whole when they are needed. */
export async function requireModel(home: string, modelId: string): Promise<void> {
  if (!isBundled(modelId)) await openModelFolder(home, modelId);
}

export function modelHandlers(parts: BackendParts): HandlersOf<ModelRequest> {
  const { home, paths, queue, emit, signal, startHost, onNote = () => undefined } = parts;
  /** Imports and checks that run, by the model's id. */
  const atWork = new Map<string, AbortController>();

  const tell = async (): Promise<readonly ModelRow[]> => {
    const rows = await modelRows(home);
    emit('models.changed', rows);
    return rows;
  };

  /** The row of a model that was just imported. */
  async function rowOf(modelId: string): Promise<ModelRow> {
    const row = (await tell()).find(({ id }) => id === modelId);
    if (row === undefined) throw new Error(`the imported model ${modelId} is not listed`);
    return row;
  }

  function reporter(modelId: string): OnProgress {
    let lastMs = -Infinity;
    return (event) => {
      const now = performance.now();
      if (now - lastMs < progressIntervalMs && event.step < event.steps) return;
      lastMs = now;
      const { share, text } = describeProgress(event);
      emit('models.progress', { modelId, share, text });
    };
  }

  /** Runs what can be stopped, one at a time for each model. */
  async function work<Result>(
    modelId: string,
    run: (callbacks: { onProgress: OnProgress; signal: AbortSignal }) => Promise<Result>,
  ): Promise<Result> {
    if (atWork.has(modelId)) {
      throw usageError('model-busy', `${modelId} is being imported or checked.`, 'Wait until that is done.');
    }
    const stop = new AbortController();
    atWork.set(modelId, stop);
    try {
      return await run({
        onProgress: reporter(modelId),
        signal: AbortSignal.any([signal, stop.signal]),
      });
    } finally {
      atWork.delete(modelId);
    }
  }

  /** A job must not lose its model, whether it runs or waits. */
  function requireUnused(modelId: string): void {
    const user = queue.rows().find(({ id, state }) => {
      const open = state === 'running' || state === 'waiting' || state === 'paused';
      return open && queue.find(id).job.modelId === modelId;
    });
    if (user !== undefined) {
      throw usageError('model-in-use', `${user.name} needs ${modelId}.`, 'Wait for that job, or cancel it.');
    }
  }

  /** Two networks at once may not fit into memory. */
  function requireIdle(): void {
    const running = queue.rows().find(({ state }) => state === 'running');
    if (running === undefined) return;
    throw usageError('queue-busy', `${running.name} is running.`, 'Wait for that job, or pause it.');
  }

  return {
    'models.inspect': async ({ path }) => (await listComfyFiles(await paths.require(path))) ?? null,
    'models.import': async ({
      path,
      modelId,
      precision = 'fp32',
      textPrecision,
      files,
      loras = [],
      steps,
      guidanceScale,
      acceptLicence = false,
    }) =>
      work(modelId, async (callbacks) => {
        const sourceDir = await paths.require(path);
        await requireBelow(sourceDir, [...Object.values(files ?? {}), ...loras.map((lora) => lora.path)]);
        const tokenizer =
          files?.textEncoder === undefined ? undefined : await tokenizerBeside(files.textEncoder);
        const { manifest } = await importModel(
          {
            sourceDir,
            id: modelId,
            precision,
            home,
            acceptLicence,
            ...(files === undefined
              ? {}
              : { files: { ...files, ...(tokenizer === undefined ? {} : { tokenizer }) } }),
            ...(textPrecision === undefined ? {} : { textPrecision }),
            loras,
            settings: {
              ...(steps === undefined ? {} : { recommendedSteps: steps }),
              ...(guidanceScale === undefined ? {} : { guidanceScale }),
            },
          },
          callbacks,
        );
        return rowOf(manifest.id);
      }),
    'models.catalogue': async () =>
      catalogue.map((row) => ({
        id: row.id,
        repository: row.repository,
        licence: row.licence,
        bytes: halfBytes(row),
        networkBytes: networkBytes(row),
      })),
    'models.get': async ({ modelId, precision = 'fp16', acceptLicence = false }) =>
      work(modelId, async (callbacks) => {
        const source = process.env['HETCUT_MODEL_SOURCE'];
        await getModel(
          { home, name: modelId, precision, acceptLicence, ...(source === undefined ? {} : { source }) },
          callbacks,
        );
        return rowOf(modelId);
      }),
    'models.calibrate': async ({ modelId, edit }) =>
      work(modelId, async (callbacks) => {
        requireIdle();
        const of = edit === undefined ? {} : { edit: { ...(await askedEdit(parts, edit))[0], modelId } };
        const job: CalibrateJob = { kind: 'calibrate', modelId, runs: calibrationRuns, ...of };
        await runMessageLoop(startHost, job, home, { ...callbacks, onNote });
        return rowOf(modelId);
      }),
    async 'models.verify'({ modelId }) {
      try {
        await work(modelId, (callbacks) => verifyModel(home, modelId, callbacks));
      } finally {
        // What the check found out is in the list as well.
        await tell();
      }
      return { ok: true };
    },
    async 'models.stop'({ modelId }) {
      atWork.get(modelId)?.abort();
      return null;
    },
    async 'models.space'() {
      await ensureFolder(home);
      return { folder: home, freeBytes: await availableBytes(home) };
    },
    async 'models.remove'({ modelId }) {
      requireUnused(modelId);
      await removeModel(home, modelId);
      await tell();
      return null;
    },
  };
}
