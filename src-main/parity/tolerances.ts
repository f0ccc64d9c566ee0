import type { Precision } from '../../src-shared/core/graph/index.ts';

/** Largest absolute differences that pass, by what is compared. */
export interface Tolerances {
  /** A: velocities and intermediates of the transformer (absmax about 5 and 11). */
  readonly dit: number;
  /**
   * A: cosines and sines of timestep · frequency. Their angle t·f is off by half a unit in its last place and by t units in
   * the frequency's: of 1000 together 1e-4, whichever library rounds them.
   */
  readonly sinusoid: number;
  /** B: latents (absmax about 10) and features of the encoder; pictures (±1) and features of the decoder. */
  readonly vaeEncode: number;
  readonly vaeDecode: number;
  /** C: text embeddings (absmax about 4). */
  readonly text: number;
  /** D: samples of the schedulers (absmax about 3). */
  readonly scheduler: number;
  /** E: control latents; the first step's velocities; samples along the loop (G's too); pictures. */
  readonly control: number;
  readonly firstVelocity: number;
  readonly laterVelocities: number;
  readonly latents: number;
  readonly frames: number;
  /** E: relative L1 distances between steps (up to 1.3). */
  readonly distance: number;
}

/**
 * fp32: the tolerances that the vectors' README names; they are above the float32 noise of the reference itself and
 * below what a wrong eps or another gelu does.
 *
 * fp16: half precision rounds every number by up to 2^-11 = 4.9e-4 of itself, so numbers of 5 to 11 come out wrong
 * by a few thousandths after some layers. Each value is three to five times the largest difference on the public
 * vectors (A 4.6e-3, B 2.1e-2 and 6.7e-3, C 3.5e-3, E 8.8e-3, 4.0e-3, 6.5e-3, 1.1e-2, 1.4e-2, 1.2e-4; G 7.3e-3).
 * What is left is a check of structure: leaving a hint out, norms for each head by itself, a lost gate or a wrong
 * order of channels move the results by 0.1 and more; another gelu or eps is seen in fp32 only.
 */
export const tolerances: Readonly<Record<Precision, Tolerances>> = {
  fp32: {
    dit: 1e-5,
    sinusoid: 1e-4,
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
    dit: 2e-2,
    sinusoid: 1e-4,
    vaeEncode: 6e-2,
    vaeDecode: 2.5e-2,
    text: 1.5e-2,
    // Computed in float32 whatever the model's precision.
    scheduler: 1e-5,
    control: 4e-2,
    firstVelocity: 1.5e-2,
    laterVelocities: 3e-2,
    latents: 4e-2,
    frames: 5e-2,
    distance: 1e-3,
  },
};
