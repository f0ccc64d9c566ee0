import { letterbox } from '../../../src-shared/core/control/index.ts';
import type { EditWindow } from '../../../src-shared/core/plan/index.ts';
import type { Media } from '../frames.ts';

/** A picture that shows what is to be generated, as it was read. */
export interface ReferencePicture {
  /** [3, height, width] float32 in −1…1. */
  readonly rgb: Float32Array;
  readonly width: number;
  readonly height: number;
}

/** Errors: those of `Media.readPicture`. */
export async function readReference(
  media: Pick<Media, 'readPicture'>,
  path: string,
): Promise<ReferencePicture> {
  const { width, height, rgb: bytes } = await media.readPicture(path);
  const pixels = width * height;
  const rgb = new Float32Array(3 * pixels);
  for (let i = 0; i < bytes.length; i++) rgb[(i % 3) * pixels + Math.floor(i / 3)] = bytes[i] / 127.5 - 1;
  return { rgb, width, height };
}

/** The picture on the window's canvas, as the model was given references in training: [3, H, W] float32 in −1…1. */
export function referenceOnCanvas(
  { rgb, width, height }: ReferencePicture,
  { workingWidth, workingHeight }: EditWindow,
): Float32Array {
  return letterbox(rgb, { channels: 3, height, width }, { height: workingHeight, width: workingWidth });
}
