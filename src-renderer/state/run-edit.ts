import { create } from 'zustand';
import type { ModelRow, OpenedClip } from '../../src-shared/ipc/index.ts';
import type { Edit } from '../../src-shared/project/index.ts';
import { text } from '../i18n/index.ts';
import { questionOf } from './fingerprints.ts';
import { backend } from './backend.ts';
import { showInfo } from './notices.ts';
import {
  activeClip,
  activeEdit,
  activeMedia,
  changeEdit,
  useEditor,
  type EditorState,
} from './editor-store.ts';

/** The model that comes with the program. */
export const starterId = 'starter';

/** How runs are started; of the window, not of the project. */
export const useRunOptions = create<{ readonly seedLocked: boolean }>()(() => ({ seedLocked: true }));

/** Whether the mask of an edit can cover anything. */
export function hasMask(edit: Edit): boolean {
  return edit.mask.shapes.length > 0 || edit.mask.invert;
}

/** What keeps the edit's model from being used; null where nothing does. */
export function modelProblem(
  edit: Edit | undefined,
  models: readonly ModelRow[],
): 'model.gone' | 'model.damaged' | null {
  // The starter is brought along, and made whole where it is not.
  if (edit === undefined || edit.settings.modelId === starterId) return null;
  const model = models.find(({ id }) => id === edit.settings.modelId);
  if (model === undefined) return 'model.gone';
  return model.problem === undefined ? null : 'model.damaged';
}

/** Why the active edit cannot run; null where it can. `media`: its clip, undefined while that is not opened. */
export function whyNotRun(
  edit: Edit | undefined,
  models: readonly ModelRow[],
  media: OpenedClip | undefined,
): 'jobs.needClip' | 'jobs.needMask' | 'jobs.needPrompt' | 'jobs.needModel' | null {
  if (media === undefined) return 'jobs.needClip';
  if (edit === undefined || !hasMask(edit)) return 'jobs.needMask';
  if (modelProblem(edit, models) !== null) return 'jobs.needModel';
  if (edit.settings.kind === 'edit' && edit.settings.prompt.trim() === '') return 'jobs.needPrompt';
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

/** Puts edits of the active clip into the queue, as they are; says why where one cannot be run. */
export async function runEdits(edits: readonly Edit[]): Promise<void> {
  for (const edit of edits) {
    const state = useEditor.getState();
    const reason = whyNotRun(edit, state.models, activeMedia(state));
    if (reason === null) await queueEdit(edit);
    else showInfo(`${edit.name}: ${text(reason)}`);
  }
}

async function queueEdit(edit: Edit): Promise<void> {
  const asked = editInput(edit, text(edit.settings.kind === 'remove' ? 'jobs.remove' : 'jobs.replace'));
  if (asked !== undefined) await backend().call('jobs.add', asked);
}

/** Puts a comparison with the uncached run into the queue: of the active edit as it is now, around the playhead. */
export async function checkActiveEdit(): Promise<void> {
  const state = useEditor.getState();
  const edit = activeEdit(state);
  const asked = edit && editInput(edit, text('check.job'));
  const { frame } = state;
  if (asked !== undefined) await backend().call('edit.check', { ...asked, frame: Math.round(frame) });
}

/** An edit of the active clip as it is asked for; `kind`: what a job of it is called beside its clip. */
function editInput(edit: Edit, kind: string) {
  const state = useEditor.getState();
  const clip = activeClip(state);
  if (state.history === null || clip === undefined) return undefined;
  return {
    projectId: state.history.present.id,
    clipId: clip.id,
    editId: edit.id,
    name: text('jobs.name', { clip: clip.name, kind }).slice(0, 200),
    clipPath: clip.path,
    ...questionOf(edit),
  };
}
