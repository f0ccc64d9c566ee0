import {
  CanvasLayers,
  fillCanvas,
  layCanvas,
  motionToCanvas,
  type CanvasPiece,
  type FilledCanvas,
} from '../../../src-shared/core/canvas/index.ts';
import {
  chain,
  growMask,
  invert,
  isIdentity,
  mapPoint,
  motionBetween,
  type Homography,
  type PlaneLayout,
} from '../../../src-shared/core/plate/index.ts';
import type { Rect } from '../../../src-shared/core/plan/index.ts';
import type { FramePatch, PatchStore } from '../composite/patch-store.ts';
import { cutPlanes, pastePatch } from '../composite/planes.ts';
import type { FrameSource, MaskSource, VideoFrame } from '../frames.ts';
import { framesWithMasks } from '../scan/frames-with-masks.ts';
import { pickFrames } from '../scan/picked-frames.ts';
import { runsOf } from './donor-cache.ts';
import { boxesOfLayers, leftOpen, ownedOf, ownedResidual } from './own-layer.ts';
import { planShots, type Placed, type Shot } from './plan-shots.ts';

export interface FillOpenInput {
  readonly source: FrameSource;
  readonly mask: MaskSource;
  readonly store: Pick<PatchStore, 'readPlate' | 'writePlate'>;
  /** Where the camera looked, and what is how deep, for every frame that may be used. */
  readonly placed: Placed;
  /** For every frame, the box around what is open of it. */
  readonly open: readonly (Rect | null)[];
  /** The clip's number of frame 0. */
  readonly firstFrame: number;
  readonly seed: number;
  /** Leave the filled pixels open, for the network to work on. */
  readonly keepOpen: boolean;
  /** What is open in a frame counts as shown by none. */
  readonly fromNoFrame: boolean;
  readonly signal: AbortSignal;
  readonly onFrame: (done: number, frames: number) => void;
}

/** Frames that a canvas is made of, at most. */
const canvasFrames = 16;
/** What is this near to a frame's hole is not laid onto the canvas, in pixels. */
const edgePx = 2;
/** What is this near to another layer is not laid onto a layer's canvas, in pixels. */
const layerEdgePx = 6;

/**
 * Fills what the plate stage has left open with texture: each shot's background is laid onto a canvas by the camera's
 * motion, what no frame shows is filled there once, and the canvas is laid into every frame, so that it stands still. A
 * scene in several depths has a canvas for each, on which nothing else is laid, and what is open is filled in the layer
 * that surrounds it.
 * Memory is that of one canvas, however long the clip is. The frames' patches are written anew.
 *
 * @returns What the editor should know of it.
 */
export async function fillOpen(input: FillOpenInput): Promise<readonly string[]> {
  const { open, source, signal } = input;
  const { info } = source;
  const boxes = await boxesOfLayers(input);
  const boxOf = (index: number, layer: number): Rect | null => boxes.get(index)?.get(layer) ?? null;
  const { shots, notes } = planShots(open, input.placed, boxOf, info, input.firstFrame);
  const said = [...notes];
  const frames = shots.flatMap(({ pieces }) => pieces).reduce((sum, piece) => sum + piece.frames.length, 0);
  let done = 0;
  for (const shot of shots) {
    let last: LaidCanvas | undefined;
    const before = new Set<number>();
    let [smooth, filled] = [0, 0];
    for (const piece of shot.pieces) {
      const canvas = await makeCanvas(input, shot, piece, last, before);
      last = { piece, canvas };
      smooth += canvas.smoothPixels;
      filled += canvas.filled.reduce((sum, value) => sum + value, 0);
      const wanted = new Set(piece.frames);
      for (const run of runsOf(piece.frames)) {
        const end = run[run.length - 1] + 1;
        for await (const { frame, hole } of framesWithMasks(source, input.mask, run[0], end, signal)) {
          if (!wanted.has(frame.index)) continue;
          await fillFrame(input, shot, last, frame, hole);
          input.onFrame(++done, frames);
        }
      }
      piece.frames.forEach((index) => before.add(index));
    }
    if (smooth > 0) {
      const first = input.firstFrame + shot.pieces[0].frames[0];
      said.push(
        `From frame ${first} on ${smooth >= filled ? 'there is nothing' : 'there is not everywhere something'} ` +
          'to copy texture from: the mask covers nearly everything. It is filled smoothly; a smaller mask, or a plate ' +
          'of your own (--plate FILE), gives more.',
      );
    }
  }
  return said;
}

