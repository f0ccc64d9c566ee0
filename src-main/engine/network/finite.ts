import { HetcutError } from '../../../src-shared/core/errors/index.ts';

/** What a model has computed: the stage, as people are told it. */
export type ComputedStage = 'the text encoder' | 'the VAE encoder' | 'sampling' | 'the VAE decoder';

/**
 * Throws HetcutError `not-finite` naming the stage where `values` hold NaN or infinity: a picture made of them would be
 * black, hours later. `place`: where in the stage, for people.
 */
export function requireFinite(values: Float32Array, stage: ComputedStage, place = ''): Float32Array {
  for (const value of values) {
    // The difference is 0 for finite numbers and NaN for all others.
    if (value - value === 0) continue;
    throw new HetcutError(
      'not-finite',
      `The model computed ${Number.isNaN(value) ? 'NaN (no number)' : 'an infinite number'} in ${stage}${place}.`,
      {
        hint:
          'Check its files with `hetcut model verify ID`. If they are whole, float16 may not hold its numbers: import it ' +
          'again with --precision fp32.',
        details: { stage },
      },
    );
  }
  return values;
}
