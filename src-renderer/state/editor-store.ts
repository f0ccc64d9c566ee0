import type { WritableDraft } from 'immer';
import { create } from 'zustand';
import type { JobRow, ModelRow, OpenedClip } from '../../src-shared/ipc/index.ts';
import type { Clip, Edit, Project } from '../../src-shared/project/index.ts';
import { amend, change, redo, startHistory, undo, type History } from './history.ts';

export type Tool = 'move' | 'brush' | 'eraser' | 'lasso' | 'box' | 'ellipse' | 'polygon' | 'select' | 'track';
/** Which frames a stroke is painted on: this one, this and the rest, or all. */
export type PaintScope = 'frame' | 'onwards' | 'all';
export type Compare = 'before' | 'after' | 'wipe' | 'side' | 'difference';

export interface Notice {
  readonly kind: 'error' | 'info';
  readonly text: string;
  readonly hint?: string;
  /** Of a failure, for whoever is asked for help. */
  readonly code?: string;
}

export interface EditorState {
  /** Null before a project is open. */
  readonly history: History<Project> | null;
  readonly clipId: string | null;
  readonly editId: string | null;
  /** Clips that could be opened, by the clip's id. */
  readonly opened: Readonly<Record<string, OpenedClip>>;
  /** Results that could be opened, by the result's path. */
  readonly openedResults: Readonly<Record<string, OpenedClip>>;
  readonly frame: number;
  /** Frames per clip frame and direction: 0 paused, 1 normal, −2 backwards at double speed. */
  readonly playRate: number;
  /** Playing goes on at the in point after the out point, until it is stopped. */
  readonly loop: boolean;
  readonly tool: Tool;
  /** Of brush and eraser, in the clip's pixels. */
  readonly brushRadius: number;
  /** Of brush and eraser: the share of the radius over which their strokes fade out, 0…1. */
  readonly brushSoftness: number;
  readonly paintScope: PaintScope;
  readonly overlay: { readonly shown: boolean; readonly colour: string; readonly opacity: number };
  readonly compare: Compare;
  readonly jobs: readonly JobRow[];
  readonly models: readonly ModelRow[];
  readonly notice: Notice | null;
}

export const useEditor = create<EditorState>()(() => ({
  history: null,
  clipId: null,
  editId: null,
  opened: {},
  openedResults: {},
  frame: 0,
  playRate: 0,
  loop: false,
  tool: 'brush',
  brushRadius: 24,
  brushSoftness: 0,
  paintScope: 'all',
  overlay: { shown: true, colour: '#e5484d', opacity: 0.5 },
  compare: 'before',
  jobs: [],
  models: [],
  notice: null,
}));

const { setState, getState } = useEditor;

export function openProject(project: Project): void {
  const [clip] = project.clips;
  setState({
    history: startHistory(project),
    clipId: clip?.id ?? null,
    editId: clip?.edits[0]?.id ?? null,
    frame: clip?.range?.startFrame ?? 0,
    playRate: 0,
    compare: 'before',
  });
}

/** Changes the project as one step that can be undone. `key` joins steps of one gesture. */
export function changeProject(
  label: string,
  recipe: (draft: WritableDraft<Project>) => void,
  key?: string,
): void {
  const { history } = getState();
  if (history === null) return;
  setState({ history: change(history, label, recipe as (draft: Project) => void, key) });
}

/** Changes the active clip's active edit as one step. */
export function changeEdit(label: string, recipe: (draft: WritableDraft<Edit>) => void, key?: string): void {
  const { clipId, editId } = getState();
  changeProject(
    label,
    (project) => {
      const edit = project.clips.find(({ id }) => id === clipId)?.edits.find(({ id }) => id === editId);
      if (edit !== undefined) recipe(edit);
    },
    key === undefined ? undefined : `${editId}:${key}`,
  );
}

/** Changes the project without a step: what the program, not the editor, did. */
export function amendProject(recipe: (draft: WritableDraft<Project>) => void): void {
  const { history } = getState();
  if (history !== null) setState({ history: amend(history, recipe as (draft: Project) => void) });
}

export function undoStep(): void {
  const { history } = getState();
  if (history !== null) setState({ history: undo(history) });
}

export function redoStep(): void {
  const { history } = getState();
  if (history !== null) setState({ history: redo(history) });
}

/** Moves the playhead, within the clip. */
export function goToFrame(frame: number): void {
  const clip = activeClip(getState());
  if (clip === undefined) return;
  setState({ frame: Math.max(0, Math.min(clip.frames - 1, Math.round(frame))) });
}

export function activeClip(state: Pick<EditorState, 'history' | 'clipId'>): Clip | undefined {
  return state.history?.present.clips.find(({ id }) => id === state.clipId);
}

/** The active clip as it was opened; undefined until it is, and where its file was not found. */
export function activeMedia(state: Pick<EditorState, 'clipId' | 'opened'>): OpenedClip | undefined {
  return state.clipId === null ? undefined : state.opened[state.clipId];
}

export function activeEdit(state: Pick<EditorState, 'history' | 'clipId' | 'editId'>): Edit | undefined {
  return activeClip(state)?.edits.find(({ id }) => id === state.editId);
}
