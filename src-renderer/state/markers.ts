import { create } from 'zustand';
import type { Clip, Marker } from '../../src-shared/project/index.ts';
import { text, type TextKey } from '../i18n/index.ts';
import { activeClip, changeProject, goToFrame, useEditor } from './editor-store.ts';

/** Whether the marker under the playhead is being named. */
export const useMarkers = create<{ readonly naming: boolean }>()(() => ({ naming: false }));

export const markerAt = ({ markers = [] }: Clip, frame: number): Marker | undefined =>
  markers.find((marker) => marker.frame === frame);

function changeMarkers(label: TextKey, change: (before: readonly Marker[]) => readonly Marker[]): void {
  const { clipId } = useEditor.getState();
  changeProject(text(label), (project) => {
    const clip = project.clips.find(({ id }) => id === clipId);
    if (clip === undefined) return;
    const markers = [...change(clip.markers ?? [])].sort((one, other) => one.frame - other.frame);
    if (markers.length === 0) delete clip.markers;
    else clip.markers = markers;
  });
}

/** Marks the frame under the playhead; one that is marked already is named. */
export function markHere(): void {
  const state = useEditor.getState();
  const clip = activeClip(state);
  if (clip === undefined) return;
  const { frame } = state;
  if (markerAt(clip, frame) !== undefined) {
    useEditor.setState({ playRate: 0 });
    useMarkers.setState({ naming: true });
    return;
  }
  const { markers = [] } = clip;
  const taken = new Set(markers.map(({ name }) => name));
  const names = [...markers, null].map((_, i) => text('marker.name', { number: markers.length + 1 + i }));
  const name = names.find((one) => !taken.has(one)) ?? names[0];
  changeMarkers('step.addMarker', (before) => [...before, { frame, name }]);
}

/** An empty name keeps the one before. */
export function renameMarker(frame: number, typed: string): void {
  const name = typed.trim().slice(0, 200);
  useMarkers.setState({ naming: false });
  if (name === '') return;
  changeMarkers('step.renameMarker', (before) =>
    before.map((marker) => (marker.frame === frame && marker.name !== name ? { frame, name } : marker)),
  );
}

export function removeMarker(frame: number): void {
  changeMarkers('step.removeMarker', (before) => before.filter((marker) => marker.frame !== frame));
}

/** Goes to the nearest marker before or after the playhead. */
export function goToMarker(direction: -1 | 1): void {
  const state = useEditor.getState();
  const frames = (activeClip(state)?.markers ?? []).map((marker) => marker.frame);
  const found =
    direction === 1
      ? frames.find((frame) => frame > state.frame)
      : frames.findLast((frame) => frame < state.frame);
  if (found === undefined) return;
  useEditor.setState({ playRate: 0 });
  goToFrame(found);
}
