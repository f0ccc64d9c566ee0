import { ffmpeg } from '../src-main/media/testing/clips.ts';
import { mapPoint, type Homography } from '../src-shared/core/plate/index.ts';
import { makeScene, posterClip, type PosterClip } from '../src-shared/core/testing/index.ts';
import type { MaskPoint } from '../src-shared/project/mask/index.ts';

const size = { width: 88, height: 60 };

/** From the poster's pixels to those of a frame. */
const motion = (frame: number): Homography => {
  const [scale, turn] = [1 + 0.008 * frame, 0.012 * frame];
  const [cos, sin] = [scale * Math.cos(turn), scale * Math.sin(turn)];
  return Float64Array.of(
    cos,
    -sin,
    40 + 2 * frame,
    sin,
    cos,
    34 + 6 * Math.sin(frame / 6),
    1e-5 * frame,
    0,
    1,
  );
};

/** A poster that moves, turns and grows, of 240 × 160 pixels. */
export function makePoster(): PosterClip {
  return posterClip({
    width: 240,
    height: 160,
    frames: 24,
    behind: makeScene(340, 220, 3),
    poster: makeScene(120, 120, 9),
    size,
    motion,
    pan: 1,
    noise: 1,
    seed: 4,
  });
}

/** Its corners in a frame, as places of a mask document. */
export function posterCorners(frame: number): MaskPoint[] {
  return (
    [
      [0, 0],
      [size.width, 0],
      [size.width, size.height],
      [0, size.height],
    ] as const
  ).map(([x, y]) => {
    const [u, v] = mapPoint(motion(frame), x - 0.5, y - 0.5);
    return [u + 0.5, v + 0.5];
  });
}

/** Writes a clip without loss worth naming. */
export function writePoster(clip: PosterClip, path: string): void {
  const raw = ['-f', 'rawvideo', '-pix_fmt', 'yuv420p', '-s', `${clip.width}x${clip.height}`, '-r', '25'];
  ffmpeg(
    [...raw, '-i', 'pipe:0', '-c:v', 'libx264', '-crf', '8', '-pix_fmt', 'yuv420p', path],
    Buffer.concat(clip.frames.flat()),
  );
}
