import {
  countOcclusions,
  farApart,
  nearestFirst,
  packCells,
  settleCells,
  trimNearer,
  type FrameLayer,
  type FrameLayers,
  type LabelledCells,
  type LayerCells,
} from '../../src-shared/core/layers/index.ts';
import {
  chain,
  identityMotion,
  invert,
  mapPoint,
  motionBetween,
  type Homography,
} from '../../src-shared/core/plate/index.ts';
import type { CameraPose } from '../engine/plate/camera-tracker.ts';
import {
  gridOf,
  labelBatch,
  motionsTo,
  neighboursOf,
  splitBatch,
  type Batch,
  type BatchFrame,
} from './batch-layers.ts';
import type { Picture } from './feature-tracking.ts';
import type { OpenCv } from './opencv.ts';
import { idsOf, referenceOf, type SharedFrame, type SharedFrames } from './shared-layers.ts';

/**
 * Pictures that are looked at together; the last of a batch are the first of the next. From `least` on a batch ends where
 * the camera has moved by this share of the picture's width, so that corners stay in view.
 */
const batchFrames = { least: 10, most: 18, shared: 4, mostShift: 0.1 } as const;
/** Where the camera's motion explains this share of the features in every picture, there is one layer. */
const explained = 0.95;
/** Ids that fit the packed cells. */
const mostIds = 16;

interface SegmentLayers {
  nextId: number;
  /** How often one layer hides another, and how far each moves, by id. */
  readonly hides: number[][];
  readonly speeds: number[];
}

interface FoundFrame {
  readonly segment: number;
  readonly layers: readonly FrameLayer[];
  readonly cells: LayerCells;
}

export interface LayerTracker {
  add(picture: Picture, pose: CameraPose): void;
  finish(): ReadonlyMap<number, FrameLayers>;
}

/**
 * Tells a scene apart by depth, batch by batch: corners of a batch's middle picture are followed through it and split into
 * planes; each picture's cells are given to the plane by whose motion they are found again; and what hides what says
 * which is nearer. A camera that stands, or whose motion explains everything, costs nothing.
 */
export function createLayerTracker(cv: OpenCv): LayerTracker {
  const found = new Map<number, FoundFrame>();
  const segments = new Map<number, SegmentLayers>();
  let batch: BatchFrame[] = [];
  let before: SharedFrames | undefined;
  let numbers = 0;
  /** The last picture that has been in a batch. */
  let examined = -1;

  function flush(): void {
    if (batch.length > 1 && batch[batch.length - 1].number !== examined) {
      before = examine(batch, before);
      examined = batch[batch.length - 1].number;
    }
  }

  /** Looks at one batch; undefined where it is of one layer and so was what came before. */
  function examine(frames: readonly BatchFrame[], known: SharedFrames | undefined): SharedFrames | undefined {
    const { segment } = frames[0].pose;
    const split = needsLayers(frames) ? splitBatch(cv, frames) : undefined;
    if (split === undefined || split.motions.length < 2) {
      return known === undefined ? undefined : carriedOn(frames, known);
    }
    const ofSegment = segments.get(segment) ?? { nextId: 1, hides: [], speeds: [] };
    segments.set(segment, ofSegment);
    const ids = idsOf(frames, split, known, () => newId(ofSegment));
    const maps = split.motions.map((motions, layer) => {
      const ofAnchor =
        referenceOf(frames, motions, ids[layer], known) ?? frames[split.tracks.anchor].pose.toReference;
      return motions.map((motion) => (motion === undefined ? undefined : chain(invert(motion), ofAnchor)));
    });
    const first = labelBatch(frames, split);
    learnDepth(split, ids, first, ofSegment);
    const byDepth = orderOf(ofSegment);
    // A layer that has no id is taken for the nearest: it is told of no one.
    const places = ids.map((id) => byDepth.indexOf(id));
    const order = ids.map((_, layer) => layer).sort((a, b) => places[a] - places[b] || a - b);
    const labelled = first.map((cells) => trimNearer(cells, order));
    frames.forEach(({ number }, at) => {
      const layers = ids.flatMap((id, layer): FrameLayer[] => {
        const toReference = maps[layer][at];
        return id < 0 || toReference === undefined ? [] : [{ id, toReference }];
      });
      if (layers.length <= (found.get(number)?.layers.length ?? 0)) return;
      const { grid } = labelled[at];
      const others = labelled.flatMap((cells, other) =>
        other === at ? [] : [{ cells, motions: motionsTo(split, at, other) }],
      );
      const labels = settleCells(labelled[at], others, order);
      const fallback = layers[0].id;
      const owners = labels.map((layer) => (ids[layer] < 0 ? fallback : ids[layer]));
      found.set(number, { segment, layers, cells: packCells(grid, owners) });
    });
    return handOver(frames, (at) => {
      const points = split.tracks.positions[at];
      return {
        points: [...split.labels].flatMap((layer, i): [number, number, number][] =>
          layer < 0 || ids[layer] < 0 || Number.isNaN(points[2 * i])
            ? []
            : [[points[2 * i], points[2 * i + 1], ids[layer]]],
        ),
        toReference: new Map(
          ids.flatMap((id, layer): [number, Homography][] => {
            const map = maps[layer][at];
            return id < 0 || map === undefined ? [] : [[id, map]];
          }),
        ),
      };
    });
  }

  /** One layer goes on: that of most corners, by the camera's own motion. */
  function carriedOn(frames: readonly BatchFrame[], known: SharedFrames): SharedFrames | undefined {
    const shared = frames.findLastIndex(({ number }) => known.has(number));
    const last = known.get(frames[shared]?.number);
    if (last === undefined) return undefined;
    const counts = new Map<number, number>();
    for (const [, , id] of last.points) counts.set(id, (counts.get(id) ?? 0) + 1);
    const [most] = [...counts].sort(([a, x], [b, y]) => y - x || a - b);
    const reference = most && last.toReference.get(most[0]);
    if (reference === undefined) return undefined;
    const [id] = most;
    const { width, height } = frames[0].picture;
    const grid = gridOf(width, height);
    const owners = new Uint8Array(grid.columns * grid.rows).fill(id);
    const between = (at: number) =>
      motionBetween(frames[at].pose.toReference, frames[shared].pose.toReference);
    frames.forEach(({ number, pose }, at) => {
      if (found.has(number)) return;
      const layers = [{ id, toReference: chain(between(at), reference) }];
      found.set(number, { segment: pose.segment, layers, cells: packCells(grid, owners) });
    });
    return handOver(frames, (at) => ({
      points: last.points.map(([x, y]) => [...mapPoint(invert(between(at)), x, y), id] as const),
      toReference: new Map([[id, chain(between(at), reference)]]),
    }));
  }

  return {
    add(picture, pose) {
      const number = numbers++;
      const first = batch.at(0);
      if (first !== undefined && first.pose.segment !== pose.segment) {
        flush();
        [batch, before] = [[], undefined];
      }
      batch.push({ number, picture, pose });
      const { least, most, shared, mostShift } = batchFrames;
      if (batch.length < least) return;
      if (batch.length === most || shiftOf(batch) > mostShift * picture.width) {
        flush();
        batch = batch.slice(-shared);
      }
    },
    finish() {
      flush();
      batch = [];
      const result = new Map<number, FrameLayers>();
      const orders = new Map([...segments].map(([number, segment]) => [number, orderOf(segment)]));
      for (const [number, { segment, layers, cells }] of [...found].sort(([a], [b]) => a - b)) {
        const order = orders.get(segment) ?? [0];
        const sorted = [...layers].sort((a, b) => order.indexOf(a.id) - order.indexOf(b.id));
        result.set(number, { order, layers: sorted, cells });
      }
      return result;
    },
  };
}

