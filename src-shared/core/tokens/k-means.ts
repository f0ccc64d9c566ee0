/** Centroids whose dot products with a token are added up side by side: four sums hide the latency of each. */
const lanes = 4;

export interface KMeansInput {
  /** [m, dims] float32, one row a token. */
  readonly features: Float32Array;
  readonly dims: number;
  /** Clusters asked for, at least 1. More of them: finer shares in the selection, time grows in proportion. */
  readonly clusters: number;
  /** Most rounds of assigning and averaging, at least 1. */
  readonly iterations: number;
  /** [k, dims] float32, centroids to start from: those of an earlier call. Absent: `farthestFirst`. */
  readonly start?: Float32Array;
}

export interface KMeansResult {
  /** [m], the cluster of each row, 0 … k − 1. */
  readonly assignment: Int32Array;
  /** [k, dims] float32, the mean of each cluster's rows; k = min(clusters, m). */
  readonly centroids: Float32Array;
  /** Rounds that were run. The last one of a run that settled changed nothing. */
  readonly iterations: number;
}

/**
 * K-means by Lloyd's algorithm (S. Lloyd, "Least squares quantization in PCM", IEEE Trans. Inf. Theory 28(2), 1982):
 * each round assigns every row to its nearest centroid (equally near: the lower cluster), then moves the centroids to
 * the means of their rows. It ends when a round changes no assignment, or after `iterations` rounds.
 *
 * - A cluster that lost all its rows takes the row farthest from its centroid, of those that are not alone in theirs.
 *   Where no such row is away from its centroid (fewer different rows than clusters) it stays empty, where it was.
 * - More clusters than rows: as many clusters as rows. No rows: no clusters, 0 iterations.
 *
 * Deterministic. Throws RangeError where lengths do not fit.
 */
export function kMeans(input: KMeansInput): KMeansResult {
  const { features, dims, iterations, start } = input;
  const rows = features.length / dims;
  const clusters = Math.min(input.clusters, rows);
  if (!Number.isInteger(rows)) {
    throw new RangeError(`features: ${features.length} elements are no rows of ${dims}`);
  }
  if (start !== undefined && start.length !== clusters * dims) {
    throw new RangeError(`start: ${start.length} elements, expected ${clusters} × ${dims}`);
  }
  const assignment = new Int32Array(rows).fill(-1);
  if (rows === 0) return { assignment, centroids: new Float32Array(0), iterations: 0 };
  const centroids = start?.slice() ?? farthestFirst(features, dims, clusters);
  let round = 0;
  while (round < iterations) {
    round++;
    if (!assignNearest(features, dims, centroids, assignment)) break;
    refillEmptyClusters(features, dims, centroids, assignment);
    moveToMeans(features, dims, centroids, assignment);
  }
  return { assignment, centroids, iterations: round };
}

/**
 * Start centroids [k, dims]: the row farthest from the mean of all, then, again and again, the row farthest from all
 * taken so far (T. Gonzalez, "Clustering to minimize the maximum intercluster distance", 1985); equally far: the lower
 * row. Chosen over k-means++ because it draws nothing: the same features give the same clusters with no seed to carry
 * along, and groups that are apart all get a centroid, always. Its weakness, that it likes outliers, is mended by
 * Lloyd's rounds and costs the selection little: a cluster's share grows with its size.
 */
function farthestFirst(features: Float32Array, dims: number, clusters: number): Float32Array {
  const rows = features.length / dims;
  const centroids = new Float32Array(clusters * dims);
  const mean = centroids.subarray(0, dims);
  moveToMeans(features, dims, mean, new Int32Array(rows));
  const distances = Float64Array.from({ length: rows }, (_, row) =>
    squaredDistance(features, row, mean, 0, dims),
  );
  for (let c = 0; c < clusters; c++) {
    const farthest = indexOfLargest(distances);
    centroids.set(features.subarray(farthest * dims, (farthest + 1) * dims), c * dims);
    // The mean was only there to find the first.
    if (c === 0) distances.fill(Infinity);
    for (let row = 0; row < rows; row++) {
      distances[row] = Math.min(distances[row], squaredDistance(features, row, centroids, c, dims));
    }
  }
  return centroids;
}

/**
 * Writes each row's nearest centroid to `assignment`; whether any changed.
 * ‖x − c‖² is least where ‖c‖² − 2·x·c is (‖x‖² is the same for all c): one multiplication and addition an element.
 */
