import { letterbox } from '../../src-shared/core/control/index.ts';
import type { TensorStore } from '../models/index.ts';
import type { WindowPicture } from '../../src-shared/core/families/index.ts';

/** The only number of a stored tensor. */
export async function storedNumber(store: TensorStore, name: string): Promise<number> {
  return (store.get(name).type === 'F32' ? await store.float32(name) : await store.int32(name))[0];
}

/** Bytes [F, H, W, 3] as a video [3, F, H, W] float32 in −1…1. */
function videoFromBytes(bytes: Uint8Array): Float32Array {
  const pixels = bytes.length / 3;
  const video = new Float32Array(bytes.length);
  for (let i = 0; i < pixels; i++) {
    for (let c = 0; c < 3; c++) video[c * pixels + i] = (bytes[3 * i + c] / 255) * 2 - 1;
  }
  return video;
}

/** Bytes [F, H, W] as a mask in 0…1. */
function maskFromBytes(bytes: Uint8Array): Float32Array {
  return Float32Array.from(bytes, (value) => value / 255);
}

/** The picture that the stored run edits, with the mask of that name. */
export async function readPicture(store: TensorStore, maskName: string): Promise<WindowPicture> {
  const [frames, height, width] = store.shape('video_u8');
  return {
    video: videoFromBytes(await store.uint8('video_u8')),
    mask: maskFromBytes(await store.uint8(maskName)),
    frames,
    height,
    width,
  };
}

/** The stored reference picture on the video's canvas: [3, H, W] float32 in −1…1. */
export async function readReference(
  store: TensorStore,
  canvas: { readonly height: number; readonly width: number },
): Promise<Float32Array> {
  const [height, width] = store.shape('ref_image_u8');
  const picture = videoFromBytes(await store.uint8('ref_image_u8'));
  return letterbox(picture, { channels: 3, height, width }, canvas);
}

/** No picture given: mid grey to be generated everywhere. */
export function emptyPicture(like: Pick<WindowPicture, 'frames' | 'height' | 'width'>): WindowPicture {
  const pixels = like.frames * like.height * like.width;
  return {
    video: new Float32Array(3 * pixels),
    mask: new Float32Array(pixels).fill(1),
    frames: like.frames,
    height: like.height,
    width: like.width,
  };
}
