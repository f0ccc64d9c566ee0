import type { FillKind, WindowPicture } from '../../../src-shared/core/families/index.ts';
import { pushPullFill } from '../../../src-shared/core/fill/index.ts';
import { planesToRgb, resizeMask, resizePlanar } from '../../../src-shared/core/picture/index.ts';
import type { EditWindow, Rect } from '../../../src-shared/core/plan/index.ts';
import type { ClipInfo, VideoFrame } from '../frames.ts';
import type { FramePatch } from '../composite/patch-store.ts';
import { pastePatch } from '../composite/planes.ts';

/** The part of `rect` that is inside the picture. */
function insidePart(rect: Rect, clip: ClipInfo): Rect {
  const x = Math.max(0, rect.x);
  const y = Math.max(0, rect.y);
  return {
    x,
    y,
    width: Math.min(clip.width, rect.x + rect.width) - x,
    height: Math.min(clip.height, rect.y + rect.height) - y,
  };
}

/** Index that mirrors `i` into [0, size) about its border samples. */
function mirror(i: number, size: number): number {
  if (size === 1) return 0;
  const period = 2 * (size - 1);
  const wrapped = ((i % period) + period) % period;
  return wrapped < size ? wrapped : period - wrapped;
}

/** Extends planes [channels, inside] to [channels, rect] by mirroring; `inside` is within `rect`. */
function mirrorExtend<T extends Float32Array | Uint8Array>(
  picture: T,
  inside: Rect,
  rect: Rect,
  channels: number,
): T {
  if (inside.width === rect.width && inside.height === rect.height) return picture;
  const extended = new (picture.constructor as new (length: number) => T)(
    channels * rect.width * rect.height,
  );
  let target = 0;
  for (let c = 0; c < channels; c++) {
    for (let y = 0; y < rect.height; y++) {
      const row = (c * inside.height + mirror(rect.y + y - inside.y, inside.height)) * inside.width;
      for (let x = 0; x < rect.width; x++) {
        extended[target++] = picture[row + mirror(rect.x + x - inside.x, inside.width)];
      }
    }
  }
  return extended;
}

/** The crop of one frame at the clip's resolution: RGB [3, h, w] float32 in 0…1. */
export function cropRgb(
  frame: VideoFrame,
  patch: FramePatch | null,
  clip: ClipInfo,
  crop: Rect,
): Float32Array {
  const planes = patch === null ? frame.planes : pastePatch(frame.planes, patch, clip);
  const inside = insidePart(crop, clip);
  return mirrorExtend(planesToRgb(planes, clip, inside), inside, crop, 3);
}

/** What is open of the crop: [h, w], 255 = generate. */
export function cropOpen(patch: FramePatch | null, clip: ClipInfo, crop: Rect): Uint8Array {
  const inside = insidePart(crop, clip);
  const open = new Uint8Array(inside.width * inside.height);
  if (patch !== null) {
    const { rect, residual } = patch;
    const startX = Math.max(rect.x, inside.x);
    const endX = Math.min(rect.x + rect.width, inside.x + inside.width);
    for (
      let y = Math.max(rect.y, inside.y);
      y < Math.min(rect.y + rect.height, inside.y + inside.height);
      y++
    ) {
      const from = (y - rect.y) * rect.width - rect.x;
      if (endX > startX) {
        open.set(
          residual.subarray(from + startX, from + endX),
          (y - inside.y) * inside.width + startX - inside.x,
        );
      }
    }
  }
  return mirrorExtend(open, inside, crop, 1);
}

/** One frame at the working size: video [3, h, w] in −1…1 with the hole filled, and mask [h, w] 0 or 1. */
export interface WorkingFrame {
  readonly video: Float32Array;
  readonly mask: Float32Array;
}

/**
 * Brings the crop of one frame to the working size and fills its hole as the model was trained to see it; `patch`: leaves
 * there what is there.
 */
export function workingFrame(
  rgb: Float32Array,
  open: Uint8Array,
  window: EditWindow,
  fill: FillKind | 'patch',
): WorkingFrame {
  const { crop, workingWidth: width, workingHeight: height } = window;
  // The hole must not bleed into its surroundings when the crop is scaled down, so it is filled first.
  const closed =
    fill === 'patch' ? rgb : pushPullFill(rgb, open, { channels: 3, height: crop.height, width: crop.width });
  const small = resizePlanar(
    closed,
    { channels: 3, height: crop.height, width: crop.width },
    { height, width },
  );
  const smallOpen = resizeMask(open, crop, { height, width });
  const filled =
    fill === 'push-pull' ? pushPullFill(small, smallOpen, { channels: 3, height, width }) : small;
  const video = new Float32Array(filled.length);
  const mask = Float32Array.from(smallOpen, (value) => (value === 0 ? 0 : 1));
  for (let i = 0; i < filled.length; i++) {
    const isGrey = fill === 'grey' && mask[i % mask.length] === 1;
    video[i] = isGrey ? 0 : Math.min(1, Math.max(-1, filled[i] * 2 - 1));
  }
  return { video, mask };
}

/** Frames → [3, T, H, W]; the last one is repeated up to `modelFrames`. */
export function assembleWindow(frames: readonly WorkingFrame[], window: EditWindow): WindowPicture {
  const { workingWidth: width, workingHeight: height, modelFrames } = window;
  const pixels = width * height;
  const video = new Float32Array(3 * modelFrames * pixels);
  const mask = new Float32Array(modelFrames * pixels);
  for (let t = 0; t < modelFrames; t++) {
    const frame = frames[Math.min(t, frames.length - 1)];
    mask.set(frame.mask, t * pixels);
    for (let c = 0; c < 3; c++) {
      video.set(frame.video.subarray(c * pixels, (c + 1) * pixels), (c * modelFrames + t) * pixels);
    }
  }
  return { video, mask, frames: modelFrames, height, width };
}
