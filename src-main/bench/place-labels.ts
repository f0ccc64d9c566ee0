/** A text to be placed next to a point; pixels, y downwards. */
export interface LabelWish {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export interface Box {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/** A line that a label should not cover: from point to point. */
export type Segment = readonly [x1: number, y1: number, x2: number, y2: number];

/** Directions from the point to its label's nearest edge or corner, the preferred ones first. */
const directions = [
  [1, -1],
  [1, 1],
  [-1, 1],
  [-1, -1],
  [1, 0],
  [0, -1],
  [0, 1],
  [-1, 0],
] as const;

/** Pixels from a point to its label: next to the marker, and further out if that place is taken. */
const distances = [9, 18, 30];

/** What touching another label costs, however little; a place that costs as much is worse than no label. */
const touchCost = 250;

function overlap(a: Box, b: Box): number {
  const width = Math.min(a.left + a.width, b.left + b.width) - Math.max(a.left, b.left);
  const height = Math.min(a.top + a.height, b.top + b.height) - Math.max(a.top, b.top);
  return Math.max(0, width) * Math.max(0, height);
}

/** Length of the part of a segment that is in a box (Liang and Barsky's clipping). */
function lengthInside([x1, y1, x2, y2]: Segment, box: Box): number {
  let [from, to] = [0, 1];
  const edges = [
    [x1 - x2, x1 - box.left],
    [x2 - x1, box.left + box.width - x1],
    [y1 - y2, y1 - box.top],
    [y2 - y1, box.top + box.height - y1],
  ];
  for (const [step, room] of edges) {
    if (step === 0 && room < 0) return 0;
    if (step < 0) from = Math.max(from, room / step);
    if (step > 0) to = Math.min(to, room / step);
  }
  return Math.max(0, to - from) * Math.hypot(x2 - x1, y2 - y1);
}

/**
 * A place for each label, in the order of `wishes`: the cheapest of some around its point, where lying on another label
 * costs most, then leaving `area`, covering a marker of `markerSize`, and lying on a line. null: there is no good place.
 * Greedy, so wishes that matter most should come first.
 */
export function placeLabels(
  wishes: readonly LabelWish[],
  lines: readonly Segment[],
  area: Box,
  markerSize: number,
): (Box | null)[] {
  const markers = wishes.map(({ x, y }) => ({
    left: x - markerSize / 2,
    top: y - markerSize / 2,
    width: markerSize,
    height: markerSize,
  }));
  const placed: Box[] = [];
  const places: (Box | null)[] = [];
  const harmOf = (box: Box): number => {
    const outside = box.width * box.height - overlap(box, area);
    const onLabels = placed.reduce((sum, other) => {
      const shared = overlap(box, other);
      return shared > 0 ? sum + touchCost + 20 * shared : sum;
    }, 0);
    const onMarkers = markers.reduce((sum, marker) => sum + overlap(box, marker), 0);
    const onLines = lines.reduce((sum, line) => sum + lengthInside(line, box), 0);
    return onLabels + 20 * outside + 10 * onMarkers + 6 * onLines;
  };
  for (const { x, y, width, height } of wishes) {
    let best: { box: Box; harm: number; cost: number } | undefined;
    for (const [rank, distance] of distances.entries()) {
      for (const [turn, [right, down]] of directions.entries()) {
        const gap = right !== 0 && down !== 0 ? 0.7 * distance : distance;
        const left = right === 0 ? x - width / 2 : right > 0 ? x + gap : x - gap - width;
        const top = down === 0 ? y - height / 2 : down > 0 ? y + gap : y - gap - height;
        const box = { left, top, width, height };
        const harm = harmOf(box);
        const cost = harm + 60 * rank + turn;
        if (best === undefined || cost < best.cost) best = { box, harm, cost };
      }
    }
    const place = best === undefined || best.harm >= touchCost ? null : best.box;
    places.push(place);
    if (place !== null) placed.push(place);
  }
  return places;
}
