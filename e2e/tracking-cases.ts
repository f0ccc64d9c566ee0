import { join } from 'node:path';
import { spriteClip, type Scene, type SpriteSpec } from '../src-shared/core/testing/index.ts';
import type { ClipInfo, FrameSource, Media, VideoFrame } from '../src-main/engine/frames.ts';
import { demo } from './hetcut.ts';

/** A clip with the mask of every frame. */
export interface Case {
  readonly name: string;
  readonly source: FrameSource;
  readonly truth: readonly Uint8Array[];
}

/** One frame of a clip as a scene. */
export async function sceneOf(media: Media, path: string, frame: number): Promise<Scene> {
  const source = await media.openClip(path);
  const { width, height, pixelFormat } = source.info;
  for await (const { planes } of source.frames(frame, frame + 1)) {
    const columns = Math.ceil(width / 2 ** pixelFormat.chromaShiftX);
    const plane = (channel: 0 | 1 | 2): Float32Array =>
      Float32Array.from({ length: width * height }, (_, pixel) => {
        if (channel === 0) return planes[0][pixel];
        const [x, y] = [pixel % width, Math.floor(pixel / width)];
        return planes[channel][(y >> pixelFormat.chromaShiftY) * columns + (x >> pixelFormat.chromaShiftX)];
      });
    return { width, height, planes: [plane(0), plane(1), plane(2)] };
  }
  throw new Error(`${path} has no frame ${frame}`);
}

/** The part of a scene from (x, y) on. */
export function partOf(scene: Scene, x: number, y: number, width: number, height: number): Scene {
  const planes = scene.planes.map((plane) =>
    Float32Array.from(
      { length: width * height },
      (_, at) => plane[(y + Math.floor(at / width)) * scene.width + x + (at % width)],
    ),
  );
  return { width, height, planes: [planes[0], planes[1], planes[2]] };
}

/** Rendered clips with their exact masks. */
export async function syntheticCases(media: Media): Promise<Case[]> {
  const yard = await sceneOf(media, demo('campus.mp4'), 0);
  const meadow = await sceneOf(media, demo('bunny.mp4'), 0);
  const later = await sceneOf(media, demo('bunny.mp4'), 40);
  const common = { width: 400, height: 300, frames: 49, pan: 2.3, noise: 2 };
  const specs: [string, SpriteSpec][] = [
    [
      'sprite over a pan with parallax',
      {
        ...common,
        far: yard,
        near: meadow,
        texture: partOf(later, 480, 180, 200, 200),
        radius: 48,
        path: (frame) => [70 + 5 * frame, 150 + 18 * Math.sin(frame / 6)],
        seed: 1,
      },
    ],
    [
      'the same deforming, behind a bar',
      {
        ...common,
        far: meadow,
        near: yard,
        texture: partOf(yard, 300, 100, 200, 200),
        radius: 48,
        path: (frame) => [60 + 5.5 * frame, 140 + 14 * Math.sin(frame / 8)],
        deforms: true,
        bar: (frame) => ({ left: 270 - 1.2 * frame, width: 34 }),
        seed: 3,
      },
    ],
    [
      'small and fast',
      {
        ...common,
        far: yard,
        near: meadow,
        texture: partOf(later, 600, 240, 100, 100),
        radius: 12,
        path: (frame) => [200 + 150 * Math.sin(frame * 0.13), 120 + 60 * Math.cos(frame * 0.19)],
        seed: 4,
      },
    ],
  ];
  return specs.map(([name, spec]) => {
    const clip = spriteClip(spec);
    return { name, source: sourceOf(clip.width, clip.height, clip.frames), truth: clip.masks };
  });
}

/** A clip in memory, of 25 frames a second. */
export function sourceOf(
  width: number,
  height: number,
  frames: readonly VideoFrame['planes'][],
): FrameSource {
  const info: ClipInfo = {
    path: 'synthetic',
    container: 'memory',
    codec: 'none',
    width,
    height,
    rotation: 0,
    sampleAspectRatio: '1:1',
    pixelFormat: { name: 'yuv420p', bitDepth: 8, chromaShiftX: 1, chromaShiftY: 1 },
    sourcePixelFormat: 'yuv420p',
    colour: { matrix: 'bt601', range: 'limited', assumed: true, tags: {} },
    ptsSec: Float64Array.from(frames, (_, index) => index / 25),
    timeBase: { num: 1, den: 25 },
    startSec: 0,
    frameRate: '25',
    variableFrameRate: false,
    audio: [],
    durationSec: frames.length / 25,
    warnings: [],
  };
  return {
    info,
    async *frames(start, end) {
      for (let index = start; index < end; index++) yield { index, planes: frames[index] };
    },
    damagedFrames: () => [],
  };
}

/** A folder with `clip.mp4` and `mask.mkv`. */
export async function realCase(folder: string, from: Media): Promise<Case> {
  const source = await from.openClip(join(folder, 'clip.mp4'));
  const masks = await from.openMask(join(folder, 'mask.mkv'), source.info);
  const truth: Uint8Array[] = [];
  for await (const mask of masks.masks(0, masks.frameCount)) truth.push(Uint8Array.from(mask));
  return { name: folder.split('/').at(-1) ?? folder, source, truth };
}
