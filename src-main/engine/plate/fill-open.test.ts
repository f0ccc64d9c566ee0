import { beforeAll, describe, expect, it } from 'vitest';
import type { Homography } from '../../../src-shared/core/plate/index.ts';
import type { FillMeans } from '../../../src-shared/core/fill/index.ts';
import { seededNumbers } from '../../../src-shared/core/testing/index.ts';
import { openCameraTracker } from '../../vision/index.ts';
import type { FramePatch, PatchStore, PlateSummary } from '../composite/patch-store.ts';
import { pastePatch } from '../composite/planes.ts';
import type { PlateChoice } from '../edit-job.ts';
import type { Media, VideoFrame } from '../frames.ts';
import { scanMask } from '../scan/mask-scan.ts';
import { createStageTimer } from '../stage-timer.ts';
import { applyPlate } from './apply-plate.ts';
import type { OpenCameraTracker } from './camera-tracker.ts';
import { at, height, isPost, makeClip, width, type Shot, type TestClip } from './testing/scene-clip.ts';

const { signal } = new AbortController();

interface Filled {
  readonly frames: readonly VideoFrame['planes'][];
  readonly patches: ReadonlyMap<number, FramePatch>;
  readonly summary: PlateSummary;
}

async function fill(
  clip: TestClip,
  means: FillMeans = 'exemplar',
  openTracker: OpenCameraTracker = openCameraTracker,
  choice: PlateChoice = { kind: 'auto' },
): Promise<Filled> {
  const patches = new Map<number, FramePatch>();
  let summary: PlateSummary | undefined;
  const store: Partial<PatchStore> = {
    writePlate: async (frame, patch) => void patches.set(frame, patch),
    readPlate: async (frame) => patches.get(frame) ?? null,
    markPlateDone: async (done) => void (summary = done),
  };
  const { source, mask } = clip;
  await applyPlate({
    choice,
    range: { startFrame: 100, endFrame: 100 + clip.masks.length },
    source,
    mask,
    scan: await scanMask(mask, source.info, signal),
    services: { media: {} as Media, store: store as PatchStore, openTracker, signal },
    timer: createStageTimer(
      () => 0,
      () => undefined,
    ),
    fill: means,
    textured: true,
    whole: false,
    standing: false,
    seed: 1,
  });
  if (summary === undefined) throw new Error('the stage did not end');
  const frames: VideoFrame['planes'][] = [];
  for await (const { index, planes } of source.frames(0, clip.masks.length)) {
    const patch = patches.get(index);
    frames.push(patch === undefined ? planes : pastePatch(planes, patch, source.info));
  }
  return { frames, patches, summary };
}

/** A thing that stands in the scene while the camera pans: no frame shows what is behind it. */
const panShots = Array.from({ length: 8 }, (_, index): Shot => {
  return { scene: 0, view: at(220 + 4 * index, 180), thing: [150 - 4 * index, 80] };
});

/** Mean absolute step of luma along the rows, where `where` holds. */
function texture(luma: VideoFrame['planes'][0], where: (pixel: number) => boolean): number {
  let [sum, count] = [0, 0];
  for (let pixel = 1; pixel < luma.length; pixel++) {
    if (!where(pixel)) continue;
    sum += Math.abs(luma[pixel] - luma[pixel - 1]);
    count++;
  }
  return sum / count;
}

const pan = makeClip(panShots, 1);
let panned: Filled;
beforeAll(async () => void (panned = await fill(pan)));

