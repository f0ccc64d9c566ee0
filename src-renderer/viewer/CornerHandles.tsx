import type { KeyboardEvent } from 'react';
import { cornerMoved, isThere, poseAt, type MaskPose } from '../../src-shared/project/mask/index.ts';
import { text, useText } from '../i18n/index.ts';
import { activeEdit, useEditor } from '../state/editor-store.ts';
import { useView } from '../state/view-store.ts';
import { placeText, reshape, turnCorner } from './edit-shape.ts';
import { arrows } from './shape-keys.ts';
import type { ClipPlace } from './use-placement.ts';
import { toScreen } from './view-geometry.ts';

/** A polygon with more corners, as a lasso draws it, is moved as a whole. */
export const mostCorners = 48;

function cornerText(pose: MaskPose, at: number): string {
  const [x, y] = pose.kind === 'polygon' ? pose.points[at].map(placeText) : [];
  return text('shape.cornerAt', { number: at + 1, x, y });
}

/** Moves a corner by a pixel, with Shift by ten; Enter makes it round, or straight again. */
function changeCorner(event: KeyboardEvent, at: number): void {
  const { shape } = useView.getState();
  if (event.key === 'Enter' && shape !== null) {
    event.preventDefault();
    event.stopPropagation();
    return turnCorner(shape, at);
  }
  const arrow = arrows[event.key];
  if (arrow === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
  event.preventDefault();
  event.stopPropagation();
  const step = event.shiftKey ? 10 : 1;
  reshape(
    'step.moveCorner',
    (pose) => cornerMoved(pose, at, [step * arrow[0], step * arrow[1]]),
    (pose) => cornerText(pose, at),
  );
}

/** The corners of the chosen polygon for the keyboard; the pointer has those of the outline below. */
export function CornerHandles({ where }: { readonly where: ClipPlace }) {
  const t = useText();
  const tool = useEditor((state) => state.tool);
  const frame = useEditor((state) => state.frame);
  const chosen = useView((state) => state.shape);
  const shape = useEditor((state) => (chosen === null ? undefined : activeEdit(state)?.mask.shapes[chosen]));
  const hidden = useEditor(({ compare }) => compare === 'after' || compare === 'difference');
  if (tool !== 'move' || hidden || shape?.kind !== 'polygon' || !isThere(shape, frame)) return null;
  const pose = poseAt(shape, frame);
  if (pose.kind !== 'polygon' || pose.points.length > mostCorners) return null;
  return (
    <div role="group" aria-label={t('shape.corners')}>
      {pose.points.map((point, at) => {
        const [left, top] = toScreen(where.placement, point);
        return (
          <button
            key={at}
            type="button"
            className="corner-handle"
            data-keeps-focus
            style={{ left, top }}
            aria-label={t('shape.corner', { number: at + 1, count: pose.points.length })}
            onKeyDown={(event) => changeCorner(event, at)}
          />
        );
      })}
    </div>
  );
}
