import { create } from 'zustand';
import type { Clip, Edit, EditMask, FrameRange, Project } from '../../src-shared/project/index.ts';
import {
  followedShape,
  maskTextAt,
  paintedKeys,
  startTrack,
  stretchesToTrack,
  trackConfidence,
  weakSpans,
  withoutTrackKey,
  withTracked,
  withTrackKey,
  type FollowedPose,
  type Following,
  type MaskShape,
  type OutlinedShape,
  type TrackDirection,
  type TrackRemark,
  type TrackShape,
  type TrackStart,
} from '../../src-shared/project/mask/index.ts';
import { text } from '../i18n/index.ts';
import { backend } from './backend.ts';
import { activeClip, activeEdit, changeProject, goToFrame, useEditor } from './editor-store.ts';
import { showFailure, showInfo } from './notices.ts';
import { useView } from './view-store.ts';

/** A tracking that is going on. */
export interface Running {
  readonly trackId: string;
  readonly clipId: string;
  readonly editId: string;
  /** The shapes of the edit's mask that the object takes the place of. */
  readonly replaces: readonly MaskShape[];
  readonly range: FrameRange;
  /** As far as it is tracked. */
  readonly object: MaskShape;
  /** Of a shape that is followed as a plane. */
  readonly follows?: {
    readonly shape: OutlinedShape;
    readonly following: Following;
    readonly poses: readonly FollowedPose[];
  };
  /** 0…1 */
  readonly share: number;
  readonly stopping: boolean;
}

export const useTracking = create<{ readonly running: Running | null }>()(() => ({ running: null }));

/** The frames in which an edit's object is followed: those of the edit. */
export function trackRange(clip: Clip, edit: Edit): FrameRange {
  return edit.range ?? { startFrame: 0, endFrame: clip.frames };
}

/** The tracked object that is corrected: the chosen one, else the one that came last; undefined where there is none. */
export function trackedIndex(mask: EditMask, chosen: number | null): number | undefined {
  if (chosen !== null && mask.shapes.at(chosen)?.kind === 'track') return chosen;
  const index = mask.shapes.findLastIndex(({ kind }) => kind === 'track');
  return index === -1 ? undefined : index;
}

function trackedShape(mask: EditMask, chosen: number | null): TrackShape | undefined {
  const index = trackedIndex(mask, chosen);
  const shape = index === undefined ? undefined : mask.shapes[index];
  return shape?.kind === 'track' ? shape : undefined;
}

/**
 * The tracked object that Track goes on with: the chosen one, or the last where nothing is painted beside it; undefined
 * where it makes a new one of what is painted.
 */
export function knownTarget(edit: Edit, chosen: number | null): TrackShape | undefined {
  const known = trackedShape(edit.mask, chosen);
  const isChosen = chosen !== null && edit.mask.shapes.at(chosen) === known;
  const isPainted = edit.mask.shapes.some(
    ({ kind, effect, off }) => kind !== 'track' && effect === 'remove' && off !== true,
  );
  return isChosen || !isPainted ? known : undefined;
}

/** What tracking works on: see `knownTarget`. */
function trackTarget(clip: Clip, edit: Edit, chosen: number | null): TrackStart {
  const known = knownTarget(edit, chosen);
  if (known !== undefined) return { object: known, replaces: [known] };
  const { width, height } = clip;
  return startTrack({ width, height, shapes: edit.mask.shapes }, trackRange(clip, edit));
}

/** The shapes with the object in the place of those that it replaces; null where they are no longer there. */
function replaced(
  shapes: readonly MaskShape[],
  replaces: readonly MaskShape[],
  object: MaskShape,
): readonly MaskShape[] | null {
  if (!replaces.every((shape) => shapes.includes(shape))) return null;
  return shapes.flatMap((shape) =>
    shape === replaces[0] ? [object] : replaces.includes(shape) ? [] : [shape],
  );
}

let lastShown: { readonly of: EditMask; readonly object: MaskShape; readonly mask: EditMask } | undefined;

/** An edit's mask as it is to be seen: with what is being tracked, as far as it is done. */
export function shownMask(edit: Edit | undefined): EditMask | undefined {
  const { running } = useTracking.getState();
  if (edit === undefined || running?.editId !== edit.id) return edit?.mask;
  const { object, replaces } = running;
  if (lastShown?.of === edit.mask && lastShown.object === object) return lastShown.mask;
  const shapes = replaced(edit.mask.shapes, replaces, object);
  if (shapes === null) return edit.mask;
  lastShown = { of: edit.mask, object, mask: { ...edit.mask, shapes } };
  return lastShown.mask;
}