interface LaidCanvas {
  readonly piece: CanvasPiece;
  readonly canvas: FilledCanvas;
}

function layoutOf({ width, height, pixelFormat }: FrameSource['info']): PlaneLayout {
  return { width, height, ...pixelFormat };
}

function motionOf(shot: Shot, piece: CanvasPiece, index: number): Homography {
  const view = shot.views.get(index);
  if (view === undefined) throw new Error(`frame ${index} is not of this shot`);
  return motionToCanvas(piece, view.toReference);
}

/**
 * The canvas of a piece, filled. `last` is the piece before it, whose fill goes on where both show a place; `before`
 * the frames that have been filled by now.
 */
async function makeCanvas(
  input: FillOpenInput,
  shot: Shot,
  piece: CanvasPiece,
  last: LaidCanvas | undefined,
  before: ReadonlySet<number>,
): Promise<FilledCanvas> {
  const { source, mask, store, signal } = input;
  const layout = layoutOf(source.info);
  const layers = new CanvasLayers(piece.width, piece.height, layout);
  const laid = framesToLay(shot, piece, layout);
  const pick = pickFrames(source, mask, laid, signal);
  for (const index of laid) {
    for await (const { frame, hole } of pick(index)) {
      const patch = await store.readPlate(index);
      const open = openOf(patch, hole, layout);
      // What was filled there is no background.
      if (before.has(index)) markBox(open, input.open[index], layout.width);
      const owned = ownedOf(input, shot, index);
      // Where one layer ends another's pixels are never far.
      const others = owned?.map((value) => (value === 0 ? 255 : 0));
      const unknown = growMask(open, layout.width, layout.height, edgePx);
      const near = others && growMask(others, layout.width, layout.height, layerEdgePx);
      near?.forEach((value, pixel) => value !== 0 && (unknown[pixel] = 255));
      layers.add({
        planes: patch === null ? frame.planes : pastePatch(frame.planes, patch, source.info),
        known: unknown.map((value) => (value === 0 ? 1 : 0)),
        motion: invert(motionOf(shot, piece, index)),
      });
    }
  }
  const needed = new Uint8Array(piece.width * piece.height);
  for (const index of piece.frames) {
    const patch = await store.readPlate(index);
    if (patch === null) continue;
    const owned = ownedOf(input, shot, index);
    const residual = owned ? ownedResidual(patch, owned, layout.width) : patch.residual;
    markNeeded(needed, { ...patch, residual }, piece, motionOf(shot, piece, index));
  }
  const settled = layers.settle();
  if (input.fromNoFrame) needed.forEach((value, pixel) => value !== 0 && (settled.seen[pixel] = 0));
  return fillCanvas(settled, needed, input.seed, last && givenBy(last, piece));
}

/** Frames that show the canvas, spread over the shot, those in the middle of the piece first. */
function framesToLay(shot: Shot, piece: CanvasPiece, { width, height }: PlaneLayout): number[] {
  const showing = [...shot.views.keys()].filter((index) => {
    const motion = motionOf(shot, piece, index);
    const corners = [mapPoint(motion, 0, 0), mapPoint(motion, width, 0), mapPoint(motion, 0, height)];
    corners.push(mapPoint(motion, width, height));
    const [xs, ys] = [corners.map(([x]) => x), corners.map(([, y]) => y)];
    return (
      Math.max(...xs) > 0 &&
      Math.min(...xs) < piece.width &&
      Math.max(...ys) > 0 &&
      Math.min(...ys) < piece.height
    );
  });
  const count = Math.min(shot.lost ? 1 : canvasFrames, showing.length);
  const chosen = Array.from(
    { length: count },
    (_, k) => showing[Math.floor(((k + 0.5) * showing.length) / count)],
  );
  const centre = (piece.frames[0] + piece.frames[piece.frames.length - 1]) / 2;
  return chosen.sort((a, b) => Math.abs(a - centre) - Math.abs(b - centre) || a - b);
}

