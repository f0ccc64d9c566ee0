import { newEdit, type Clip, type Edit, type EditMask } from '../../src-shared/project/index.ts';
import { text, type TextKey } from '../i18n/index.ts';
import { backend } from '../state/backend.ts';
import { chooseFile } from '../state/choose-file.ts';
import {
  activeClip,
  activeEdit,
  changeEdit,
  changeProject,
  goToFrame,
  useEditor,
} from '../state/editor-store.ts';
import { editName } from '../state/edit-name.ts';
import { useView } from '../state/view-store.ts';
import { keyframesOf, nextKeyframe, shapesToKey, withKeys, withoutKeys } from './keyframe-rows.ts';

/** Shows a clip of the project, with its first edit. */
export function showClip(clip: Clip): void {
  useEditor.setState({
    clipId: clip.id,
    editId: clip.edits[0]?.id ?? null,
    frame: clip.range?.startFrame ?? 0,
    playRate: 0,
    compare: 'before',
  });
}

/** Asks for a clip and adds it to the project. */
export async function addClip(): Promise<void> {
  const path = await chooseFile('clip');
  if (path === null) return;
  const media = await backend().call('clip.open', { path });
  const { name, width, height, frames, frameRate, durationSec } = media;
  const edits = [freshEdit()];
  const id = crypto.randomUUID();
  const clip: Clip = { id, path: media.path, name, width, height, frames, frameRate, durationSec, edits };
  useEditor.setState(({ opened }) => ({ opened: { ...opened, [id]: media } }));
  changeProject(
    text('step.addClip'),
    (project) => void project.clips.push(clip as (typeof project.clips)[number]),
  );
  showClip(clip);
}

/** Takes a clip out of the project; the last one stays. */
export function removeClip(clip: Clip): void {
  const clips = useEditor.getState().history?.present.clips ?? [];
  if (clips.length < 2) return;
  const index = clips.findIndex(({ id }) => id === clip.id);
  if (useEditor.getState().clipId === clip.id) showClip(clips[index === 0 ? 1 : index - 1]);
  changeProject(text('step.removeClip'), (project) => void project.clips.splice(index, 1));
}

/** An edit like the active one, with nothing painted; with a model that is there. */
function freshEdit(): Edit {
  const state = useEditor.getState();
  const edit = newEdit(crypto.randomUUID());
  const like = activeEdit(state);
  return like === undefined
    ? edit
    : { ...edit, settings: { ...like.settings, prompt: '', negativePrompt: '' } };
}

function changeClipEdits(label: TextKey, change: (edits: Edit[]) => void): void {
  const { clipId } = useEditor.getState();
  changeProject(text(label), (project) => {
    const clip = project.clips.find(({ id }) => id === clipId);
    if (clip !== undefined) change(clip.edits);
  });
}

/** Adds an edit, of the frames between the clip's in and out point. */
export function addEdit(): void {
  const clip = activeClip(useEditor.getState());
  const fresh = freshEdit();
  const edit = clip?.range === undefined ? fresh : { ...fresh, range: clip.range };
  changeClipEdits('step.addEdit', (edits) => void edits.push(edit));
  useEditor.setState({ editId: edit.id, compare: 'before' });
}

/** A copy of an edit above it, without its result, which becomes the active one. Returns its id. */
export function copyEdit(editId: string): string {
  const id = crypto.randomUUID();
  changeClipEdits('step.copyEdit', (edits) => {
    const at = edits.findIndex((edit) => edit.id === editId);
    const { result: _, ...copied } = edits[at];
    edits.splice(at + 1, 0, {
      ...copied,
      id,
      name: copied.name === '' ? '' : text('timeline.copyOf', { name: copied.name }).slice(0, 200),
    });
  });
  useEditor.setState({ editId: id, compare: 'before' });
  return id;
}

/** Names an edit; without a name, or with the one that it has by itself, the program names it. */
export function renameEdit(editId: string, typed: string): void {
  changeClipEdits('step.renameEdit', (edits) => {
    const at = edits.findIndex(({ id }) => id === editId);
    const trimmed = typed.trim().slice(0, 200);
    const name = trimmed === editName({ ...edits[at], name: '' }, at) ? '' : trimmed;
    if (edits[at].name !== name) edits[at] = { ...edits[at], name };
  });
}

export function toggleEdit(editId: string): void {
  changeClipEdits('step.enableEdit', (edits) => {
    const at = edits.findIndex(({ id }) => id === editId);
    edits[at] = { ...edits[at], enabled: !edits[at].enabled };
  });
}

/** Puts an edit at another place among the clip's: later ones lie over earlier ones. */
export function moveEdit(editId: string, toIndex: number): void {
  const edits = activeClip(useEditor.getState())?.edits ?? [];
  const from = edits.findIndex(({ id }) => id === editId);
  const to = Math.min(edits.length - 1, Math.max(0, toIndex));
  if (from < 0 || from === to) return;
  changeClipEdits('step.orderEdits', (all) => {
    const [moved] = all.splice(from, 1);
    all.splice(to, 0, moved);
  });
}

/** Takes an edit out of the clip; the last one stays, for there must be something to paint on. */
export function deleteEdit(editId: string): void {
  const edits = activeClip(useEditor.getState())?.edits ?? [];
  if (edits.length < 2) return;
  const index = edits.findIndex(({ id }) => id === editId);
  changeClipEdits('step.deleteEdit', (all) => void all.splice(index, 1));
  if (useEditor.getState().editId === editId)
    useEditor.setState({ editId: edits[index === 0 ? 1 : index - 1].id });
}

/** Changes the active edit's mask as one step; `key` joins steps of one gesture. */
export function changeMask(label: TextKey, change: (mask: EditMask) => EditMask, key?: string): void {
  changeEdit(text(label), (edit) => void (edit.mask = change(edit.mask) as typeof edit.mask), key);
}

/** Goes to the nearest keyframe before or after the playhead. */
export function goToKeyframe(direction: -1 | 1): void {
  const state = useEditor.getState();
  const mask = activeEdit(state)?.mask;
  const frame = mask === undefined ? undefined : nextKeyframe(keyframesOf(mask), state.frame, direction);
  if (frame === undefined) return;
  useEditor.setState({ playRate: 0 });
  goToFrame(frame);
}

export function deleteKeyframe(frame: number): void {
  changeMask('step.deleteKey', (mask) => withoutKeys(mask, frame));
}

/** Takes the keyframe at the playhead away, or makes one. */
export function toggleKeyframe(): void {
  const state = useEditor.getState();
  const { frame } = state;
  const mask = activeEdit(state)?.mask;
  if (mask === undefined) return;
  const shapes = shapesToKey(mask, useView.getState().shape, frame);
  if (shapes.length > 0) changeMask('step.addKey', (before) => withKeys(before, shapes, frame));
  else if (keyframesOf(mask).includes(frame)) deleteKeyframe(frame);
}