/** The edit that is tracked, in a project; undefined once it, its clip or the project is closed. */
function editIn(
  project: Pick<Project, 'clips'> | undefined,
  { clipId, editId }: Pick<Running, 'clipId' | 'editId'>,
): Edit | undefined {
  return project?.clips.find(({ id }) => id === clipId)?.edits.find(({ id }) => id === editId);
}

/** Puts the object into an edit's mask; false where the edit or the shapes are gone. */
export function put(
  label: string,
  place: Pick<Running, 'clipId' | 'editId' | 'replaces'>,
  object: MaskShape,
): boolean {
  const edit = editIn(useEditor.getState().history?.present, place);
  const shapes = edit && replaced(edit.mask.shapes, place.replaces, object);
  if (shapes === undefined || shapes === null) return false;
  changeProject(label, (project) => {
    const draft = editIn(project, place) as { mask: { shapes: readonly MaskShape[] } } | undefined;
    if (draft !== undefined) draft.mask.shapes = shapes;
  });
  if (useEditor.getState().editId === place.editId) useView.setState({ shape: shapes.indexOf(object) });
  return true;
}

/** Why nothing can be tracked, as far as a glance tells, in words; null where it can be. */
export function whyNotTrack(
  clip: Clip | undefined,
  edit: Edit | undefined,
  chosen: number | null,
): string | null {
  if (clip === undefined || edit === undefined) return text('track.needClip');
  const range = trackRange(clip, edit);
  if (range.endFrame - range.startFrame < 2) return text('track.oneFrame');
  const known = knownTarget(edit, chosen);
  if (known === undefined) {
    const frames = paintedKeys(edit.mask.shapes, range);
    return 'problem' in frames ? problemText(frames, range) : null;
  }
  const painted = known.keyframes.filter(({ mask }) => mask !== '');
  if (painted.length === 0) return text('track.absentOnly');
  const isOutside = painted.every(({ frame }) => frame < range.startFrame || frame >= range.endFrame);
  return isOutside ? problemText({ problem: 'outside', frame: painted[0].frame }, range) : null;
}

function problemText(found: Extract<TrackStart, { readonly problem: string }>, range: FrameRange): string {
  const { startFrame: first, endFrame } = range;
  if (found.problem === 'outside')
    return text('track.outside', { frame: found.frame, first, last: endFrame - 1 });
  return text(`track.${found.problem}`);
}

export function remarkText(remark: TrackRemark): string {
  const { frame } = remark;
  switch (remark.kind) {
    case 'cut':
      return text('track.cut', { frame });
    case 'lost':
      return text(remark.backward ? 'track.lostBackward' : 'track.lost', { frame });
    case 'left':
      return text(remark.backward ? 'follow.leftBackward' : 'follow.left', { frame });
    case 'hidden':
      return text('follow.hidden', { frame, last: remark.last });
  }
}

export const isOpen = (place: Pick<Running, 'clipId' | 'editId'>): boolean =>
  editIn(useEditor.getState().history?.present, place) !== undefined;

/** A followed shape with more places. */
function followedOn(
  follows: NonNullable<Running['follows']>,
  more: readonly FollowedPose[],
): Pick<Running, 'object'> & { readonly follows: typeof follows } {
  const poses = [...follows.poses, ...more];
  // Reduced to few keyframes once it is done.
  const object = followedShape(follows.shape, follows.following, poses, -1);
  return { object, follows: { ...follows, poses } };
}

/** The way to the program that is listened to. */
let listenedTo: ReturnType<typeof backend> | undefined;

/** Follows what the program tells of the tracking that runs. */
export function listenToTracking(): void {
  const client = backend();
  if (listenedTo === client) return;
  listenedTo = client;
  client.on('track.progress', ({ trackId, share, frames, poses = [] }) => {
    const now = useTracking.getState().running;
    // Nobody waits for it any more.
    if (now?.trackId === trackId && !now.stopping && !isOpen(now)) stopTracking().catch(showFailure);
    useTracking.setState(({ running }) => {
      if (running?.trackId !== trackId) return {};
      if (running.follows !== undefined)
        return { running: { ...running, share, ...followedOn(running.follows, poses) } };
      const { object, range } = running;
      const more = frames.length > 0 && object.kind === 'track';
      return {
        running: { ...running, share, object: more ? withTracked(object, range, frames, []) : object },
      };
    });
  });
}