describe('fillOpen', () => {
  it('fills what no frame shows with texture that moves with the scene', () => {
    const { frames, patches, summary } = panned;
    expect(summary.warnings).toEqual([]);
    expect([...patches.values()].every(({ residual }) => !residual.includes(255))).toBe(true);
    const [hole, luma] = [pan.masks[5], frames[5][0]];
    const inHole = texture(luma, (pixel) => hole[pixel] !== 0);
    const around = texture(luma, (pixel) => hole[pixel] === 0);
    expect(inHole).toBeGreaterThan(0.6 * around);
    expect(inHole).toBeLessThan(1.5 * around);
    // The camera moves 4 pixels a frame.
    let [moved, stayed, count] = [0, 0, 0];
    for (let y = 60; y < 100; y++) {
      for (let x = 126; x < 136; x++) {
        const pixel = y * width + x;
        moved += Math.abs(luma[pixel] - frames[7][0][pixel - 8]);
        stayed += Math.abs(luma[pixel] - frames[7][0][pixel]);
        count++;
      }
    }
    expect(moved / count).toBeLessThan(4);
    expect(stayed).toBeGreaterThan(2 * moved);
  });

  it('fills each depth of a scene with its own, by its own motion', async () => {
    // Behind posts that go 3 pixels a frame faster stands a thing; nothing of the posts may come into its hole.
    const shots = Array.from({ length: 9 }, (_, index): Shot => {
      return {
        scene: 0,
        view: at(200 + 2 * index, 180),
        posts: at(206 + 5 * index, 180),
        thing: [100 - 2 * index, 85],
      };
    });
    const clip = makeClip(shots, 1);
    const { frames, patches, summary } = await fill(clip);
    expect(summary.warnings).toEqual([]);
    expect([...patches.values()].every(({ residual }) => !residual.includes(255))).toBe(true);
    const difference = (a: number, b: number, shift: number): number => {
      let [sum, count] = [0, 0];
      for (let y = 62; y < 108; y++) {
        for (let x = 60; x < 110; x++) {
          const [here, there] = [y * width + x, y * width + x - shift * (b - a)];
          const inHole = clip.masks[a][here] !== 0 && clip.masks[b][there] !== 0;
          if (!inHole || [a, b].some((index, k) => isPost(at(206 + 5 * index, 180), k === 0 ? here : there)))
            continue;
          sum += Math.abs(frames[a][0][here] - frames[b][0][there]);
          count++;
        }
      }
      expect(count).toBeGreaterThan(100);
      return sum / count;
    };
    expect(difference(2, 6, 2)).toBeLessThan(4);
    expect(difference(2, 6, 5)).toBeGreaterThan(2 * difference(2, 6, 2));
  });

  it('follows the exposure of each frame', async () => {
    const { source, ...clip } = makeClip(
      panShots.map((shot) => ({ ...shot, view: at(250, 180), thing: [120, 80] })),
    );
    const darker: TestClip = {
      ...clip,
      source: {
        ...source,
        async *frames(start, end) {
          for await (const { index, planes } of source.frames(start, end)) {
            const luma = planes[0].map((value) => Math.round(value * (1 - 0.02 * index)));
            yield { index, planes: [luma, planes[1], planes[2]] };
          }
        },
      },
    };
    const { frames } = await fill(darker);
    const mean = (index: number) => {
      const inside = Array.from(frames[index][0]).filter((_, pixel) => clip.masks[index][pixel] !== 0);
      return inside.reduce((sum, value) => sum + value, 0) / inside.length;
    };
    expect(mean(7) / mean(0)).toBeGreaterThan(0.84);
    expect(mean(7) / mean(0)).toBeLessThan(0.88);
  });

  it('fills each side of a cut with its own', async () => {
    const shots = Array.from({ length: 10 }, (_, index): Shot => {
      return { scene: index < 5 ? 0 : 1, view: at(250, 180), thing: [120, 80] };
    });
    const whole = await fill(makeClip(shots));
    expect(whole.summary.warnings).toEqual([]);
    const alone = await fill(makeClip(shots.slice(0, 5)));
    expect(whole.frames[3][0]).toEqual(alone.frames[3][0]);
  });

  it('says so where the camera cannot be followed, and fills all the same', async () => {
    const lost: OpenCameraTracker = async () => {
      let segment = 0;
      const toReference: Homography = Float64Array.of(1, 0, 0, 0, 1, 0, 0, 0, 1);
      return {
        add: () => ({ segment: segment++, toReference, inlierRatio: 1, errorPx: 0 }),
        layers: () => new Map(),
      };
    };
    const { patches, summary } = await fill(pan, 'exemplar', lost);
    expect(summary.warnings).toEqual([expect.stringContaining('could not be followed in frames 100 to 107')]);
    expect([...patches.values()].every(({ residual }) => !residual.includes(255))).toBe(true);
  });

  it('fills with texture of one frame where no two show the same', async () => {
    const next = seededNumbers(5);
    const noise = pan.masks.slice(0, 6).map(() => pan.clean[0][0].map(() => 40 + 160 * next()));
    const { source, ...clip } = makeClip(panShots.slice(0, 6));
    const { frames, summary } = await fill({
      ...clip,
      source: {
        ...source,
        async *frames(start, end) {
          for await (const { index, planes } of source.frames(start, end)) {
            yield { index, planes: [noise[index], planes[1], planes[2]] };
          }
        },
      },
    });
    expect(summary.warnings).toEqual([expect.stringContaining('could not be followed in frames 100 to 105')]);
    const inHole = texture(frames[3][0], (pixel) => clip.masks[3][pixel] !== 0);
    expect(inHole).toBeGreaterThan(0.6 * texture(frames[3][0], (pixel) => clip.masks[3][pixel] === 0));
  });

  it('says so where there is nothing to copy, and fills smoothly', async () => {
    const clip = makeClip(
      panShots.slice(0, 6).map((shot) => ({ ...shot, view: at(250, 180), thing: [120, 80] })),
    );
    const mask = new Uint8Array(width * height).fill(255);
    for (let y = 0; y < height; y++) mask.fill(0, y * width, y * width + 4);
    const masks = clip.masks.map(() => mask);
    const { patches, summary } = await fill({
      ...clip,
      masks,
      mask: {
        frameCount: masks.length,
        async *masks(start, end) {
          yield* masks.slice(start, end);
        },
      },
    });
    expect(summary.warnings.at(-1)).toContain('From frame 100 on there is nothing to copy');
    expect([...patches.values()].every(({ residual }) => !residual.includes(255))).toBe(true);
  });

  it('leaves the fill open for the network to work on', async () => {
    const shown = await fill(pan, 'network');
    expect(shown.frames).toEqual(panned.frames);
    expect(shown.patches.get(3)?.residual.includes(255)).toBe(true);
    expect(shown.summary.open.frames[3]).not.toBeNull();
  });

  it('uses no other frame where the plate is off', async () => {
    // The thing crosses: with the plate on, everything behind it would be seen.
    const shots = Array.from({ length: 6 }, (_, index): Shot => {
      return { scene: 0, view: at(250, 180), thing: [60 + 20 * index, 80] };
    });
    const { patches, summary } = await fill(makeClip(shots), 'exemplar', openCameraTracker, { kind: 'off' });
    expect(summary.platePixels).toBe(0);
    expect([...patches.values()].every(({ residual }) => !residual.includes(255))).toBe(true);
  });
});
