import type { Precision } from '../../src-shared/core/graph/index.ts';

/** Largest absolute differences that pass, by what is compared. */
export interface Tolerances {
  /** A: velocities and intermediates of the transformer (absmax about 5 and 11). */
  readonly dit: number;
  /** B: latents (absmax about 10) and features of the encoder; pictures (±1) and features of the decoder. */
  readonly vaeEncode: number;
  readonly vaeDecode: number;
  /** C: text embeddings (absmax about 4). */
  readonly text: number;
  /** D: samples of the schedulers (absmax about 3). */
  readonly scheduler: number;
  /** E: control latents; the first step's velocities; samples along the loop; pictures. */
  readonly control: number;
  readonly firstVelocity: number;
  readonly laterVelocities: number;
  readonly latents: number;
  readonly frames: number;
  /** E: relative L1 distances between steps (up to 1.3). */
  readonly distance: number;
}

/**
 * fp32: the tolerances that the vectors' README gives; they lie above the float32 noise of the reference itself and
 * below what a wrong eps or another gelu does.
 */
export const tolerances: Readonly<Record<Precision, Tolerances>> = {
  fp32: {
    dit: 1e-5,
    vaeEncode: 1e-4,
    vaeDecode: 2e-5,
    text: 1e-5,
    scheduler: 1e-5,
    control: 1e-4,
    firstVelocity: 2e-5,
    laterVelocities: 5e-5,
    latents: 5e-5,
    frames: 1e-4,
    distance: 1e-5,
  },
  fp16: {
    dit: 1e-5,
    vaeEncode: 1e-4,
    vaeDecode: 2e-5,
    text: 1e-5,
    scheduler: 1e-5,
    control: 1e-4,
    firstVelocity: 2e-5,
    laterVelocities: 5e-5,
    latents: 5e-5,
    frames: 1e-4,
    distance: 1e-5,
  },
};
