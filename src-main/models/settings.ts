import { z } from 'zod';
import type { ModelFamily } from '../../src-shared/core/families/index.ts';

const finite = z.number();
const pointSchema = z.strictObject({
  calls: z.int().min(1),
  letters: z.string().regex(/^F[Frf]*$/),
  error: finite.nonnegative(),
});

/** As `PartialSchedules` of core/caches says. */
const partialSchema = z
  .strictObject({
    errors: z.strictObject({
      after: z.array(z.int().min(1)).min(1),
      ages: z.array(z.int().min(1)).min(1),
      errors: z.array(z.array(finite.positive()).min(1)),
    }),
    curves: z
      .array(
        z.strictObject({
          share: finite.gt(0).max(1),
          points: z.array(
            z.strictObject({
              full: z.int().min(2),
              partial: z.int().min(1),
              letters: z.string().regex(/^F[FPrf]*$/),
              error: finite.nonnegative(),
            }),
          ),
        }),
      )
      .min(1),
  })
  .refine(
    ({ errors: { after, ages, errors } }) =>
      errors.length === after.length && errors.every((row) => row.length <= ages.length),
    'its errors are not a table',
  );

/** As `CalibratedSchedule` of core/caches says; everything in it is of one number of steps. */
const scheduleSchema = z
  .strictObject({
    guidanceScale: finite.min(1),
    timesteps: z.array(finite).min(1),
    sigmas: z.array(finite),
    runs: z.int().min(1),
    gram: z.array(z.array(finite)),
    sensitivity: z.array(finite),
    points: z.array(pointSchema),
    partial: partialSchema.exactOptional(),
  })
  .refine(
    ({ timesteps: { length }, sigmas, gram, sensitivity, points, partial }) =>
      sigmas.length === length + 1 &&
      [gram, sensitivity, points].every((list) => list.length === length) &&
      gram.every((row, i) => row.length === i + 1) &&
      points.every(({ calls, letters }, i) => calls === i + 1 && letters.length === length) &&
      (partial?.curves ?? []).every((curve) => curve.points.every(({ letters }) => letters.length === length)),
    'its parts are of different numbers of steps',
  );

/** What was measured of a model for caching, as `ModelCalibration` of core/caches says. */
export const calibrationSchema = z.strictObject({
  /** Highest power first. */
  driftPolynomial: z.array(z.number()).min(1).exactOptional(),
  driftRange: z.tuple([z.number(), z.number()]).exactOptional(),
  magnitudeRatios: z.array(z.number().positive()).min(1).exactOptional(),
  schedules: z.array(scheduleSchema).exactOptional(),
});

const word = z.string().regex(/^[a-z]+(?: [a-z]+)*$/, 'must be words of lower-case letters');
const names = z.record(word, z.array(word)).refine((all) => Object.keys(all).length > 0, 'must name something');

/** As `Vocabulary` of core/words says. */
const vocabularySchema = z.strictObject({
  kinds: names,
  colours: names,
  materials: names,
  others: z.array(word),
  mostTokens: z.int().min(2),
});

/**
 * `hetcut.json` beside the parts of a model: how it wants to be used, where that is not as with the released models of
 * its family, which the family's defaults describe. Unknown fields are refused, so that a misspelt one is seen.
 */
export const settingsSchemaOf = ({ defaults, geometry: { temporalStride } }: ModelFamily) =>
  z.strictObject({
    /** A line for people. */
    description: z.string().default(''),
    /** What is in the hole of the control picture: mid grey, or colours drawn in from the border. */
    fill: z.enum(['grey', 'push-pull']).default(defaults.fill),
    /** Classifier-free guidance; 1 runs one stream only. */
    guidanceScale: z.number().min(1).max(100).default(defaults.guidanceScale),
    /** What should not appear, where the editor names nothing. */
    negativePrompt: z.string().max(4000).default(defaults.negativePrompt),
    /** What takes the place of what is removed, where the editor describes nothing. */
    removalPrompt: z.string().max(4000).default(defaults.removalPrompt),
    recommendedSteps: z.int().min(1).max(1000).default(defaults.recommendedSteps),
    /** (0, 1]: below 1 sampling starts from the noised fill. */
    strength: z.number().gt(0).max(1).default(defaults.strength),
    /** Overrides the scheduler configuration's shift. Higher spends more of the steps at high noise. */
    flowShift: z.number().positive().max(1000).optional(),
    /** Most pixels of a working picture: more shows finer detail, and costs time and memory. */
    workingPixels: z
      .int()
      .min(256)
      .max(4096 ** 2)
      .default(defaults.workingPixels),
    /** Most frames of a window, 1 + k · the family's temporal stride. */
    maxWindowFrames: z
      .int()
      .min(1)
      .max(10_001)
      .refine((frames) => (frames - 1) % temporalStride === 0, `must be 1 + ${temporalStride}k`)
      .default(defaults.maxWindowFrames),
    /** Frames that a window shares with the one before. */
    overlapFrames: z.int().min(0).max(10_000).default(defaults.overlapFrames),
    /** Rows of the text embedding that the transformer sees. */
    textTokens: z.int().min(1).max(8192).default(defaults.textTokens),
    /** False: the prompt changes nothing and is not asked for. Default: whether there is a text encoder. */
    followsPrompt: z.boolean().optional(),
    /** What it puts there is one thing that stands in the scene: one frame of a view is generated, and laid into the others. */
    stands: z.boolean().default(false),
    /** Of a model that reads a few words only: which; absent: it reads free text. */
    vocabulary: vocabularySchema.exactOptional(),
    /** Measured by `hetcut model calibrate`; one made on this machine goes over it. */
    calibration: calibrationSchema.default({}),
  });

/** hetcut.json as written, defaults filled in. */
export type SourceSettings = z.infer<ReturnType<typeof settingsSchemaOf>>;
