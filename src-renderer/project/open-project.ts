import type { OpenedClip, OpenedProject, SampleName } from '../../src-shared/ipc/index.ts';
import {
  newEdit,
  newProject,
  starterId,
  withClip,
  type Clip,
  type Edit,
  type Project,
} from '../../src-shared/project/index.ts';
import { formatTime, text } from '../i18n/index.ts';
import { backend } from '../state/backend.ts';
import { useProgramSettings } from '../state/program-settings.ts';
import { openProject, useEditor } from '../state/editor-store.ts';
import { showInfo } from '../state/notices.ts';
import { openMedia, showWarnings } from './clip-media.ts';
import { openResult, storedResults, updateJobs } from './job-results.ts';
import { refreshRecentProjects } from './recent-projects.ts';
import { markSaved, saveLater, saveProject } from './saving.ts';
import { baseName, resetSession, useSession } from './session-store.ts';

/** Opens a clip as a new project of one clip and one edit. */
export async function openClip(path: string): Promise<void> {
  await opening(baseName(path), async () =>
    startProject(await backend().call('clip.open', { path }), newEditForMachine()),
  );
}

/** Opens a clip that comes with the program, with an edit of it that only has to be run. */
export async function openSample(name: SampleName): Promise<void> {
  await opening(text(`start.sample.${name}`), async () => {
    const { media, shapes, settings } = await backend().call('clip.sample', { name });
    const usual = newEditForMachine();
    startProject(media, {
      ...usual,
      mask: { ...usual.mask, shapes },
      // What a sample shows is shown by the models that come with the program.
      settings: { ...usual.settings, modelId: starterId, ...settings },
    });
    showInfo(text(`sample.${name}`));
  });
}

/** Opens a project, its clips and its results. A clip that is not there can be found later. */
export async function openProjectFile(path: string): Promise<void> {
  await opening(baseName(path), async () => showOpened(await backend().call('project.open', { path })));
}

/** Opens whatever was dropped: a project by its ending, else a clip. */
export async function openPath(path: string): Promise<void> {
  await (/\.hetcut$/i.test(path) ? openProjectFile(path) : openClip(path));
}

/** Puts an earlier version of the project in its place. */
export async function restoreVersion(savedAt: number): Promise<void> {
  const { file } = useSession.getState();
  if (file === null) return;
  await opening(baseName(file.path), async () =>
    showOpened(await backend().call('project.restore', { path: file.path, savedAt })),
  );
}

/** Closes the project, saved. */
export async function closeProject(): Promise<void> {
  await saveProject();
  await backend().call('project.close', {});
  markSaved(null);
  useEditor.setState({
    history: null,
    clipId: null,
    editId: null,
    opened: {},
    openedResults: {},
    playRate: 0,
  });
  resetSession();
  await refreshRecentProjects();
}

/** Saves the project that is open, then opens another; meanwhile the window says so. */
async function opening(name: string, work: () => Promise<void>): Promise<void> {
  useSession.setState({ opening: name });
  try {
    await saveProject();
    await work();
  } finally {
    useSession.setState({ opening: null });
  }
}

async function showOpened({ project, path, revision, damage }: OpenedProject): Promise<void> {
  show(project, {});
  useSession.setState({ file: { path, revision } });
  await Promise.all([...project.clips.map(openMedia), ...storedResults(project).map(openResult)]);
  updateJobs(useEditor.getState().jobs);
  if (damage === undefined) return;
  const time = formatTime(damage.savedAt);
  showInfo(text('notice.damaged', { message: damage.message, time }));
  // The file becomes whole again; what is left of it is set aside.
  markSaved(null);
  saveLater();
}

function startProject(media: OpenedClip, edit: Edit): void {
  const { path, name, width, height, frames, frameRate, durationSec } = media;
  const clip: Clip = {
    id: crypto.randomUUID(),
    path,
    name,
    width,
    height,
    frames,
    frameRate,
    durationSec,
    edits: [edit],
  };
  const title = name.replace(/\.[^.]+$/, '').slice(0, 200) || name;
  show(withClip(newProject(crypto.randomUUID(), title), clip), { [clip.id]: media });
  showWarnings(media);
}

/** A first edit as the settings say, with a model that is there. */
function newEditForMachine(): Edit {
  const usual = newEdit(crypto.randomUUID());
  const { modelId, preset } = useProgramSettings.getState().settings;
  const { models } = useEditor.getState();
  const isThere = (wanted: string): boolean => models.some(({ id }) => id === wanted);
  const model = [modelId, usual.settings.modelId].find(isThere) ?? models[0]?.id ?? usual.settings.modelId;
  return { ...usual, settings: { ...usual.settings, modelId: model, preset } };
}

function show(project: Project, opened: Readonly<Record<string, OpenedClip>>): void {
  // Before it is shown, so that opening is no change to save.
  markSaved(project);
  openProject(project);
  useEditor.setState({ opened, openedResults: {}, notice: null });
  resetSession();
}
