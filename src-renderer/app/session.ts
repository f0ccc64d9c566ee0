import { create } from 'zustand';
import { HetcutError } from '../../src-shared/core/errors/index.ts';
import type { Client, JobRow, OpenedClip, OpenedProject } from '../../src-shared/ipc/index.ts';
import { newEdit, newProject, withClip, type Clip, type Project } from '../../src-shared/project/index.ts';
import { formatTime, text } from '../i18n/index.ts';
import { backend, useBackend } from '../state/backend.ts';
import { amendProject, openProject, useEditor } from '../state/editor-store.ts';
import { takeExports } from '../state/exports.ts';
import { showFailure, showInfo } from '../state/notices.ts';
import { dropOldPreviews, takePreview } from '../state/previews.ts';

interface SessionState {
  /** What is being opened; null: nothing. */
  readonly opening: string | null;
  /** Clips of the project whose files were not found, with the reason. */
  readonly missing: Readonly<Record<string, string>>;
  readonly saved: 'saved' | 'saving' | 'unsaved';
  /** Where the project lies, and the revision that it is based on (null: it replaces what is there); null: nowhere. */
  readonly file: { readonly path: string; readonly revision: string | null } | null;
  /** Another window has saved the project since; nothing is saved until the editor has chosen. */
  readonly conflict: HetcutError | null;
}

export const useSession = create<SessionState>()(() => ({
  opening: null,
  missing: {},
  saved: 'saved',
  file: null,
  conflict: null,
}));

const autosaveDelayMs = 800;

/** The document as it lies on disk, or as it was opened. */
let lastSaved: Project | null = null;
let autosave: ReturnType<typeof setTimeout> | undefined;
/** Saves follow each other: each is based on the revision that the one before made. */
let saving: Promise<void> = Promise.resolve();

/**
 * Connects the page to the program: what it is, its jobs and models, and saving whatever changes.
 * @returns stops the saving
 */
export async function startSession(client: Client): Promise<() => void> {
  useBackend.setState({ client });
  client.on('jobs.changed', takeJobs);
  client.on('jobs.preview', takePreview);
  client.on('exports.changed', takeExports);
  client.on('models.changed', (models) => {
    useEditor.setState({ models });
  });
  client.on('app.closing', () => {
    saveProject()
      .then(() => client.call('project.close', {}))
      .catch(showFailure);
  });
  const stopSaving = useEditor.subscribe(({ history }, before) => {
    if (history?.present !== before.history?.present) saveLater();
  });
  const [info, jobs, exports] = await Promise.all([
    client.call('app.info', {}),
    client.call('jobs.list', {}),
    client.call('export.list', {}),
  ]);
  useBackend.setState({ info });
  useEditor.setState({ models: info.models });
  takeJobs(jobs);
  takeExports(exports);
  return () => {
    clearTimeout(autosave);
    stopSaving();
  };
}

function saveLater(): void {
  const project = useEditor.getState().history?.present ?? null;
  if (project === null || project === lastSaved) return;
  useSession.setState({ saved: 'unsaved' });
  clearTimeout(autosave);
  autosave = setTimeout(() => {
    if (useSession.getState().conflict === null) saveProject().catch(showFailure);
  }, autosaveDelayMs);
}

/** Saves what has changed since the last time; changes meanwhile are saved after it. */
export function saveProject(): Promise<void> {
  clearTimeout(autosave);
  saving = saving.catch(() => undefined).then(saveNow);
  return saving;
}

async function saveNow(): Promise<void> {
  const project = useEditor.getState().history?.present;
  const { file, conflict } = useSession.getState();
  if (project === undefined || project === lastSaved) return;
  if (conflict !== null) throw conflict;
  useSession.setState({ saved: 'saving' });
  try {
    const saved = await backend().call('project.save', {
      project,
      ...(file !== null && { path: file.path }),
      ...(file !== null && file.revision !== null && { basedOn: file.revision }),
    });
    useSession.setState({ file: { path: saved.path, revision: saved.revision } });
  } catch (error) {
    useSession.setState({ saved: 'unsaved' });
    if (error instanceof HetcutError && error.code === 'project-conflict') {
      useSession.setState({ conflict: error });
    }
    throw error;
  }
  lastSaved = project;
  const changedSince = useEditor.getState().history?.present !== project;
  useSession.setState({ saved: changedSince ? 'unsaved' : 'saved' });
}

/** Saves the project in another place, where it is saved from now on, under that file's name. */
export async function saveProjectAs(path: string): Promise<void> {
  await saving.catch(() => undefined);
  const before = useSession.getState().file;
  const name = baseName(path).replace(/\.hetcut$/i, '');
  amendProject((project) => void (project.name = name.slice(0, 200) || project.name));
  useSession.setState({ file: { path, revision: null }, conflict: null });
  lastSaved = null;
  try {
    await saveProject();
  } catch (error) {
    useSession.setState({ file: before });
    throw error;
  }
}

