import { beforeEach, describe, expect, it } from 'vitest';
import { newEdit, newProject, projectSchema, withClip, type Clip } from '../../src-shared/project/index.ts';
import { startLanguage } from '../i18n/index.ts';
import { activeClip, openProject, undoStep, useEditor } from './editor-store.ts';
import { goToMarker, markHere, removeMarker, renameMarker, useMarkers } from './markers.ts';

const clip: Clip = {
  id: 'c',
  path: '/c.mp4',
  name: 'c.mp4',
  width: 64,
  height: 36,
  frames: 100,
  frameRate: '25',
  durationSec: 4,
  edits: [newEdit('e', 'Edit')],
};
const markers = (): unknown =>
  activeClip(useEditor.getState())?.markers?.map(({ frame, name }) => `${frame} ${name}`);
const markAt = (frame: number): void => {
  useEditor.setState({ frame });
  markHere();
};

beforeEach(async () => {
  await startLanguage('en');
  openProject(withClip(newProject('p', 'P'), clip));
  useMarkers.setState({ naming: false });
});

describe('markers', () => {
  it('are set at the playhead, in the order of their frames, and kept in the document', () => {
    markAt(40);
    markAt(10);
    expect(markers()).toEqual(['10 Marker 2', '40 Marker 1']);
    const present = useEditor.getState().history?.present;
    expect(projectSchema.parse(present)).toEqual(present);
    undoStep();
    expect(markers()).toEqual(['40 Marker 1']);
    undoStep();
    expect(activeClip(useEditor.getState())).toEqual(clip);
  });

  it('are named where one is, and never twice the same by the program', () => {
    markAt(40);
    markAt(40);
    expect(markers()).toEqual(['40 Marker 1']);
    expect(useMarkers.getState().naming).toBe(true);
    renameMarker(40, '  Boom in shot ');
    expect(useMarkers.getState().naming).toBe(false);
    renameMarker(40, ' ');
    markAt(50);
    markAt(60);
    removeMarker(50);
    markAt(70);
    expect(markers()).toEqual(['40 Boom in shot', '60 Marker 3', '70 Marker 4']);
  });

  it('are gone to one after the other, and not beyond the last', () => {
    for (const frame of [10, 40, 90]) markAt(frame);
    const went: number[] = [];
    for (const direction of [-1, -1, -1, 1, 1, 1, 1] as const) {
      goToMarker(direction);
      went.push(useEditor.getState().frame);
    }
    expect(went).toEqual([40, 10, 10, 40, 90, 90, 90]);
  });
});
