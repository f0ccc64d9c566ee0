import { describe, expect, it } from 'vitest';
import { identityMotion, mapPoint, type Homography } from '../plate/index.ts';
import { motionToCanvas, planPieces, type CanvasView } from './plan-pieces.ts';

const frame = { width: 640, height: 360 };
const open = { x: 300, y: 160, width: 20, height: 20 };
const shifted = (x: number, y: number, zoom = 1): Homography =>
  Float64Array.of(zoom, 0, x, 0, zoom, y, 0, 0, 1);
const view = (index: number, toReference: Homography): CanvasView => ({ index, toReference, open });

describe('planPieces', () => {
  it('lays a camera that stands pixel on pixel, with the surroundings of what is open', () => {
    const pieces = planPieces([view(3, identityMotion()), view(4, identityMotion())], frame);
    expect(pieces).toMatchObject([{ frames: [3, 4], width: 213, height: 213, scale: 1 }]);
    expect(mapPoint(motionToCanvas(pieces[0], identityMotion()), 300, 160)).toEqual([96, 96]);
  });

  it('leaves out frames with nothing open', () => {
    expect(planPieces([{ index: 0, toReference: identityMotion(), open: null }], frame)).toEqual([]);
  });

  it('cuts a long pan so that no canvas is larger than it may be', () => {
    const views = Array.from({ length: 200 }, (_, index) => view(index, shifted(20 * index, 0)));
    const pieces = planPieces(views, frame, 300_000);
    expect(pieces.length).toBeGreaterThan(2);
    expect(pieces.flatMap(({ frames }) => frames)).toEqual(views.map(({ index }) => index));
    for (const piece of pieces) {
      expect(piece.width * piece.height).toBeLessThan(301_500);
      expect(piece.scale).toBe(1);
      for (const index of piece.frames) {
        const motion = motionToCanvas(piece, views[index].toReference);
        const [left, top] = mapPoint(motion, open.x, open.y);
        expect(left).toBeGreaterThanOrEqual(96);
        expect(left + open.width).toBeLessThanOrEqual(piece.width - 96);
        expect(top).toBeGreaterThanOrEqual(96);
      }
    }
  });

  it('is as fine as the finest frame', () => {
    // Half a shared pixel is one of the second frame's.
    const [{ toCanvas }] = planPieces([view(0, identityMotion()), view(1, shifted(150, 80, 0.5))], frame);
    expect(toCanvas[0]).toBeCloseTo(2, 6);
  });

  it('scales down what one canvas cannot hold', () => {
    const [piece] = planPieces([view(0, identityMotion())], frame, 10_000);
    expect(piece.width * piece.height).toBeLessThan(10_500);
    expect(piece.scale).toBeCloseTo(100 / 212, 2);
  });
});