/** Settles a conflict: what is here replaces what another window saved. */
export async function keepMine(): Promise<void> {
  useEditor.setState({ notice: null });
  useSession.setState(({ file }) => ({ conflict: null, file: file && { ...file, revision: null } }));
  await saveProject();
}

/** Settles a conflict: what another window saved replaces what is here, which becomes an earlier version. */
export async function loadTheirs(): Promise<void> {
  const { file } = useSession.getState();
  const project = useEditor.getState().history?.present;
  if (file === null || project === undefined) return;
  await backend().call('project.keepVersion', { project, path: file.path });
  // As if it were saved.
  lastSaved = project;
  useSession.setState({ conflict: null });
  await openProjectFile(file.path);
}

/** Puts an earlier version of the project in its place. */
export async function restoreVersion(savedAt: number): Promise<void> {
  const { file } = useSession.getState();
  if (file === null) return;
  await opening(baseName(file.path), async () =>
    showOpened(await backend().call('project.restore', { path: file.path, savedAt })),
  );
}

/** Opens a clip as a new project of one clip and one edit. */
export async function openClip(path: string): Promise<void> {
  await opening(baseName(path), async () => startProject(await backend().call('clip.open', { path })));
}

export async function openSample(): Promise<void> {
  await opening(text('start.sample'), async () => startProject(await backend().call('clip.sample', {})));
}

/** Opens a project, its clips and its results. A clip that is not there can be found later. */
export async function openProjectFile(path: string): Promise<void> {
  await opening(baseName(path), async () => showOpened(await backend().call('project.open', { path })));
}

async function showOpened({ project, path, revision, damage }: OpenedProject): Promise<void> {
  show(project, {});
  useSession.setState({ file: { path, revision } });
  await Promise.all([...project.clips.map(openMedia), ...storedResults(project).map(openResult)]);
  takeJobs(useEditor.getState().jobs);
  if (damage === undefined) return;
  const time = formatTime(damage.savedAt);
  showInfo(text('notice.damaged', { message: damage.message, time }));
  // The file becomes whole again; what is left of it is set aside.
  lastSaved = null;
  saveLater();
}

/** Opens whatever was dropped: a project by its ending, else a clip. */
export async function openPath(path: string): Promise<void> {
  await (/\.hetcut$/i.test(path) ? openProjectFile(path) : openClip(path));
}

/** Closes the project, saved. */
export async function closeProject(): Promise<void> {
  await saveProject();
  await backend().call('project.close', {});
  lastSaved = null;
  useEditor.setState({
    history: null,
    clipId: null,
    editId: null,
    opened: {},
    openedResults: {},
    playRate: 0,
  });
  useSession.setState({ missing: {}, saved: 'saved', file: null, conflict: null });
  await lookAgain();
}

/** The list of recent projects as it is now. */
async function lookAgain(): Promise<void> {
  useBackend.setState({ info: await backend().call('app.info', {}) });
}

/** Takes a project off the list of recent ones. */
export async function forgetProject(path: string): Promise<void> {
  await backend().call('project.forget', { path });
  await lookAgain();
}

/** The project that was not closed is not wanted: it is no longer offered. */
export async function leaveInterrupted(): Promise<void> {
  await backend().call('project.close', {});
  await lookAgain();
}

/**
 * Takes another file for a clip that was not found, and looks beside it for the others that are missing.
 * @throws HetcutError `relink-size` where it is another clip: masks would not fit it
 */
export async function relink(clip: Clip, path: string): Promise<void> {
  takeMedia(clip, await backend().call('clip.open', { path }));
  const { missing } = useSession.getState();
  const others = useEditor.getState().history?.present.clips.filter(({ id }) => id in missing) ?? [];
  for (const other of others) await findNear(other, path);
}

/** @throws HetcutError `relink-size` */
function takeMedia(clip: Clip, media: OpenedClip): void {
  if (media.width !== clip.width || media.height !== clip.height || media.frames !== clip.frames) {
    const size = `${media.width} × ${media.height}`;
    const old = { oldFrames: clip.frames, oldSize: `${clip.width} × ${clip.height}` };
    throw new HetcutError('relink-size', text('relink.size', { frames: media.frames, size, ...old }), {
      hint: text('relink.sizeHint'),
    });
  }
  amendProject((project) => {
    const moved = project.clips.find(({ id }) => id === clip.id);
    if (moved !== undefined) moved.path = media.path;
  });
  keepMedia(clip.id, media);
}

/** Takes a clip of the same name and size in the folder of `near`, if there is one. */
async function findNear(clip: Clip, near: string): Promise<boolean> {
  try {
    const path = await backend().call('clip.find', { path: clip.path, near });
    if (path === null) return false;
    takeMedia(clip, await backend().call('clip.open', { path }));
    return true;
  } catch (error) {
    if (!(error instanceof HetcutError)) throw error;
    return false;
  }
}

