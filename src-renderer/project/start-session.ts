import type { Client } from '../../src-shared/ipc/index.ts';
import { useBackend } from '../state/backend.ts';
import { useEditor } from '../state/editor-store.ts';
import { updateExports } from '../state/exports.ts';
import { showFailure } from '../state/notices.ts';
import { useProgramSettings } from '../state/program-settings.ts';
import { storePreview } from '../state/previews.ts';
import { updateJobs } from './job-results.ts';
import { saveProject, startAutosave } from './saving.ts';

/**
 * Connects the page to the program: what it is, its jobs and models, and saving whatever changes.
 * @returns stops the saving
 */
export async function startSession(client: Client): Promise<() => void> {
  useBackend.setState({ client });
  client.on('jobs.changed', updateJobs);
  client.on('jobs.preview', storePreview);
  client.on('exports.changed', updateExports);
  client.on('models.changed', (models) => {
    useEditor.setState({ models });
  });
  client.on('app.closing', () => {
    saveProject()
      .then(() => client.call('project.close', {}))
      .catch(showFailure);
  });
  const stopSaving = startAutosave();
  const [info, settings, jobs, exports] = await Promise.all([
    client.call('app.info', {}),
    client.call('settings.read', {}),
    client.call('jobs.list', {}),
    client.call('export.list', {}),
  ]);
  useProgramSettings.setState(settings);
  useBackend.setState({ info });
  useEditor.setState({ models: info.models });
  updateJobs(jobs);
  updateExports(exports);
  return stopSaving;
}
