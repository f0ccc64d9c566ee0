import type { MaskPose } from './keyframes.ts';
import type { MaskPoint } from './project-mask.ts';

type EllipsePose = Extract<MaskPose, { readonly kind: 'ellipse' }>;

/** Points of the outline that the moved ellipse is fitted to. */
const fitted = 16;

/**
 * An ellipse under a projective map, which is an ellipse again: the conic through the moved points of its outline, fitted
 * by least squares about their middle. Of its four names (axes exchanged, turned by half) the one nearest to `before`.
 */
export function mappedEllipse(
  pose: EllipsePose,
  frame: number,
  move: (point: MaskPoint) => MaskPoint,
  before: MaskPose,
): EllipsePose {
  const turn = (pose.angleDeg * Math.PI) / 180;
  const points = Array.from({ length: fitted }, (_, at): MaskPoint => {
    const angle = (2 * Math.PI * at) / fitted;
    const [x, y] = [pose.radii[0] * Math.cos(angle), pose.radii[1] * Math.sin(angle)];
    return move([
      pose.centre[0] + x * Math.cos(turn) - y * Math.sin(turn),
      pose.centre[1] + x * Math.sin(turn) + y * Math.cos(turn),
    ]);
  });
  const middle: MaskPoint = [
    points.reduce((sum, [x]) => sum + x, 0) / fitted,
    points.reduce((sum, [, y]) => sum + y, 0) / fitted,
  ];
  const spread = Math.max(...points.map(([x, y]) => Math.hypot(x - middle[0], y - middle[1])), 1e-6);
  // a·x² + b·x·y + c·y² + d·x + e·y = 1, in units of the spread.
  const [a, b, c, d, e] = leastSquares(
    points.map(([px, py]) => {
      const [x, y] = [(px - middle[0]) / spread, (py - middle[1]) / spread];
      return [x * x, x * y, y * y, x, y];
    }),
  );
  const determinant = 4 * a * c - b * b;
  const [x, y] = [(b * e - 2 * c * d) / determinant, (b * d - 2 * a * e) / determinant];
  // About its own centre: a·x² + b·x·y + c·y² = level.
  const level = 1 + a * x * x + b * x * y + c * y * y;
  const [mean, half] = [(a + c) / 2, Math.hypot((a - c) / 2, b / 2)];
  const radiusOf = (curve: number): number => Math.max(0.01, spread * Math.sqrt(Math.max(0, level / curve)));
  /** Along `angle` the ellipse is longest. */
  const [long, short] = [radiusOf(mean - half), radiusOf(mean + half)];
  const angle = (0.5 * Math.atan2(-b, c - a) * 180) / Math.PI;
  return {
    kind: 'ellipse',
    frame,
    centre: [middle[0] + spread * x, middle[1] + spread * y],
    ...nearestName(long, short, angle, before.kind === 'ellipse' ? before : pose),
  };
}

function nearestName(
  long: number,
  short: number,
  angle: number,
  before: EllipsePose,
): Pick<EllipsePose, 'angleDeg' | 'radii'> {
  // A circle has no angle: it keeps the one that it has.
  if (long - short < 1e-3 * long) return { radii: [long, short], angleDeg: before.angleDeg };
  const exchanged = before.radii[0] < before.radii[1];
  const wanted = exchanged ? angle + 90 : angle;
  const turns = Math.round((before.angleDeg - wanted) / 180);
  return { radii: exchanged ? [short, long] : [long, short], angleDeg: wanted + 180 * turns };
}

/** The weights of the columns that make every row 1, by the normal equations. */
function leastSquares(rows: readonly (readonly number[])[]): number[] {
  const size = rows[0].length;
  const matrix = Array.from({ length: size }, (_, row) => [
    ...Array.from({ length: size }, (__, column) =>
      rows.reduce((sum, one) => sum + one[row] * one[column], 0),
    ),
    rows.reduce((sum, one) => sum + one[row], 0),
  ]);
  for (let column = 0; column < size; column++) {
    const pivot = matrix
      .slice(column)
      .reduce((best, row) => (Math.abs(row[column]) > Math.abs(best[column]) ? row : best));
    const place = matrix.indexOf(pivot);
    [matrix[column], matrix[place]] = [matrix[place], matrix[column]];
    for (let row = 0; row < size; row++) {
      if (row === column) continue;
      const factor = matrix[row][column] / matrix[column][column];
      for (let k = column; k <= size; k++) matrix[row][k] -= factor * matrix[column][k];
    }
  }
  return matrix.map((row, at) => row[size] / row[at]);
}