/** −1 where there are too many. */
function newId(segment: SegmentLayers): number {
  return segment.nextId < mostIds ? segment.nextId++ : -1;
}

function handOver(frames: readonly BatchFrame[], of: (at: number) => SharedFrame): SharedFrames {
  const first = Math.max(0, frames.length - batchFrames.shared);
  return new Map(frames.slice(first).map(({ number }, k) => [number, of(first + k)]));
}

function orderOf(segment: SegmentLayers): number[] {
  const ids = Array.from({ length: segment.nextId }, (_, id) => id);
  return nearestFirst(
    ids,
    ids.map((i) => ids.map((j) => segment.hides[i]?.[j] ?? 0)),
    ids.map((id) => segment.speeds[id] ?? 0),
  );
}

/** How far the camera has moved the picture's middle over a batch, in pixels. */
function shiftOf(batch: readonly BatchFrame[]): number {
  const { width, height } = batch[0].picture;
  const motion = motionBetween(batch[0].pose.toReference, batch[batch.length - 1].pose.toReference);
  return farApart(motion, identityMotion(), [width / 2, height / 2]);
}

function needsLayers(frames: readonly BatchFrame[]): boolean {
  const [{ pose: first }] = frames;
  const stands = frames.every(({ pose }) =>
    pose.toReference.every((value, entry) => value === first.toReference[entry]),
  );
  return !stands && frames.some(({ pose }) => pose.inlierRatio < explained);
}

function learnDepth(
  split: Batch,
  ids: readonly number[],
  labelled: readonly LabelledCells[],
  segment: SegmentLayers,
): void {
  const count = labelled.length;
  for (let at = 0; at < count; at++) {
    for (const step of [-1, 1]) {
      for (const other of neighboursOf(split, count, at, step)) {
        countOcclusions(labelled[at], labelled[other], motionsTo(split, at, other), (nearer, farther) => {
          const [i, j] = [ids[nearer], ids[farther]];
          if (i < 0 || j < 0) return;
          const row = (segment.hides[i] ??= []);
          row[j] = (row[j] ?? 0) + 1;
        });
      }
    }
  }
  ids.forEach((id, layer) => {
    const motion = split.motions[layer].find((one, at) => one !== undefined && at !== split.tracks.anchor);
    if (id >= 0 && motion !== undefined) {
      segment.speeds[id] = Math.max(
        segment.speeds[id] ?? 0,
        farApart(motion, identityMotion(), split.tracks.corners),
      );
    }
  });
}