/** [height, width]; not 0 = not known of the frame. A frame that was not to be filled hides what its mask covers. */
function openOf(patch: FramePatch | null, hole: Uint8Array, { width, height }: PlaneLayout): Uint8Array {
  if (patch === null) return hole;
  const open = new Uint8Array(width * height);
  const { rect, residual } = patch;
  for (let y = 0; y < rect.height; y++) {
    open.set(residual.subarray(y * rect.width, (y + 1) * rect.width), (rect.y + y) * width + rect.x);
  }
  return open;
}

function markBox(open: Uint8Array, box: Rect | null, width: number): void {
  if (box === null) return;
  for (let y = box.y; y < box.y + box.height; y++) {
    open.fill(255, y * width + box.x, y * width + box.x + box.width);
  }
}

/** Marks the canvas's pixels that are open in a frame. */
function markNeeded(
  needed: Uint8Array,
  { rect, residual }: FramePatch,
  { width, height }: CanvasPiece,
  motion: Homography,
): void {
  const corners = [
    mapPoint(motion, rect.x - 1, rect.y - 1),
    mapPoint(motion, rect.x + rect.width, rect.y - 1),
    mapPoint(motion, rect.x - 1, rect.y + rect.height),
    mapPoint(motion, rect.x + rect.width, rect.y + rect.height),
  ];
  const [xs, ys] = [corners.map(([x]) => x), corners.map(([, y]) => y)];
  const m = invert(motion);
  for (let y = Math.max(0, Math.floor(Math.min(...ys))); y <= Math.min(height - 1, Math.max(...ys)); y++) {
    for (let x = Math.max(0, Math.floor(Math.min(...xs))); x <= Math.min(width - 1, Math.max(...xs)); x++) {
      const w = m[6] * x + m[7] * y + m[8];
      const column = Math.round((m[0] * x + m[1] * y + m[2]) / w) - rect.x;
      const row = Math.round((m[3] * x + m[4] * y + m[5]) / w) - rect.y;
      if (column < 0 || row < 0 || column >= rect.width || row >= rect.height) continue;
      if (residual[row * rect.width + column] !== 0) needed[y * width + x] = 1;
    }
  }
}

/** What an earlier canvas of the shot has filled, by the pixels of the next. */
function givenBy({ piece: old, canvas }: LaidCanvas, piece: CanvasPiece) {
  const toOld = chain(chain(invert(piece.toCanvas), motionBetween(piece.base, old.base)), old.toCanvas);
  const pixels = canvas.width * canvas.height;
  return (pixel: number): readonly [number, number, number] | undefined => {
    const x = pixel % piece.width;
    const [u, v] = mapPoint(toOld, x, (pixel - x) / piece.width);
    const [column, row] = [Math.round(u), Math.round(v)];
    if (!(column >= 0 && row >= 0 && column < canvas.width && row < canvas.height)) return undefined;
    const at = row * canvas.width + column;
    if (canvas.filled[at] === 0) return undefined;
    const { picture } = canvas;
    return [picture[at], picture[pixels + at], picture[2 * pixels + at]];
  };
}

async function fillFrame(
  input: FillOpenInput,
  shot: Shot,
  { piece, canvas }: LaidCanvas,
  frame: VideoFrame,
  hole: Uint8Array,
): Promise<void> {
  const { source, store, keepOpen } = input;
  const patch = await store.readPlate(frame.index);
  if (patch === null) return;
  const layout = layoutOf(source.info);
  const owned = ownedOf(input, shot, frame.index);
  const open = openOf(patch, hole, layout);
  const motion = motionOf(shot, piece, frame.index);
  const planes = layCanvas(
    {
      planes: pastePatch(frame.planes, patch, source.info),
      mask: hole,
      open: owned ? open.map((value, pixel) => (owned[pixel] === 0 ? 0 : value)) : open,
      ...(owned && { owned }),
      motion,
      still: isStill(motion),
    },
    canvas,
    layout,
  );
  await store.writePlate(frame.index, {
    rect: patch.rect,
    planes: cutPlanes(planes, patch.rect, source.info),
    residual: keepOpen ? patch.residual : leftOpen(patch, owned, layout.width),
    unseen: patch.unseen,
  });
}

/** Whether the frame lies on the canvas pixel on pixel. */
function isStill(motion: Homography): boolean {
  const shift = Float64Array.from(motion, (value, index) => (index === 2 || index === 5 ? 0 : value));
  return isIdentity(shift) && Number.isInteger(motion[2]) && Number.isInteger(motion[5]);
}
