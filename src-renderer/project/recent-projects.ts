import { backend, useBackend } from '../state/backend.ts';

/** The list of recent projects as it is now. */
export async function refreshRecentProjects(): Promise<void> {
  useBackend.setState({ info: await backend().call('app.info', {}) });
}

/** Takes a project off the list of recent ones. */
export async function forgetProject(path: string): Promise<void> {
  await backend().call('project.forget', { path });
  await refreshRecentProjects();
}

/** The project that was not closed is not wanted: it is no longer offered. */
export async function forgetInterrupted(): Promise<void> {
  await backend().call('project.close', {});
  await refreshRecentProjects();
}
