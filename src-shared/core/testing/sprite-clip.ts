import { seededNumbers, toPlanes, type Scene } from './synthetic-clip.ts';

/** A textured thing before a panning background in two depths, with the exact mask of every frame. */
export interface SpriteClip {
  readonly width: number;
  readonly height: number;
  /** 8-bit 4:2:0 planes of each frame. */
  readonly frames: readonly [Uint8Array, Uint8Array, Uint8Array][];
  /** [height, width] of each frame: 255 where more than half of a pixel is the sprite's. */
  readonly masks: readonly Uint8Array<ArrayBuffer>[];
}

export interface SpriteSpec {
  readonly width: number;
  readonly height: number;
  readonly frames: number;
  /** Far and near background, and what the sprite is cut from: at least as wide as the pan goes. */
  readonly far: Scene;
  readonly near: Scene;
  readonly texture: Scene;
  /** Half of the sprite's size, in pixels. */
  readonly radius: number;
  /** Middle of the sprite in frame i. */
  readonly path: (frame: number) => readonly [x: number, y: number];
  /** Pixels a frame that the far background moves; the near one moves 1.7 times as fast. */
  readonly pan: number;
  /** Breathing, turning and changing its outline. */
  readonly deforms?: boolean;
  /** Left edge of an upright bar in front of everything, and its width; absent: none. */
  readonly bar?: (frame: number) => { readonly left: number; readonly width: number };
  readonly noise: number;
  readonly seed: number;
}

/** Renders the clip; the same numbers for the same spec. */
export function spriteClip(spec: SpriteSpec): SpriteClip {
  const next = seededNumbers(spec.seed);
  const harmonics = Array.from({ length: 5 }, (_, index) => ({
    strength: (0.3 * (next() - 0.5)) / (index + 1),
    phase: 2 * Math.PI * next(),
  }));
  const frames: [Uint8Array, Uint8Array, Uint8Array][] = [];
  const masks: Uint8Array<ArrayBuffer>[] = [];
  for (let frame = 0; frame < spec.frames; frame++) {
    const picture = [0, 1, 2].map(() => new Float32Array(spec.width * spec.height));
    const mask = new Uint8Array(spec.width * spec.height);
    drawFrame(spec, harmonics, frame, picture, mask);
    frames.push(toPlanes(picture, spec.width, spec.height, spec.noise, next));
    masks.push(mask);
  }
  return { width: spec.width, height: spec.height, frames, masks };
}

interface Harmonic {
  readonly strength: number;
  readonly phase: number;
}

function drawFrame(
  spec: SpriteSpec,
  harmonics: readonly Harmonic[],
  frame: number,
  picture: readonly Float32Array[],
  mask: Uint8Array,
): void {
  const { width, height, far, near, texture } = spec;
  const [farX, farY] = [10 + spec.pan * frame, 10 + 4 * Math.sin(frame / 9)];
  const [nearX, nearY] = [1.7 * farX, 1.1 * farY];
  const deforms = spec.deforms === true;
  const radius = spec.radius * (deforms ? 1 + 0.15 * Math.sin(frame / 11) : 1);
  const turn = deforms ? 0.2 * Math.sin(frame / 7) : 0;
  const [cos, sin] = [Math.cos(turn), Math.sin(turn)];
  const [middleX, middleY] = spec.path(frame);
  const bar = spec.bar?.(frame);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const pixel = y * width + x;
      const horizon = 0.68 * height + 9 * Math.sin((x + nearX) / 37) + 5 * Math.sin((x + nearX) / 13);
      const nearShare = clamp(y + 0.5 - horizon);
      // The sprite's own coordinates, −1…1 across it.
      const [dx, dy] = [x - middleX, y - middleY];
      const [u, v] = [(cos * dx + sin * dy) / radius, (cos * dy - sin * dx) / radius];
      const angle = Math.atan2(v, u);
      const outline = harmonics.reduce(
        (sum, { strength, phase }, index) =>
          sum + strength * Math.cos((index + 1) * angle + phase + (deforms ? 0.06 * index * frame : 0)),
        0.85,
      );
      const spriteShare = clamp((outline - Math.hypot(u, v)) * radius + 0.5);
      const barShare = bar === undefined ? 0 : clamp(Math.min(x - bar.left, bar.left + bar.width - x) + 0.5);
      for (let channel = 0; channel < 3; channel++) {
        let value = sampleScene(far, channel, x + farX, y + farY);
        value += nearShare * (sampleScene(near, channel, x + nearX, y + nearY) - value);
        if (spriteShare > 0) {
          const across = (u + 1) * 0.5 * Math.min(texture.width - 2, 2 * spec.radius);
          const down = (v + 1) * 0.5 * Math.min(texture.height - 2, 2 * spec.radius);
          value += spriteShare * (sampleScene(texture, channel, across, down) - value);
        }
        if (barShare > 0) value += barShare * (sampleScene(near, channel, x + 300, y + 60) * 0.7 - value);
        picture[channel][pixel] = value;
      }
      if (spriteShare * (1 - barShare) > 0.5) mask[pixel] = 255;
    }
  }
}

function clamp(share: number): number {
  return Math.min(1, Math.max(0, share));
}

/** Bilinear; beyond its edges a scene is mirrored. */
export function sampleScene({ width, height, planes }: Scene, channel: number, x: number, y: number): number {
  const mirror = (value: number, size: number): number => {
    const period = 2 * (size - 2);
    const place = ((value % period) + period) % period;
    return place < size - 2 ? place : period - place;
  };
  const [u, v] = [mirror(x, width), mirror(y, height)];
  const [column, row] = [Math.floor(u), Math.floor(v)];
  const [tx, ty] = [u - column, v - row];
  const at = row * width + column;
  const plane = planes[channel];
  const upper = plane[at] * (1 - tx) + plane[at + 1] * tx;
  const lower = plane[at + width] * (1 - tx) + plane[at + width + 1] * tx;
  return upper * (1 - ty) + lower * ty;
}
