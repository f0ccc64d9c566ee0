import { describe, expect, it } from 'vitest';
import { MemoryBank, maskLogits, placesIn, resizeLogits, squareRgb, type FrameMemory } from './index.ts';

const sizes = { tokens: 1, hidden: 4, memory: 2, frames: 3, pointers: 3 };
/** Its features are its frame, its positions a tenth, its pointer 100 and more. */
const memoryOf = (frame: number): FrameMemory => ({
  frame,
  features: Float32Array.of(frame, frame),
  positions: Float32Array.of(0.1, 0.2),
  pointer: Float32Array.of(100, 101, 102, 103).map((value) => value + frame),
});
const temporal = Float32Array.of(1, 1, 2, 2, 3, 3);

describe('the memory bank', () => {
  it('repeats the prompted frame while there is no other', () => {
    const reading = new MemoryBank(sizes, temporal, memoryOf(5), 50).read(6);
    expect([...reading.memory]).toEqual([
      5,
      5,
      5,
      5,
      5,
      5,
      ...[105, 106, 107, 108],
      ...[105, 106, 107, 108],
      ...[105, 106, 107, 108],
    ]);
    // All have the prompted frame's place in time: the last row.
    expect(reading.positions.slice(0, 6)).toEqual(Float32Array.of(3.1, 3.2, 3.1, 3.2, 3.1, 3.2));
    expect(reading.pointerOffsets).toEqual(Float32Array.of(0.5, 0.5, 0.5));
  });

  it('holds the prompted frame for good and the newest others, newest first', () => {
    const bank = new MemoryBank(sizes, temporal, memoryOf(0), 50);
    for (let frame = 1; frame < 9; frame++) bank.add(memoryOf(frame));
    const reading = bank.read(9);
    expect([...reading.memory.slice(0, 6)]).toEqual([0, 0, 8, 8, 7, 7]);
    expect(reading.positions.slice(0, 6)).toEqual(Float32Array.of(3.1, 3.2, 1.1, 1.2, 2.1, 2.2));
    expect([6, 10, 14].map((at) => reading.memory[at])).toEqual([100, 108, 107]);
    expect(reading.pointerOffsets).toEqual(Float32Array.of(4.5, 0.5, 1));
    bank.placePointers(reading, Float32Array.of(7, 8, 9, 10, 11, 12));
    expect([...reading.positions.slice(6)]).toEqual([7, 8, 7, 8, 9, 10, 9, 10, 11, 12, 11, 12]);
  });

  it('takes the way back as the way there', () => {
    const bank = new MemoryBank(sizes, temporal, memoryOf(9), 50);
    bank.add(memoryOf(8));
    expect(bank.read(7).pointerOffsets).toEqual(Float32Array.of(1, 0.5, 0.5));
  });
});

describe('pictures of a segmenter', () => {
  it('are square, in planes, about their mean', () => {
    const rgb = [10, 20, 30, 50, 60, 70];
    const square = squareRgb(rgb, 2, 1, 2, { mean: [10, 10, 10], deviation: [2, 2, 2] });
    expect([...square]).toEqual([0, 20, 0, 20, 5, 25, 5, 25, 10, 30, 10, 30]);
  });

  it('become masks where they are above nought', () => {
    const mask = resizeLogits(Float32Array.of(-1, 3, -1, 3), 2, 4, 2);
    expect([...mask]).toEqual([0, 0, 255, 255, 0, 0, 255, 255]);
    expect([...maskLogits(mask, 4, 2, 2, 10)]).toEqual([-10, 10, -10, 10]);
  });

  it('are pointed at in their own pixels, the box first', () => {
    const prompt = {
      add: [[50, 25] as const],
      remove: [[0, 0] as const],
      box: { from: [10, 5], to: [90, 45] } as const,
    };
    const { points, labels } = placesIn(prompt, { width: 100, height: 50 }, 1000);
    expect([...labels]).toEqual([2, 3, 1, 0]);
    expect([...points]).toEqual([100, 100, 900, 900, 500, 500, 0, 0]);
  });
});
