/**
 * Measures how well masks follow objects, and prints the tables of docs/benchmarks/tracking.md.
 *   node --import tsx e2e/measure-tracking.ts [--planes] [FOLDER with clip.mp4 and mask.mkv …]
 * With --planes only the shapes that follow a plane.
 * Nothing else should run on the machine meanwhile.
 */
import { overlap } from '../src-shared/core/track/index.ts';
import { trackClip } from '../src-main/engine/track/track-clip.ts';
import {
  followedShape,
  rasteriseMask,
  usualTolerancePx,
  type FollowedPose,
  type OutlinedShape,
  type TrackDirection,
} from '../src-shared/project/mask/index.ts';
import { followShape } from '../src-main/engine/track/follow-shape.ts';
import type { TrackKey } from '../src-main/engine/track/track-input.ts';
import { createMedia } from '../src-main/media/index.ts';
import { openCameraTracker, openDenseFlow, openPlaneFeatures } from '../src-main/vision/index.ts';
import { planarCases } from './planar-cases.ts';
import { realCase, syntheticCases, type Case } from './tracking-cases.ts';

const print = (line: string): void => void process.stdout.write(`${line}\n`);

const flow = await openDenseFlow();
const media = await createMedia();

const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

interface Row {
  readonly iou: readonly number[];
  readonly confidence: Float32Array;
  readonly framesPerSec: number;
}

async function run(
  { source, truth }: Case,
  keys: readonly TrackKey[],
  direction: TrackDirection,
): Promise<Row> {
  const begun = performance.now();
  const track = await trackClip({
    source,
    keys,
    range: { startFrame: 0, endFrame: truth.length },
    direction,
    openCamera: openCameraTracker,
    flow,
    signal: new AbortController().signal,
    onFrame: () => undefined,
  });
  const framesPerSec = (1000 * truth.length) / (performance.now() - begun);
  const iou = truth.map((mask, frame) => overlap(track.maskAt(frame), mask));
  return { iou, confidence: track.confidence, framesPerSec };
}

/** Pearson's coefficient of confidence and overlap, over the frames without a key. */
function correlation({ iou, confidence }: Row): number {
  const [a, b] = [iou, [...confidence]];
  const [meanA, meanB] = [mean(a), mean(b)];
  const sum = (f: (index: number) => number): number => a.reduce((total, _, index) => total + f(index), 0);
  const both = sum((i) => (a[i] - meanA) * (b[i] - meanB));
  return both / Math.sqrt(sum((i) => (a[i] - meanA) ** 2) * sum((i) => (b[i] - meanB) ** 2));
}

print(
  '| clip | from | mean IoU | least | first ten | last ten | with one correction | confidence against IoU | frames/s |',
);
print('| --- | --- | --- | --- | --- | --- | --- | --- | --- |');
const folders = process.argv.slice(2).filter((one) => one !== '--planes');
const cases = process.argv.includes('--planes')
  ? []
  : [
      ...(await Promise.all(folders.map((folder) => realCase(folder, media)))),
      ...(await syntheticCases(media)),
    ];
for (const one of cases) {
  const last = one.truth.length - 1;
  for (const [from, direction] of [
    [0, 'forward'],
    [last, 'backward'],
  ] as const) {
    const key: TrackKey = { frame: from, mask: one.truth[from] };
    const row = await run(one, [key], direction);
    const ordered = direction === 'forward' ? row.iou : [...row.iou].reverse();
    const worst = row.iou.indexOf(Math.min(...row.iou));
    const corrected = await run(one, [key, { frame: worst, mask: one.truth[worst] }], 'both');
    const cells = [
      one.name,
      direction === 'forward' ? 'first frame' : 'last frame',
      mean(row.iou).toFixed(3),
      Math.min(...row.iou).toFixed(3),
      mean(ordered.slice(0, 10)).toFixed(3),
      mean(ordered.slice(-10)).toFixed(3),
      mean(corrected.iou).toFixed(3),
      correlation(row).toFixed(2),
      row.framesPerSec.toFixed(1),
    ];
    print(`| ${cells.join(' | ')} |`);
  }
}

print('');
print(
  '| plane | motion | frames found | mean IoU | least | first ten | last ten | keyframes | mean IoU with these | least |',
);
print('| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |');
const features = await openPlaneFeatures();
for (const { name, source, clip, shape } of await planarCases(media)) {
  const { width, height } = clip;
  const frames = clip.motions.length;
  const range = { startFrame: 0, endFrame: frames };
  const document = {
    format: 'hetcut-mask',
    version: 1,
    width,
    height,
    frames,
    grow: 0,
    invert: false,
  } as const;
  const masksOf = (one: OutlinedShape): Uint8Array[] =>
    clip.motions.map((_, frame) => rasteriseMask({ ...document, shapes: [one] }, frame));
  const truth = masksOf(
    followedShape(
      shape,
      { frame: 0, freedom: 'perspective', range, direction: 'forward' },
      clip.motions.map(asPose),
      -1,
    ),
  );
  for (const freedom of ['similarity', 'perspective'] as const) {
    const found: FollowedPose[] = [];
    await followShape({
      source,
      frame: 0,
      inside: truth[0],
      freedom,
      range,
      direction: 'forward',
      openCamera: openCameraTracker,
      features,
      signal: new AbortController().signal,
      onFrame: () => undefined,
      onPose: ({ motion, ...pose }) => void found.push({ ...pose, motion: [...motion] }),
    });
    const fits = (tolerancePx: number): { readonly iou: readonly number[]; readonly keys: number } => {
      const followed = followedShape(
        shape,
        { frame: 0, freedom, range, direction: 'forward' },
        found,
        tolerancePx,
      );
      return {
        iou: masksOf(followed).map((mask, frame) => overlap(mask, truth[frame])),
        keys: followed.keyframes.length,
      };
    };
    const [every, reduced] = [fits(-1), fits(usualTolerancePx)];
    const cells = [
      name,
      freedom,
      `${found.length + 1} of ${frames}`,
      mean(every.iou).toFixed(3),
      Math.min(...every.iou).toFixed(3),
      mean(every.iou.slice(0, 10)).toFixed(3),
      mean(every.iou.slice(-10)).toFixed(3),
      String(reduced.keys),
      mean(reduced.iou).toFixed(3),
      Math.min(...reduced.iou).toFixed(3),
    ];
    print(`| ${cells.join(' | ')} |`);
  }
}

function asPose(motion: ArrayLike<number>, frame: number): FollowedPose {
  return { frame, motion: Array.from(motion), confidence: 1 };
}
