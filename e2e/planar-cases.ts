import { posterClip, type PosterClip, type PosterSpec } from '../src-shared/core/testing/index.ts';
import type { Homography } from '../src-shared/core/plate/index.ts';
import type { FrameSource, Media } from '../src-main/engine/frames.ts';
import type { MaskPoint, OutlinedShape } from '../src-shared/project/mask/index.ts';
import { demo } from './hetcut.ts';
import { partOf, sceneOf, sourceOf } from './tracking-cases.ts';

/** A clip in which a flat picture moves, and where it is in every frame. */
export interface PlanarCase {
  readonly name: string;
  readonly source: FrameSource;
  readonly clip: PosterClip;
  /** The poster's outline in frame 0. */
  readonly shape: OutlinedShape;
}

const size = { width: 120, height: 84 };

/** Turned and sized about the poster's middle, then moved; `tilt`: perspective along both axes. */
function placed(
  x: number,
  y: number,
  scale: number,
  turn: number,
  [tiltX, tiltY]: readonly [number, number] = [0, 0],
): Homography {
  const [cos, sin] = [scale * Math.cos(turn), scale * Math.sin(turn)];
  const [midX, midY] = [size.width / 2, size.height / 2];
  const w = 1 - tiltX * midX - tiltY * midY;
  // The middle of the poster goes to (x, y).
  return Float64Array.of(
    cos + x * tiltX,
    -sin + x * tiltY,
    x * w - cos * midX + sin * midY,
    sin + y * tiltX,
    cos + y * tiltY,
    y * w - sin * midX - cos * midY,
    tiltX,
    tiltY,
    w,
  ).map((value) => value / w);
}

/** Posters before a photograph. */
export async function planarCases(media: Media): Promise<PlanarCase[]> {
  const yard = await sceneOf(media, demo('campus.mp4'), 0);
  const meadow = await sceneOf(media, demo('bunny.mp4'), 0);
  const later = await sceneOf(media, demo('bunny.mp4'), 40);
  const common = { width: 400, height: 300, frames: 60, size, behind: meadow, pan: 2, noise: 2 };
  const photograph = partOf(later, 480, 180, 200, 200);
  const building = partOf(yard, 100, 20, 200, 200);
  const space = (frame: number): Homography =>
    placed(
      120 + 2.6 * frame,
      140 + 24 * Math.sin(frame / 12),
      1 + 0.3 * Math.sin(frame / 19),
      0.25 * Math.sin(frame / 14),
      [0.0022 * Math.sin(frame / 16), 0.0014 * Math.sin(frame / 11)],
    );
  const specs: [string, PosterSpec][] = [
    [
      'pan, zoom and turn',
      {
        ...common,
        poster: photograph,
        motion: (frame) =>
          placed(110 + 2.8 * frame, 130 + 20 * Math.sin(frame / 15), 1 + 0.008 * frame, 0.01 * frame),
        seed: 11,
      },
    ],
    ['perspective', { ...common, poster: photograph, motion: space, seed: 12 }],
    [
      'perspective, behind a bar',
      {
        ...common,
        poster: building,
        motion: space,
        bar: (frame) => ({ left: 330 - 4.2 * frame, width: 44 }),
        seed: 13,
      },
    ],
    [
      'wholly hidden for a while, darker and darker',
      {
        ...common,
        poster: building,
        motion: (frame) => placed(110 + 3 * frame, 150 + 10 * Math.sin(frame / 12), 1, 0.004 * frame),
        bar: (frame) => (frame > 22 && frame < 30 ? { left: 90, width: 240 } : undefined),
        gain: (frame) => 1 - 0.006 * frame,
        seed: 14,
      },
    ],
  ];
  return specs.map(([name, spec]) => {
    const clip = posterClip(spec);
    return { name, clip, source: sourceOf(clip.width, clip.height, clip.frames), shape: outlineIn(spec) };
  });
}

/** The poster's corners in frame 0, in a document's places. */
function outlineIn({ motion, size: { width, height } }: PosterSpec): OutlinedShape {
  const first = motion(0);
  const points = (
    [
      [0, 0],
      [width, 0],
      [width, height],
      [0, height],
    ] as const
  ).map(([x, y]): MaskPoint => {
    const w = first[6] * x + first[7] * y + first[8];
    return [
      (first[0] * x + first[1] * y + first[2]) / w + 0.5,
      (first[3] * x + first[4] * y + first[5]) / w + 0.5,
    ];
  });
  return { kind: 'polygon', effect: 'remove', keyframes: [{ frame: 0, points }] };
}