function assignNearest(
  features: Float32Array,
  dims: number,
  centroids: Float32Array,
  assignment: Int32Array,
): boolean {
  const clusters = centroids.length / dims;
  const { packed, norms } = packCentroids(centroids, dims);
  let changed = false;
  for (let row = 0, first = 0; row < assignment.length; row++, first += dims) {
    let nearest = 0;
    let least = Infinity;
    for (let c = 0, at = 0; c < clusters; c += lanes) {
      let dot0 = 0;
      let dot1 = 0;
      let dot2 = 0;
      let dot3 = 0;
      for (let j = first; j < first + dims; j++, at += lanes) {
        const x = features[j];
        dot0 += x * packed[at];
        dot1 += x * packed[at + 1];
        dot2 += x * packed[at + 2];
        dot3 += x * packed[at + 3];
      }
      const score0 = norms[c] - 2 * dot0;
      const score1 = norms[c + 1] - 2 * dot1;
      const score2 = norms[c + 2] - 2 * dot2;
      const score3 = norms[c + 3] - 2 * dot3;
      if (score0 < least) [least, nearest] = [score0, c];
      if (score1 < least) [least, nearest] = [score1, c + 1];
      if (score2 < least) [least, nearest] = [score2, c + 2];
      if (score3 < least) [least, nearest] = [score3, c + 3];
    }
    if (assignment[row] === nearest) continue;
    assignment[row] = nearest;
    changed = true;
  }
  return changed;
}

/**
 * The centroids as [⌈k/4⌉, dims, 4] float64, so that the inner loop reads forward and converts nothing, and their
 * squared lengths. Lanes past the last centroid have an infinite length: never the nearest.
 */
function packCentroids(centroids: Float32Array, dims: number): { packed: Float64Array; norms: Float64Array } {
  const clusters = centroids.length / dims;
  const padded = Math.ceil(clusters / lanes) * lanes;
  const packed = new Float64Array(padded * dims);
  const norms = new Float64Array(padded).fill(Infinity);
  for (let c = 0; c < clusters; c++) {
    const lane = c % lanes;
    const start = (c - lane) * dims + lane;
    norms[c] = 0;
    for (let j = 0; j < dims; j++) {
      const value = centroids[c * dims + j];
      packed[start + j * lanes] = value;
      norms[c] += value * value;
    }
  }
  return { packed, norms };
}

/** Moves into each empty cluster the row farthest from its own centroid, of those that do not leave another one empty. */
function refillEmptyClusters(
  features: Float32Array,
  dims: number,
  centroids: Float32Array,
  assignment: Int32Array,
): void {
  const sizes = clusterSizes(assignment, centroids.length / dims);
  if (!sizes.includes(0)) return;
  const distances = Float64Array.from(assignment, (cluster, row) =>
    squaredDistance(features, row, centroids, cluster, dims),
  );
  sizes.forEach((size, cluster) => {
    if (size !== 0) return;
    let farthest = -1;
    let distance = 0;
    for (let row = 0; row < distances.length; row++) {
      if (distances[row] > distance && sizes[assignment[row]] > 1) {
        farthest = row;
        distance = distances[row];
      }
    }
    if (farthest < 0) return;
    sizes[assignment[farthest]]--;
    sizes[cluster] = 1;
    assignment[farthest] = cluster;
  });
}

/** Moves each centroid to the mean of its rows; one without rows stays. Sums in float64. */
function moveToMeans(
  features: Float32Array,
  dims: number,
  centroids: Float32Array,
  assignment: Int32Array,
): void {
  const sums = new Float64Array(centroids.length);
  for (let row = 0, at = 0; row < assignment.length; row++) {
    const start = assignment[row] * dims;
    for (let j = start; j < start + dims; j++) sums[j] += features[at++];
  }
  clusterSizes(assignment, centroids.length / dims).forEach((size, cluster) => {
    if (size === 0) return;
    for (let j = cluster * dims; j < (cluster + 1) * dims; j++) centroids[j] = sums[j] / size;
  });
}

function clusterSizes(assignment: Int32Array, clusters: number): Int32Array {
  const sizes = new Int32Array(clusters);
  for (const cluster of assignment) sizes[cluster]++;
  return sizes;
}

function squaredDistance(
  features: Float32Array,
  row: number,
  centroids: Float32Array,
  cluster: number,
  dims: number,
): number {
  let sum = 0;
  for (let j = 0; j < dims; j++) {
    const difference = features[row * dims + j] - centroids[cluster * dims + j];
    sum += difference * difference;
  }
  return sum;
}

function indexOfLargest(values: Float64Array): number {
  let largest = 0;
  for (let i = 1; i < values.length; i++) if (values[i] > values[largest]) largest = i;
  return largest;
}
