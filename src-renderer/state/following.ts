import { encodeMask } from '../../src-shared/core/mask/index.ts';
import type { PlaneFreedom } from '../../src-shared/core/plane/index.ts';
import type { Clip, Edit } from '../../src-shared/project/index.ts';
import {
  followedShape,
  isOutlined,
  isThere,
  paintShape,
  usualTolerancePx,
  type FollowedPose,
  type Following,
  type OutlinedShape,
  type TrackDirection,
} from '../../src-shared/project/mask/index.ts';
import { text } from '../i18n/index.ts';
import { backend } from './backend.ts';
import { activeClip, activeEdit, useEditor } from './editor-store.ts';
import { showFailure, showInfo } from './notices.ts';
import { isOpen, listenToTracking, put, remarkText, track, trackRange, useTracking } from './tracking.ts';
import { useView } from './view-store.ts';

/** The chosen shape, where it can be followed as a plane. */
export function planeShape(edit: Edit | undefined, chosen: number | null): OutlinedShape | undefined {
  const shape = chosen === null ? undefined : edit?.mask.shapes.at(chosen);
  return shape !== undefined && isOutlined(shape) ? shape : undefined;
}

/** Whether Track follows the chosen shape as a plane; else what is painted is an object. */
export function followsPlane(
  edit: Edit | undefined,
  chosen: number | null,
  as: PlaneFreedom | null,
): boolean {
  return as !== null && planeShape(edit, chosen) !== undefined;
}

/** Why the chosen shape cannot be followed from the playhead, as far as a glance tells; null where it can. */
export function whyNotFollow(clip: Clip, edit: Edit, chosen: number | null, frame: number): string | null {
  const shape = planeShape(edit, chosen);
  const range = trackRange(clip, edit);
  if (range.endFrame - range.startFrame < 2) return text('track.oneFrame');
  const { startFrame: first, endFrame } = range;
  if (frame < first || frame >= endFrame) return text('follow.outside', { first, last: endFrame - 1 });
  return shape === undefined || !isThere(shape, frame) ? text('follow.notHere') : null;
}

/** What lies inside a shape in a frame, whatever it does to the mask. */
function insideOf(shape: OutlinedShape, { width, height }: Clip, frame: number): string {
  const mask = new Uint8Array(width * height);
  paintShape(mask, { width, height }, { ...shape, effect: 'remove' }, frame);
  return encodeMask(mask);
}

/** Follows the chosen shape as a plane, or what is painted as an object: as the bar says. */
export async function trackAsChosen(direction: TrackDirection): Promise<void> {
  const state = useEditor.getState();
  const [clip, edit] = [activeClip(state), activeEdit(state)];
  const { shape: chosen, followAs } = useView.getState();
  const shape = planeShape(edit, chosen);
  if (clip === undefined || edit === undefined || shape === undefined || followAs === null)
    return track(direction);
  if (useTracking.getState().running !== null) return showInfo(text('track.busy'));
  const { frame } = state;
  const problem = whyNotFollow(clip, edit, chosen, frame);
  if (problem !== null) return showInfo(problem);
  await follow(clip, edit, shape, { frame, freedom: followAs, range: trackRange(clip, edit), direction });
}

async function follow(clip: Clip, edit: Edit, shape: OutlinedShape, following: Following): Promise<void> {
  const { frame, freedom, range, direction } = following;
  const inside = insideOf(shape, clip, frame);
  if (inside === '') return showInfo(text('follow.notHere'));
  const trackId = crypto.randomUUID();
  const place = { clipId: clip.id, editId: edit.id, replaces: [shape] };
  useTracking.setState({
    running: {
      trackId,
      ...place,
      range,
      object: shape,
      follows: { shape, following, poses: [] },
      share: 0,
      stopping: false,
    },
  });
  listenToTracking();
  const keep = (poses: readonly FollowedPose[]): void => {
    if (poses.length === 0) return;
    const followed = followedShape(shape, following, poses, usualTolerancePx);
    if (!put(text('follow.step'), place, followed) && isOpen(place)) showInfo(text('track.changed'));
  };
  try {
    const end = await backend().call('track.follow', {
      trackId,
      clipPath: clip.path,
      range,
      at: { frame, inside },
      freedom,
      direction,
    });
    useTracking.setState({ running: null });
    keep(end.frames);
    // What ended it before what it went through.
    const remark = end.remarks.find(({ kind }) => kind !== 'hidden') ?? end.remarks.at(0);
    if (remark !== undefined && isOpen(place)) showInfo(remarkText(remark));
  } catch (error) {
    const { running } = useTracking.getState();
    useTracking.setState({ running: null });
    keep(running?.follows?.poses ?? []);
    showFailure(error);
  }
}
