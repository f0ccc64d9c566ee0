import {
  isPosed,
  isThere,
  poseAt,
  poseMiddle,
  poseSize,
  withPose,
  withRound,
  type MaskPose,
  type MaskShape,
} from '../../src-shared/project/mask/index.ts';
import { formatNumber, text, type TextKey } from '../i18n/index.ts';
import { activeEdit, changeEdit, useEditor } from '../state/editor-store.ts';
import { useView } from '../state/view-store.ts';

const names: Readonly<Record<MaskPose['kind'], TextKey>> = {
  box: 'tool.box',
  ellipse: 'tool.ellipse',
  polygon: 'tool.polygon',
  stroke: 'step.stroke',
};

/** At most a tenth of a pixel or a degree, and no more digits than it has. */
export function placeText(value: number): string {
  const tenths = Math.round(value * 10) / 10;
  return formatNumber(tenths, Number.isInteger(tenths) ? 0 : 1);
}

/** What a shape has become, for those who hear it: its size, where it lies, how it is turned. */
function shapeText(pose: MaskPose): string {
  const [width, height] = poseSize(pose).map(placeText);
  const [x, y] = poseMiddle(pose).map(placeText);
  const said = text(pose.kind === 'stroke' ? 'shape.thickness' : 'shape.size', {
    shape: text(names[pose.kind]),
    width,
    height,
    x,
    y,
  });
  if (pose.kind !== 'ellipse' || pose.angleDeg % 360 === 0) return said;
  return text('shape.turned', { said, angle: placeText(pose.angleDeg % 360) });
}

/** Puts a pose into the active edit's shape; all of one gesture is one step. */
export function storePose(index: number, pose: MaskPose, gesture: string, label: TextKey): void {
  changeEdit(
    text(label),
    (edit) => {
      // Drafts are of the same form; `withPose` reads only.
      const shape = edit.mask.shapes[index] as MaskShape;
      if (isPosed(shape))
        edit.mask.shapes[index] = withPose(shape, pose) as (typeof edit.mask.shapes)[number];
    },
    `shape-${gesture}`,
  );
}

/**
 * Changes the chosen shape at the playhead by the keyboard, and says what it has become. One after the other, changes
 * of one label are one step.
 */
export function reshape(
  label: TextKey,
  change: (pose: MaskPose) => MaskPose,
  say: (pose: MaskPose) => string = shapeText,
): void {
  const { shape: index } = useView.getState();
  const state = useEditor.getState();
  const shape = index === null ? undefined : activeEdit(state)?.mask.shapes[index];
  if (index === null || shape === undefined || !isPosed(shape) || !isThere(shape, state.frame)) return;
  const before = poseAt(shape, state.frame);
  const pose = change(before);
  if (pose === before) return;
  storePose(index, pose, `key-${label}-${index}`, label);
  useView.setState({ heard: say(pose) });
}

/** Makes a polygon's corner round, or straight again, in all keyframes. */
export function turnCorner(index: number, at: number): void {
  changeEdit(text('step.corners'), (edit) => {
    const shape = edit.mask.shapes[index] as MaskShape;
    if (shape.kind !== 'polygon') return;
    const isRound = (shape.keyframes[0].handles?.[at] ?? null) !== null;
    edit.mask.shapes[index] = withRound(shape, at, !isRound) as (typeof edit.mask.shapes)[number];
  });
}

/** Takes the chosen shape out of the mask. */
export function deleteShape(): void {
  const { shape } = useView.getState();
  if (shape === null || activeEdit(useEditor.getState())?.mask.shapes[shape] === undefined) return;
  changeEdit(text('step.deleteShape'), (edit) => void edit.mask.shapes.splice(shape, 1));
  useView.setState({ shape: null });
}
