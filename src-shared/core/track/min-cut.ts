/**
 * What a two-label segmentation of a picture costs; all arrays are [height, width], float32.
 * A pixel pays `asObject` or `asBackground`, and for each neighbour of the other label the weight between the two.
 */
export interface CutCosts {
  readonly width: number;
  readonly height: number;
  readonly asObject: Float32Array;
  readonly asBackground: Float32Array;
  /** Weights to the right, lower, lower right and lower left neighbour, ≥ 0; what leaves the picture does not count. */
  readonly right: Float32Array;
  readonly down: Float32Array;
  readonly downRight: Float32Array;
  readonly downLeft: Float32Array;
}

const [free, inSource, inSink] = [0, 1, 2];
/** How a node hangs in its tree: by a direction 0…7, by its terminal, or not at all. */
const [noParent, byTerminal] = [-1, 8];
/** Directions 0…7 as steps; the opposite of direction d is d ^ 1. */
const stepsX = [1, -1, 0, 0, 1, -1, -1, 1];
const stepsY = [0, 0, 1, -1, 1, -1, 1, -1];
/** Capacities are rounded to multiples of this, so that no path carries a vanishing rest. */
const quantum = 1 / 1024;

/**
 * The labelling of least cost, by the minimum cut of the pixel grid with 8 neighbours (Greig, Porteous and Seheult
 * 1989), found with two search trees (Boykov and Kolmogorov 2004, "An experimental comparison of min-cut/max-flow
 * algorithms", section 3).
 *
 * @returns [height, width]: 255 = object. Of several cuts of the same cost, the one with the smallest object.
 */
export function minCut(costs: CutCosts): Uint8Array<ArrayBuffer> {
  const flow = new GridFlow(costs);
  flow.run();
  return flow.objectMask();
}

class GridFlow {
  readonly #count: number;
  /** Residual capacity of the edge that leaves a pixel in each direction, in quanta. */
  readonly #capacity: Int32Array[];
  /** Above 0: what is left of the edge from the source; below 0: of the edge to the sink. */
  readonly #terminal: Int32Array;
  readonly #tree: Uint8Array;
  readonly #parent: Int8Array;
  /** When the distance to the terminal was last checked, and that distance. */
  readonly #stamp: Int32Array;
  readonly #distance: Int32Array;
  readonly #offsets: readonly number[];
  /** Bit d: there is a neighbour in direction d. */
  readonly #neighbours: Uint8Array;
  #active: Int32Array;
  #activeHead = 0;
  #activeTail = 0;
  readonly #isActive: Uint8Array;
  #orphans: number[] = [];
  #time = 0;

