import { describe, expect, it } from 'vitest';
import type { PlaneFreedom } from '../../../src-shared/core/plane/index.ts';
import { mapPoint, type Homography } from '../../../src-shared/core/plate/index.ts';
import { makeScene, posterClip, type PosterSpec } from '../../../src-shared/core/testing/index.ts';
import type { TrackRemark } from '../../../src-shared/project/mask/index.ts';
import { openCameraTracker, openPlaneFeatures } from '../../vision/index.ts';
import type { ClipInfo, FrameSource, VideoFrame } from '../frames.ts';
import { followShape, type FollowedFrame } from './follow-shape.ts';

const [width, height, frames] = [128, 96, 14];
const size = { width: 48, height: 40 };
const moved = (x: number, y: number, scale = 1, turn = 0, tilt = 0): Homography =>
  Float64Array.of(
    scale * Math.cos(turn),
    -scale * Math.sin(turn),
    x,
    scale * Math.sin(turn),
    scale * Math.cos(turn),
    y,
    tilt,
    tilt / 2,
    1,
  );
const spec: PosterSpec = {
  width,
  height,
  frames,
  behind: makeScene(220, 160, 3),
  poster: makeScene(90, 90, 9),
  size,
  motion: (frame) =>
    moved(30 + 2 * frame, 24 + Math.sin(frame / 2), 1 + 0.01 * frame, 0.02 * frame, 1e-4 * frame),
  pan: 1.5,
  noise: 1.5,
  seed: 4,
};
const clip = posterClip(spec);
const features = await openPlaneFeatures();

function sourceOf(pictures: readonly VideoFrame['planes'][]): FrameSource {
  const info = {
    width,
    height,
    pixelFormat: { name: 'yuv420p', bitDepth: 8, chromaShiftX: 1, chromaShiftY: 1 },
    ptsSec: Float64Array.from(pictures, (_, index) => index / 25),
  } as ClipInfo;
  return {
    info,
    async *frames(start, end) {
      for (let index = start; index < end; index++) yield { index, planes: pictures[index] };
    },
    damagedFrames: () => [],
  };
}

interface Followed {
  readonly poses: FollowedFrame[];
  readonly remarks: readonly TrackRemark[];
}

async function follow(
  pictures: readonly VideoFrame['planes'][],
  {
    frame = 0,
    inside = clip.seen[0],
    freedom = 'perspective',
    range = [0, pictures.length],
  }: {
    readonly frame?: number;
    readonly inside?: Uint8Array;
    readonly freedom?: PlaneFreedom;
    readonly range?: readonly number[];
  } = {},
): Promise<Followed> {
  const poses: FollowedFrame[] = [];
  const remarks = await followShape({
    source: sourceOf(pictures),
    frame,
    inside,
    freedom,
    range: { startFrame: range[0], endFrame: range[1] },
    direction: 'both',
    openCamera: openCameraTracker,
    features,
    signal: new AbortController().signal,
    onFrame: () => undefined,
    onPose: (pose) => void poses.push(pose),
  });
  return { poses, remarks };
}

/** How far the poster's corners are from the truth, at most, in pixels. */
function furthest({ poses }: Followed, truth: readonly Homography[], from = 0): number {
  const corners = [
    [0, 0],
    [size.width, 0],
    [size.width, size.height],
    [0, size.height],
  ].map(([x, y]) => mapPoint(spec.motion(from), x, y));
  return Math.max(
    ...poses.flatMap(({ frame, motion }) =>
      corners.map(([x, y]) => {
        const [a, b] = [mapPoint(motion, x, y), mapPoint(truth[frame], x, y)];
        return Math.hypot(a[0] - b[0], a[1] - b[1]);
      }),
    ),
  );
}

const still = (picture: VideoFrame['planes'], count: number): VideoFrame['planes'][] =>
  new Array<VideoFrame['planes']>(count).fill(picture);

