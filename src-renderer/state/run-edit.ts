import { create } from 'zustand';
import type { ModelRow, OpenedClip } from '../../src-shared/ipc/index.ts';
import {
  isBundled,
  modelOf,
  type Clip,
  type Edit,
  type EditSettings,
} from '../../src-shared/project/index.ts';
import { readWords } from '../../src-shared/core/words/index.ts';
import { text } from '../i18n/index.ts';
import { questionOf } from './fingerprints.ts';
import { backend } from './backend.ts';
import { nameInClip } from './edit-name.ts';
import { showInfo } from './notices.ts';
import { activeEdit, activeMedia, changeEdit, useEditor, type EditorState } from './editor-store.ts';

/** How runs are started; of the window, not of the project. */
export const useRunOptions = create<{ readonly seedLocked: boolean }>()(() => ({ seedLocked: true }));

/** Whether the mask of an edit can cover anything. */
export function hasMask(edit: Edit): boolean {
  return edit.mask.shapes.length > 0 || edit.mask.invert;
}

/** What is known of the model that an edit runs on; see `modelOf`. */
export function modelRow(
  settings: Pick<EditSettings, 'kind' | 'modelId'>,
  models: readonly ModelRow[],
): ModelRow | undefined {
  return models.find(({ id }) => id === modelOf(settings));
}

/** Whether the model of that id, or what came with it, puts there what a prompt says; of one that is not known it is believed. */
export function canReplace(modelId: string, models: readonly ModelRow[]): boolean {
  return modelRow({ kind: 'edit', modelId }, models)?.readsPrompts ?? true;
}

/** What keeps the edit's model from being used; null where nothing does. */
export function modelProblem(
  edit: Edit | undefined,
  models: readonly ModelRow[],
): 'model.gone' | 'model.damaged' | null {
  // What is brought along is made whole where it is not.
  if (edit === undefined || isBundled(edit.settings.modelId)) return null;
  const model = models.find(({ id }) => id === edit.settings.modelId);
  if (model === undefined) return 'model.gone';
  return model.problem === undefined ? null : 'model.damaged';
}

/** Why the active edit cannot run; null where it can. `media`: its clip, undefined while that is not opened. */
export function whyNotRun(
  edit: Edit | undefined,
  models: readonly ModelRow[],
  media: OpenedClip | undefined,
): 'jobs.needClip' | 'jobs.needMask' | 'jobs.needPrompt' | 'jobs.needWords' | 'jobs.needModel' | null {
  if (media === undefined) return 'jobs.needClip';
  if (edit === undefined || !hasMask(edit)) return 'jobs.needMask';
  if (modelProblem(edit, models) !== null) return 'jobs.needModel';
  const { kind, prompt } = edit.settings;
  if (kind === 'edit' && prompt.trim() === '') return 'jobs.needPrompt';
  const vocabulary = modelRow(edit.settings, models)?.vocabulary;
  if (kind === 'edit' && vocabulary && readWords(prompt, vocabulary).otherScript) return 'jobs.needWords';
  return null;
}

/** As `whyNotRun`, of what the window shows. */
export function whyNotRunActive(state: EditorState): ReturnType<typeof whyNotRun> {
  return whyNotRun(activeEdit(state), state.models, activeMedia(state));
}

/** Another seed, of 32 random bits. */
export function rerollSeed(): void {
  const [seed] = crypto.getRandomValues(new Uint32Array(1));
  changeEdit(text('step.seed'), (edit) => {
    edit.settings.seed = seed;
  });
}

/** Puts the active edit into the queue; it is run as it is now, whatever is changed afterwards. */
export async function runActiveEdit(): Promise<void> {
  if (whyNotRunActive(useEditor.getState()) !== null) return;
  if (!useRunOptions.getState().seedLocked) rerollSeed();
  const edit = activeEdit(useEditor.getState());
  if (edit !== undefined) await queueEdit(edit);
}

/** The clip of the project that an edit is of. */
function clipOf(edit: Edit, { history }: EditorState): Clip | undefined {
  return history?.present.clips.find(({ edits }) => edits.some(({ id }) => id === edit.id));
}

/** Puts edits of the project into the queue, as they are; says why where one cannot be run. */
export async function runEdits(edits: readonly Edit[]): Promise<void> {
  for (const edit of edits) {
    const state = useEditor.getState();
    const clip = clipOf(edit, state);
    const reason = whyNotRun(edit, state.models, clip && state.opened[clip.id]);
    if (reason === null) await queueEdit(edit);
    else showInfo(`${clip === undefined ? edit.name : nameInClip(clip, edit)}: ${text(reason)}`);
  }
}

async function queueEdit(edit: Edit): Promise<void> {
  const asked = editInput(edit);
  if (asked === undefined) return;
  // What was said before has been done.
  useEditor.setState(({ notice }) => (notice?.kind === 'info' ? { notice: null } : {}));
  await backend().call('jobs.add', asked);
}

/** Puts a comparison with the uncached run into the queue: of the active edit as it is now, around the playhead. */
export async function checkActiveEdit(): Promise<void> {
  const state = useEditor.getState();
  const edit = activeEdit(state);
  const asked = edit && editInput(edit);
  const { frame } = state;
  if (asked !== undefined)
    await backend().call('edit.check', {
      ...asked,
      name: text('check.of', { name: asked.name }).slice(0, 200),
      frame: Math.round(frame),
    });
}

/** An edit of the project as it is asked for. */
function editInput(edit: Edit) {
  const state = useEditor.getState();
  const clip = clipOf(edit, state);
  if (state.history === null || clip === undefined) return undefined;
  return {
    projectId: state.history.present.id,
    projectName: state.history.present.name,
    clipId: clip.id,
    editId: edit.id,
    name: text('jobs.name', { clip: clip.name, kind: nameInClip(clip, edit) }).slice(0, 200),
    clipPath: clip.path,
    ...questionOf(edit),
  };
}