  constructor({ width, height, asObject, asBackground, right, down, downRight, downLeft }: CutCosts) {
    const count = width * height;
    this.#count = count;
    this.#offsets = stepsX.map((dx, direction) => stepsY[direction] * width + dx);
    this.#capacity = Array.from({ length: 8 }, () => new Int32Array(count));
    this.#terminal = new Int32Array(count);
    this.#tree = new Uint8Array(count);
    this.#parent = new Int8Array(count).fill(noParent);
    this.#stamp = new Int32Array(count);
    this.#distance = new Int32Array(count);
    this.#neighbours = new Uint8Array(count);
    this.#active = new Int32Array(count);
    this.#isActive = new Uint8Array(count);
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) {
        for (let direction = 0; direction < 8; direction++) {
          const [u, v] = [x + stepsX[direction], y + stepsY[direction]];
          if (u >= 0 && v >= 0 && u < width && v < height) {
            this.#neighbours[y * width + x] |= 1 << direction;
          }
        }
      }
    }
    // An edge carries the same in both directions: forward directions are even.
    [right, down, downRight, downLeft].forEach((weights, pair) => {
      const forward = 2 * pair;
      for (let pixel = 0; pixel < count; pixel++) {
        if ((this.#neighbours[pixel] & (1 << forward)) === 0) continue;
        const units = Math.round(weights[pixel] / quantum);
        this.#capacity[forward][pixel] = units;
        this.#capacity[forward + 1][pixel + this.#offsets[forward]] = units;
      }
    });
    for (let pixel = 0; pixel < count; pixel++) {
      // A pixel joined to the source is object, and being cut from it costs what the background costs.
      this.#terminal[pixel] = Math.round((asBackground[pixel] - asObject[pixel]) / quantum);
      if (this.#terminal[pixel] === 0) continue;
      this.#tree[pixel] = this.#terminal[pixel] > 0 ? inSource : inSink;
      this.#parent[pixel] = byTerminal;
      this.#distance[pixel] = 1;
      this.#activate(pixel);
    }
  }

  objectMask(): Uint8Array<ArrayBuffer> {
    return this.#tree.map((tree) => (tree === inSource ? 255 : 0));
  }

  run(): void {
    for (;;) {
      const pixel = this.#nextActive();
      if (pixel === -1) return;
      let direction = this.#grow(pixel);
      while (direction !== -1) {
        this.#time++;
        this.#augment(pixel, direction);
        this.#adopt();
        direction = this.#tree[pixel] === free ? -1 : this.#grow(pixel);
      }
    }
  }

  #activate(pixel: number): void {
    if (this.#isActive[pixel] !== 0) return;
    this.#isActive[pixel] = 1;
    this.#active[this.#activeTail] = pixel;
    this.#activeTail = (this.#activeTail + 1) % this.#count;
  }

  #nextActive(): number {
    // A pixel is in the queue once at most, so that the ring never overflows; empty when nothing is marked.
    for (let looked = 0; looked < this.#count; looked++) {
      const pixel = this.#active[this.#activeHead];
      if (this.#isActive[pixel] === 0) return -1;
      this.#activeHead = (this.#activeHead + 1) % this.#count;
      this.#isActive[pixel] = 0;
      if (this.#tree[pixel] !== free) return pixel;
    }
    return -1;
  }

  /** Grows the tree over the pixel's neighbours; a direction in which the other tree was met, or -1. */
  #grow(pixel: number): number {
    const tree = this.#tree[pixel];
    for (let direction = 0; direction < 8; direction++) {
      if ((this.#neighbours[pixel] & (1 << direction)) === 0) continue;
      const other = pixel + this.#offsets[direction];
      const left =
        tree === inSource ? this.#capacity[direction][pixel] : this.#capacity[direction ^ 1][other];
      if (left === 0) continue;
      if (this.#tree[other] === free) {
        this.#tree[other] = tree;
        this.#parent[other] = direction ^ 1;
        this.#stamp[other] = this.#stamp[pixel];
        this.#distance[other] = this.#distance[pixel] + 1;
        this.#activate(other);
      } else if (this.#tree[other] !== tree) return direction;
    }
    return -1;
  }

  /** Sends what the path through the edge from `pixel` in `direction` can carry, and cuts off what it fills. */
  #augment(pixel: number, direction: number): void {
    const other = pixel + this.#offsets[direction];
    const fromSource = this.#tree[pixel] === inSource;
    const [sourceEnd, sinkEnd] = fromSource ? [pixel, other] : [other, pixel];
    const across = fromSource ? direction : direction ^ 1;
    let amount = this.#capacity[across][sourceEnd];
    for (let node = sourceEnd; ;) {
      const up = this.#parent[node];
      if (up === byTerminal) {
        amount = Math.min(amount, this.#terminal[node]);
        break;
      }
      node += this.#offsets[up];
      amount = Math.min(amount, this.#capacity[up ^ 1][node]);
    }
    for (let node = sinkEnd; ;) {
      const up = this.#parent[node];
      if (up === byTerminal) {
        amount = Math.min(amount, -this.#terminal[node]);
        break;
      }
      amount = Math.min(amount, this.#capacity[up][node]);
      node += this.#offsets[up];
    }
    this.#capacity[across][sourceEnd] -= amount;
    this.#capacity[across ^ 1][sinkEnd] += amount;
    for (let node = sourceEnd; ;) {
      const up = this.#parent[node];
      if (up === byTerminal) {
        this.#terminal[node] -= amount;
        if (this.#terminal[node] === 0) this.#orphan(node);
        break;
      }
      const above = node + this.#offsets[up];
      this.#capacity[up ^ 1][above] -= amount;
      this.#capacity[up][node] += amount;
      if (this.#capacity[up ^ 1][above] === 0) this.#orphan(node);
      node = above;
    }
    for (let node = sinkEnd; ;) {
      const up = this.#parent[node];
      if (up === byTerminal) {
        this.#terminal[node] += amount;
        if (this.#terminal[node] === 0) this.#orphan(node);
        break;
      }
      const above = node + this.#offsets[up];
      this.#capacity[up][node] -= amount;
      this.#capacity[up ^ 1][above] += amount;
      if (this.#capacity[up][node] === 0) this.#orphan(node);
      node = above;
    }
  }

  #orphan(pixel: number): void {
    this.#parent[pixel] = noParent;
    this.#orphans.push(pixel);
  }

  #adopt(): void {
    for (let at = 0; at < this.#orphans.length; at++) this.#adoptOne(this.#orphans[at]);
    this.#orphans = [];
  }

  /** Hangs an orphan to the neighbour of its tree that is nearest to the terminal, or frees it. */
  #adoptOne(pixel: number): void {
    const tree = this.#tree[pixel];
    let best = noParent;
    let bestDistance = Infinity;
    for (let direction = 0; direction < 8; direction++) {
      if (!this.#canFeed(pixel, direction, tree)) continue;
      const distance = this.#distanceToTerminal(pixel + this.#offsets[direction]);
      if (distance < bestDistance) [best, bestDistance] = [direction, distance];
    }
    if (best !== noParent) {
      this.#parent[pixel] = best;
      this.#stamp[pixel] = this.#time;
      this.#distance[pixel] = bestDistance + 1;
      return;
    }
    for (let direction = 0; direction < 8; direction++) {
      if ((this.#neighbours[pixel] & (1 << direction)) === 0) continue;
      const other = pixel + this.#offsets[direction];
      if (this.#tree[other] !== tree) continue;
      if (this.#canFeed(pixel, direction, tree)) this.#activate(other);
      if (this.#parent[other] === (direction ^ 1)) this.#orphan(other);
    }
    this.#tree[pixel] = free;
  }

  /** Whether the neighbour in `direction` is of `tree` and the edge that would join the pixel to it has capacity. */
  #canFeed(pixel: number, direction: number, tree: number): boolean {
    if ((this.#neighbours[pixel] & (1 << direction)) === 0) return false;
    const other = pixel + this.#offsets[direction];
    if (this.#tree[other] !== tree) return false;
    return (tree === inSource ? this.#capacity[direction ^ 1][other] : this.#capacity[direction][pixel]) > 0;
  }

  /** Edges from a node to its terminal, Infinity where it hangs on an orphan; remembers what it learns on the way. */
  #distanceToTerminal(start: number): number {
    let distance = 0;
    let node = start;
    for (;;) {
      if (this.#stamp[node] === this.#time) {
        distance += this.#distance[node];
        break;
      }
      const up = this.#parent[node];
      if (up === noParent) return Infinity;
      distance++;
      if (up === byTerminal) {
        this.#stamp[node] = this.#time;
        this.#distance[node] = 1;
        break;
      }
      node += this.#offsets[up];
    }
    const total = distance;
    for (node = start; this.#stamp[node] !== this.#time; node += this.#offsets[this.#parent[node]]) {
      this.#stamp[node] = this.#time;
      this.#distance[node] = distance--;
    }
    return total;
  }
}
