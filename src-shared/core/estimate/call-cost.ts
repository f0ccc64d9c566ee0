import { nonNegativeLeastSquares } from './least-squares.ts';

/** One timed network call of `streams` streams over `tokens` tokens each. */
export interface CallPoint {
  readonly streams: number;
  readonly tokens: number;
  readonly seconds: number;
}

/** Seconds of one network call: fixed + perToken·B·n + perTokenPair·B·n², for B streams of n tokens. */
export interface CallCost {
  readonly fixedSec: number;
  readonly perTokenSec: number;
  readonly perTokenPairSec: number;
}

/** Operations of one stream by degree in its tokens: what the cost looks like where too little was measured. */
export interface CallShape {
  readonly perTokenFlop: number;
  readonly perTokenPairFlop: number;
}

export function callSeconds(cost: CallCost, tokens: number, streams: number): number {
  return cost.fixedSec + streams * tokens * (cost.perTokenSec + cost.perTokenPairSec * tokens);
}

/**
 * The cost that fits timed calls best, in relative error, so that short calls count as much as long ones. With
 * fewer than three sizes the three numbers cannot be told apart: then the operations give the shape and the
 * measurements the speed, with a fixed part from two sizes on.
 */
export function fitCallCost(points: readonly CallPoint[], shape: CallShape): CallCost {
  const weights = points.map(({ seconds }) => 1 / seconds);
  const seconds = points.map((point) => point.seconds);
  const features = points.map(({ streams, tokens }) => [1, streams * tokens, streams * tokens * tokens]);
  const sizes = new Set(points.map(({ tokens }) => tokens)).size;
  if (sizes >= 3) {
    const [fixedSec, perTokenSec, perTokenPairSec] = nonNegativeLeastSquares(features, seconds, weights);
    return { fixedSec, perTokenSec, perTokenPairSec };
  }
  const { perTokenFlop, perTokenPairFlop } = shape;
  const flops = features.map(([, linear, square]) => [
    sizes > 1 ? 1 : 0,
    linear * perTokenFlop + square * perTokenPairFlop,
  ]);
  const [fixedSec, perFlopSec] = nonNegativeLeastSquares(flops, seconds, weights);
  return {
    fixedSec,
    perTokenSec: perFlopSec * perTokenFlop,
    perTokenPairSec: perFlopSec * perTokenPairFlop,
  };
}

/** One timed pass of a VAE part. */
export interface PassPoint {
  readonly flops: number;
  readonly seconds: number;
}

/** Seconds of one pass of a VAE part: fixed + perFlop·operations. */
export interface PassCost {
  readonly fixedSec: number;
  readonly perFlopSec: number;
}

export function passSeconds(cost: PassCost, flops: number): number {
  return cost.fixedSec + cost.perFlopSec * flops;
}

/** As `fitCallCost`; from one size alone a speed without a fixed part. */
export function fitPassCost(points: readonly PassPoint[]): PassCost {
  const rows = points.map(({ flops }) => (points.length > 1 ? [1, flops] : [0, flops]));
  const [fixedSec, perFlopSec] = nonNegativeLeastSquares(
    rows,
    points.map(({ seconds }) => seconds),
    points.map(({ seconds }) => 1 / seconds),
  );
  return { fixedSec, perFlopSec };
}
