/**
 * The clean sample that a flow-matching network sees at a noise level: with x(σ) = (1 − σ)·x₀ + σ·noise and the velocity
 * v = noise − x₀ (Lipman et al., "Flow Matching for Generative Modeling", arXiv:2210.02747), x₀ = x − σ·v.
 *
 * @param sample    any layout, float32
 * @param velocity  as long as `sample`
 * @param sigma     noise level of `sample`, 0 … 1
 * @returns a new array
 */
export function predictClean(sample: Float32Array, velocity: Float32Array, sigma: number): Float32Array {
  if (sample.length !== velocity.length) {
    throw new RangeError(`velocity: ${velocity.length} elements, expected ${sample.length}`);
  }
  return sample.map((value, i) => value - sigma * velocity[i]);
}