async function opening(name: string, work: () => Promise<void>): Promise<void> {
  useSession.setState({ opening: name });
  try {
    await saveProject();
    await work();
  } finally {
    useSession.setState({ opening: null });
  }
}

function startProject(media: OpenedClip): void {
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
    edits: [newEditForMachine()],
  };
  const title = name.replace(/\.[^.]+$/, '').slice(0, 200) || name;
  show(withClip(newProject(crypto.randomUUID(), title), clip), { [clip.id]: media });
  warnOf(media);
}

/** A first edit with a model that is there. */
function newEditForMachine(): Clip['edits'][number] {
  const edit = newEdit(crypto.randomUUID(), text('prompt.remove'));
  const { models } = useEditor.getState();
  const [first] = models;
  if (first === undefined || models.some(({ id }) => id === edit.settings.modelId)) return edit;
  return { ...edit, settings: { ...edit.settings, modelId: first.id } };
}

function show(project: Project, opened: Readonly<Record<string, OpenedClip>>): void {
  // Before it is shown, so that opening is no change to save.
  lastSaved = project;
  openProject(project);
  useEditor.setState({ opened, openedResults: {}, notice: null });
  useSession.setState({ missing: {}, saved: 'saved', file: null, conflict: null });
}

async function openMedia(clip: Clip): Promise<void> {
  try {
    const media = await backend().call('clip.open', { path: clip.path });
    keepMedia(clip.id, media);
    warnOf(media);
  } catch (error) {
    if (!(error instanceof HetcutError)) throw error;
    const { file } = useSession.getState();
    if (file !== null && (await findNear(clip, file.path))) {
      showInfo(text('relink.found', { name: clip.name }));
      return;
    }
    useSession.setState(({ missing }) => ({ missing: { ...missing, [clip.id]: error.message } }));
  }
}

function keepMedia(clipId: string, media: OpenedClip): void {
  useEditor.setState(({ opened }) => ({ opened: { ...opened, [clipId]: media } }));
  useSession.setState(({ missing: { [clipId]: _, ...missing } }) => ({ missing }));
}

function warnOf({ name, warnings }: OpenedClip): void {
  if (warnings.length > 0) showInfo(text('notice.warnings', { name, warnings: warnings.join(' ') }));
}

interface StoredPath {
  readonly name: string;
  readonly path: string;
}

function storedResults(project: Project): StoredPath[] {
  return project.clips.flatMap(({ edits }) =>
    edits.flatMap(({ name, result }) => (result === undefined ? [] : [{ name, path: result.path }])),
  );
}

async function openResult({ name, path }: StoredPath): Promise<boolean> {
  try {
    const media = await backend().call('clip.open', { path });
    useEditor.setState(({ openedResults }) => ({ openedResults: { ...openedResults, [path]: media } }));
    return true;
  } catch (error) {
    if (!(error instanceof HetcutError)) throw error;
    showInfo(text('notice.resultMissing', { name }));
    return false;
  }
}

/** Takes the queue's state; what has been finished becomes the result of its edit. */
function takeJobs(jobs: readonly JobRow[]): void {
  useEditor.setState({ jobs });
  dropOldPreviews(jobs);
  const project = useEditor.getState().history?.present;
  if (project === undefined) return;
  for (const job of newestFinished(jobs, project)) takeResult(job);
}

type FinishedJob = JobRow & { readonly result: NonNullable<JobRow['result']> };

/** The last finished job of each edit whose result the project does not have yet. */
function newestFinished(jobs: readonly JobRow[], project: Project): FinishedJob[] {
  const newest = new Map<string, FinishedJob>();
  for (const job of jobs) {
    if (job.state !== 'done' || job.result === undefined || job.projectId !== project.id) continue;
    const known = newest.get(job.editId);
    if (known === undefined || known.createdAt < job.createdAt) newest.set(job.editId, job as FinishedJob);
  }
  const edits = new Map(project.clips.flatMap((clip) => clip.edits.map((edit) => [edit.id, edit])));
  return [...newest.values()].filter((job) => {
    const edit = edits.get(job.editId);
    return edit !== undefined && edit.result?.jobId !== job.id;
  });
}

function takeResult({ id, clipId, editId, name, result }: FinishedJob): void {
  const { path, range, fingerprint, seconds, estimateSeconds, filled } = result;
  amendProject((project) => {
    const edit = project.clips.find((clip) => clip.id === clipId)?.edits.find((other) => other.id === editId);
    if (edit !== undefined) {
      edit.result = {
        path,
        jobId: id,
        ...(range === undefined ? {} : { range }),
        fingerprint,
        seconds,
        estimateSeconds,
        ...(filled === undefined ? {} : { filled }),
      };
    }
  });
  openResult({ name, path })
    .then((opened) => {
      if (opened && useEditor.getState().editId === editId) useEditor.setState({ compare: 'wipe' });
    })
    .catch(showFailure);
}

function baseName(path: string): string {
  return path.split(/[\\/]/).at(-1) ?? path;
}
