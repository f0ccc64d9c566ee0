import { movedPose, resizedPose, turnedPose, type MaskPoint } from '../../src-shared/project/mask/index.ts';
import { deleteShape, reshape } from './edit-shape.ts';

/** Where the arrows point to, in pixels of the clip. */
export const arrows: Readonly<Record<string, MaskPoint>> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
};
/** Pixels of a move with Ctrl and Shift. */
const nudge = 4;
const turns: Readonly<Record<string, number>> = { PageUp: -1, PageDown: 1 };

type Keys = Pick<KeyboardEvent, 'key' | 'altKey' | 'shiftKey' | 'ctrlKey' | 'metaKey'>;

/**
 * What a key does to the chosen shape; undefined where it does nothing. Alt and an arrow to the right or upwards makes
 * it larger.
 */
export function shapeAction({ key, altKey, shiftKey, ctrlKey, metaKey }: Keys): (() => void) | undefined {
  const ctrl = ctrlKey || metaKey;
  const arrow = arrows[key];
  const step = shiftKey ? 10 : 1;
  if (arrow !== undefined && ctrl && shiftKey && !altKey)
    return () => reshape('step.moveShape', (pose) => movedPose(pose, [nudge * arrow[0], nudge * arrow[1]]));
  if (arrow !== undefined && altKey && !ctrl)
    return () =>
      reshape('step.resizeShape', (pose) => resizedPose(pose, [step * arrow[0], -step * arrow[1]]));
  const turn = turns[key];
  if (turn !== undefined && altKey && !ctrl)
    return () => reshape('step.turnShape', (pose) => turnedPose(pose, step * turn));
  return (key === 'Delete' || key === 'Backspace') && !altKey && !ctrl ? deleteShape : undefined;
}
