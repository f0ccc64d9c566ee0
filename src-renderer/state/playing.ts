import type { FrameRange } from '../../src-shared/project/index.ts';
import { text, type TextKey } from '../i18n/index.ts';
import { activeClip, changeProject, goToFrame, useEditor } from './editor-store.ts';

/** Plays at normal speed, or pauses. At the end it starts over. */
export function togglePlay(): void {
  const state = useEditor.getState();
  const clip = activeClip(state);
  if (clip === undefined) return;
  if (state.playRate !== 0) return useEditor.setState({ playRate: 0 });
  if (state.frame >= clip.frames - 1) goToFrame(clip.range?.startFrame ?? 0);
  useEditor.setState({ playRate: 1 });
}

/** Whether playing goes from the out point back to the in point. */
export function toggleLoop(): void {
  useEditor.setState(({ loop }) => ({ loop: !loop }));
}

/** A frame on or back; play pauses. */
export function stepFrames(count: number): void {
  useEditor.setState({ playRate: 0 });
  goToFrame(useEditor.getState().frame + count);
}

export function goToEnd(which: 'first' | 'last'): void {
  const clip = activeClip(useEditor.getState());
  if (clip === undefined) return;
  useEditor.setState({ playRate: 0 });
  goToFrame(which === 'first' ? 0 : clip.frames - 1);
}

/** A range with its first or last frame at `frame`; the other end goes back to the clip's where it would be passed. */
export function rangeWith(
  before: FrameRange | undefined,
  frames: number,
  point: 'in' | 'out',
  frame: number,
): FrameRange | undefined {
  const { startFrame = 0, endFrame = frames } = before ?? {};
  const start = point === 'in' ? frame : startFrame >= frame + 1 ? 0 : startFrame;
  const end = point === 'out' ? frame + 1 : endFrame <= frame ? frames : endFrame;
  return withinClip({ startFrame: start, endFrame: end }, frames);
}

/** No range where it is all of the clip. */
export const withinClip = ({ startFrame, endFrame }: FrameRange, frames: number): FrameRange | undefined =>
  startFrame <= 0 && endFrame >= frames ? undefined : { startFrame, endFrame };

/** Whose range is changed: the active clip's in and out point, or an edit's. */
export type RangeOf = 'clip' | { readonly editId: string };

/** Changes a range as one step; `key` joins the steps of a gesture. */
export function changeRange(
  of: RangeOf,
  label: TextKey,
  change: (before: FrameRange | undefined, frames: number) => FrameRange | undefined,
  key?: string,
): void {
  const { clipId } = useEditor.getState();
  changeProject(
    text(label),
    (project) => {
      const clip = project.clips.find(({ id }) => id === clipId);
      const holder = of === 'clip' ? clip : clip?.edits.find(({ id }) => id === of.editId);
      if (clip === undefined || holder === undefined) return;
      const range = change(holder.range, clip.frames);
      if (range === undefined) delete holder.range;
      else holder.range = range;
    },
    key,
  );
}

/** Sets the in or out point of the clip, or where an edit begins or ends. */
export function setRangePoint(of: RangeOf, point: 'in' | 'out', frame: number, key?: string): void {
  const label = of === 'clip' ? (`step.${point}` as const) : (`step.edit.${point}` as const);
  changeRange(of, label, (before, frames) => rangeWith(before, frames, point, frame), key);
}
