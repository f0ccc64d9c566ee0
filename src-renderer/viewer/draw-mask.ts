import type { Clip, EditMask } from '../../src-shared/project/index.ts';
import { activeEdit, useEditor } from '../state/editor-store.ts';
import { shownMask } from '../state/tracking.ts';
import { useView } from '../state/view-store.ts';
import { drawDraft, underClip } from './draw-draft.ts';
import type { MaskPainter } from './mask-painter.ts';
import { comparedClips } from './PictureCanvas.tsx';
import type { Gesture } from './use-mask-gestures.ts';
import type { ClipPlace } from './use-placement.ts';

const onionFrames = 4;
const onionColours = { before: '#3aa0ff', after: '#3ad07a' };

/** The mask some frames before and after, each in a colour of its own. */
function drawOnionSkin(
  context: CanvasRenderingContext2D,
  painter: MaskPainter,
  clip: Clip,
  mask: EditMask,
  at: number,
): void {
  context.globalAlpha = 0.6;
  const { before, after } = onionColours;
  for (const [distance, colour] of [[-onionFrames, before] as const, [onionFrames, after] as const]) {
    const frame = at + distance;
    if (frame >= 0 && frame < clip.frames)
      context.drawImage(painter.picture(mask, clip, frame, colour), 0, 0);
  }
  context.globalAlpha = 1;
}

/** What the mask is drawn of. */
interface MaskDrawing {
  readonly painter: MaskPainter;
  readonly clip: Clip;
  readonly where: ClipPlace;
  /** What is being drawn; its shape is not in the mask yet. */
  readonly gesture: Gesture | null;
}

/**
 * Draws the active edit's mask at the playhead over the picture, where the comparison shows the clip itself.
 * @param drawPicture draws another picture of the mask in place of the painter's: that with a live stroke
 */
export function drawMask(
  context: CanvasRenderingContext2D,
  { painter, clip, where: { place, placement }, gesture }: MaskDrawing,
  drawPicture?: () => void,
): void {
  const state = useEditor.getState();
  const mask = shownMask(activeEdit(state));
  const { compare } = comparedClips();
  if (mask === undefined || compare === 'after' || compare === 'difference') return;
  const { onionSkin, wipe } = useView.getState();
  if (compare === 'wipe') {
    context.beginPath();
    context.rect(0, 0, placement.left + clip.width * placement.scale * wipe, place.height);
    context.clip();
  }
  underClip(context, placement);
  context.beginPath();
  context.rect(0, 0, clip.width, clip.height);
  context.clip();
  context.imageSmoothingEnabled = placement.scale < 3;
  if (onionSkin) drawOnionSkin(context, painter, clip, mask, state.frame);
  const { colour } = state.overlay;
  if (drawPicture !== undefined) drawPicture();
  else if (state.overlay.shown) context.drawImage(painter.picture(mask, clip, state.frame, colour), 0, 0);
  if (gesture !== null && gesture.live === undefined) {
    context.fillStyle = colour;
    context.strokeStyle = colour;
    if (gesture.effect === 'keep') context.globalCompositeOperation = 'destination-out';
    drawDraft(context, gesture.draft);
  }
}
