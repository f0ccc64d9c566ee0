import type { Clip } from '../../src-shared/project/index.ts';
import { text } from '../i18n/index.ts';
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

/** The clip's range with its in or out point at a frame: the frame is the first or the last of it. */
export function rangeWith(clip: Clip, point: 'in' | 'out', frame: number): Clip['range'] {
  const { startFrame = 0, endFrame = clip.frames } = clip.range ?? {};
  const start = point === 'in' ? frame : startFrame >= frame + 1 ? 0 : startFrame;
  const end = point === 'out' ? frame + 1 : endFrame <= frame ? clip.frames : endFrame;
  return start === 0 && end === clip.frames ? undefined : { startFrame: start, endFrame: end };
}

/** Sets the in or out point, as one step. */
export function setRangePoint(point: 'in' | 'out', frame: number, key?: string): void {
  const { clipId } = useEditor.getState();
  changeProject(
    text(point === 'in' ? 'step.in' : 'step.out'),
    (project) => {
      const clip = project.clips.find(({ id }) => id === clipId);
      if (clip === undefined) return;
      const range = rangeWith(clip, point, frame);
      if (range === undefined) delete clip.range;
      else clip.range = range;
    },
    key,
  );
}