/** Follows what is painted in the active edit; shows why where it cannot. */
export async function track(direction: TrackDirection): Promise<void> {
  const state = useEditor.getState();
  const [clip, edit] = [activeClip(state), activeEdit(state)];
  const { shape: chosen } = useView.getState();
  if (useTracking.getState().running !== null) return showInfo(text('track.busy'));
  const problem = whyNotTrack(clip, edit, chosen);
  if (clip === undefined || edit === undefined || problem !== null) return showInfo(problem ?? '');
  const range = trackRange(clip, edit);
  const target = trackTarget(clip, edit, chosen);
  if ('problem' in target) return showInfo(problemText(target, range));
  const { object, replaces } = target;
  const only = stretchesToTrack(object, range, state.frame, direction);
  if (only.length === 0) {
    const elsewhere = stretchesToTrack(object, range, state.frame, 'both').length > 0;
    return showInfo(text(elsewhere ? 'track.settledThere' : 'track.settled'));
  }
  const trackId = crypto.randomUUID();
  const place = { clipId: clip.id, editId: edit.id, replaces };
  useTracking.setState({ running: { trackId, ...place, range, object, share: 0, stopping: false } });
  listenToTracking();
  const keep = (tracked: TrackShape): void => {
    if (!put(text('track.step'), place, tracked) && isOpen(place)) showInfo(text('track.changed'));
  };
  try {
    const keys = object.keyframes
      .filter(({ frame }) => frame >= range.startFrame && frame < range.endFrame)
      .map(({ frame, mask }) => ({ frame, mask }));
    const end = await backend().call('track.start', { trackId, clipPath: clip.path, range, keys, only });
    useTracking.setState({ running: null });
    // Stopped before anything was found: what was painted stays as it was.
    if (!end.stopped || end.frames.length > 0)
      keep(withTracked(object, range, end.frames, end.stopped ? [] : only));
    const [remark] = end.remarks;
    if (remark !== undefined && isOpen(place)) showInfo(remarkText(remark));
  } catch (error) {
    const { running } = useTracking.getState();
    useTracking.setState({ running: null });
    // What was found before the failure is kept.
    if (running !== null && running.object !== object && running.object.kind === 'track')
      keep(running.object);
    showFailure(error);
  }
}

/** Stops the tracking that runs; what is done stays. */
export async function stopTracking(): Promise<void> {
  const { running } = useTracking.getState();
  if (running === null) return;
  useTracking.setState({ running: { ...running, stopping: true } });
  await backend().call('track.stop', { trackId: running.trackId });
}

/** Puts what the editor painted in a frame into a tracked object of the active edit. */
export function correct(label: string, shape: TrackShape, frame: number, mask: string): void {
  const { clipId, editId } = useEditor.getState();
  if (clipId === null || editId === null) return;
  if (useTracking.getState().running?.editId === editId) return showInfo(text('track.busy'));
  put(label, { clipId, editId, replaces: [shape] }, withTrackKey(shape, frame, mask));
}

/** Says that the object is not in the frame at the playhead, or takes that back. */
export function toggleAbsent(): void {
  const state = useEditor.getState();
  const [clip, edit] = [activeClip(state), activeEdit(state)];
  if (clip === undefined || edit === undefined) return;
  if (useTracking.getState().running?.editId === edit.id) return showInfo(text('track.busy'));
  const target = trackTarget(clip, edit, useView.getState().shape);
  if ('problem' in target) return showInfo(problemText(target, trackRange(clip, edit)));
  const { object, replaces } = target;
  const absent = isAbsent(object, state.frame);
  const next = absent ? withoutTrackKey(object, state.frame) : withTrackKey(object, state.frame, '');
  const label = text(absent ? 'track.stepPresent' : 'track.stepAbsent');
  put(label, { clipId: clip.id, editId: edit.id, replaces }, next);
}

/** Whether the editor said that the object is not in a frame. */
export function isAbsent(object: TrackShape, frame: number): boolean {
  return trackConfidence(object, frame) === 1 && maskTextAt(object, frame) === '';
}

/** The least sure frame of each stretch of weak ones, of all tracked objects, ascending. */
export function weakFrames(mask: EditMask): number[] {
  const frames = mask.shapes.flatMap((shape) => {
    if (shape.kind !== 'track') return [];
    const sureness = new Map(shape.tracked.map(({ frame, confidence }) => [frame, confidence]));
    return weakSpans(shape).map(([start, end]) => {
      let weakest = start;
      for (let frame = start; frame < end; frame++)
        if ((sureness.get(frame) ?? 1) < (sureness.get(weakest) ?? 1)) weakest = frame;
      return weakest;
    });
  });
  return [...new Set(frames)].sort((a, b) => a - b);
}

/** Goes to the next weak frame in a direction; behind the last one the first follows. */
export function goToWeakFrame(direction: -1 | 1): void {
  const state = useEditor.getState();
  const mask = shownMask(activeEdit(state));
  if (mask === undefined) return;
  const frames = weakFrames(mask);
  const next =
    direction === 1
      ? (frames.find((frame) => frame > state.frame) ?? frames.at(0))
      : (frames.filter((frame) => frame < state.frame).at(-1) ?? frames.at(-1));
  if (next === undefined) return;
  useEditor.setState({ playRate: 0 });
  goToFrame(next);
}