describe('a shape that follows a plane', () => {
  it('is found in every frame to part of a pixel, forward', async () => {
    const found = await follow(clip.frames);
    expect(found.poses.map(({ frame }) => frame)).toEqual(
      Array.from({ length: frames - 1 }, (_, at) => at + 1),
    );
    expect(furthest(found, clip.motions)).toBeLessThan(0.8);
    expect(found.remarks).toEqual([]);
    expect(Math.min(...found.poses.map(({ confidence }) => confidence))).toBeGreaterThan(0.8);
  });

  it('is found backward from a frame in the middle as well', async () => {
    const from = 7;
    const found = await follow(clip.frames, { frame: from, inside: clip.seen[from] });
    expect(found.poses.map(({ frame }) => frame)).toEqual([8, 9, 10, 11, 12, 13, 6, 5, 4, 3, 2, 1, 0]);
    const back = { ...found, poses: found.poses.filter(({ frame }) => frame === 0) };
    // From frame 7's pixels to frame 0's.
    const [x, y] = mapPoint(back.poses[0].motion, ...mapPoint(spec.motion(from), 24, 20));
    const [u, v] = mapPoint(spec.motion(0), 24, 20);
    expect(Math.hypot(x - u, y - v)).toBeLessThan(0.3);
  });

  it.each([
    ['position', [1, 0, 0, 1]],
    ['scale', null],
    ['rotation', null],
    ['similarity', null],
  ] as const)('moves by its %s only where that is asked for', async (freedom, linear) => {
    const { poses } = await follow(clip.frames, { freedom });
    expect(poses.length).toBeGreaterThan(8);
    for (const { motion } of poses) {
      const [a, b, , c, d] = motion;
      expect([motion[6], motion[7]]).toEqual([0, 0]);
      expect(a).toBeCloseTo(d, 9);
      expect(b).toBeCloseTo(-c, 9);
      if (linear !== null) expect([a, b, c, d].map((value) => value + 0)).toEqual(linear);
      if (freedom === 'scale') expect(b).toBeCloseTo(0, 9);
      if (freedom === 'rotation') expect(Math.hypot(a, b)).toBeCloseTo(1, 9);
    }
  });

  it('goes on behind something that hides it, and says in which frames', async () => {
    const hidden = posterClip({
      ...spec,
      motion: (frame) => moved(30 + 1.5 * frame, 26),
      bar: (frame) => (frame > 4 && frame < 8 ? { left: 34, width: 58 } : undefined),
    });
    const found = await follow(hidden.frames, { inside: hidden.seen[0] });
    expect(found.poses.map(({ frame }) => frame)).toEqual([1, 2, 3, 4, 8, 9, 10, 11, 12, 13]);
    expect(found.remarks).toEqual([{ kind: 'hidden', frame: 5, last: 7 }]);
    expect(furthest(found, hidden.motions)).toBeLessThan(1.5);
  });

  it('ends where it leaves the picture, and keeps what is done', async () => {
    const leaving = posterClip({ ...spec, motion: (frame) => moved(40 + 9 * frame, 26) });
    const found = await follow(leaving.frames, { inside: leaving.seen[0] });
    expect(found.remarks).toEqual([{ kind: 'left', frame: expect.any(Number) as number, backward: false }]);
    const [{ frame }] = found.remarks;
    expect(frame).toBeGreaterThanOrEqual(8);
    expect(found.poses.map((pose) => pose.frame)).toEqual(
      Array.from({ length: frame - 1 }, (_, at) => at + 1),
    );
  });

  it('ends at a cut, and says where', async () => {
    const other = posterClip({
      ...spec,
      behind: makeScene(220, 160, 77),
      poster: makeScene(90, 90, 78),
      frames: 5,
    });
    const found = await follow([...clip.frames.slice(0, 5), ...other.frames]);
    expect(found.remarks).toEqual([{ kind: 'cut', from: 0, frame: 5 }]);
    expect(found.poses.map(({ frame }) => frame)).toEqual([1, 2, 3, 4]);
  });

  it('keeps what is found where it is stopped', async () => {
    const abort = new AbortController();
    const poses: number[] = [];
    const stopped = followShape({
      source: sourceOf(clip.frames),
      frame: 0,
      inside: clip.seen[0],
      freedom: 'position',
      range: { startFrame: 0, endFrame: frames },
      direction: 'both',
      openCamera: openCameraTracker,
      features,
      signal: abort.signal,
      onFrame: (done) => {
        if (done === 3) abort.abort();
      },
      onPose: ({ frame }) => void poses.push(frame),
    });
    await expect(stopped).rejects.toMatchObject({ code: 'cancelled' });
    expect(poses).toEqual([1, 2, 3]);
  });

  it('has nothing to do in one frame', async () => {
    expect(await follow(clip.frames, { range: [0, 1] })).toEqual({ poses: [], remarks: [] });
  });

  it.each([
    ['too small a shape', 'follow-small', { inside: new Uint8Array(width * height).fill(255, 2000, 2006) }],
    ['an empty shape', 'follow-small', { inside: new Uint8Array(width * height) }],
    ['a frame outside the range', 'follow-frame', { frame: 3, range: [4, 9] }],
  ])('refuses %s', async (_name, code, more) => {
    await expect(follow(clip.frames, more)).rejects.toMatchObject({ code, exitCode: 2 });
  });

  it('refuses a surface without anything to hold on to', async () => {
    const flat: VideoFrame['planes'] = [
      new Uint8Array(width * height).fill(90),
      new Uint8Array((width * height) / 4).fill(128),
      new Uint8Array((width * height) / 4).fill(128),
    ];
    await expect(follow(still(flat, 3))).rejects.toMatchObject({ code: 'follow-flat' });
  });
});
