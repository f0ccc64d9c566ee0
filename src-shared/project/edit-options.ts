import { z } from 'zod';
import { cacheMethods } from '../core/caches/index.ts';
import { usualFeatherPx } from '../core/mask/index.ts';
import { defaultPreset, presets, type PresetName } from '../core/presets/index.ts';

/** How the command line asks for an option. */
export interface OptionFlag {
  /** In commander's words: the flag and the name of its value. */
  readonly usage: `--${string}`;
  readonly about: string;
  /** Absent: the option is left out where the flag is not given. */
  readonly default?: string | number;
  readonly choices?: readonly string[];
  /** A file: named from the folder in which the command runs. */
  readonly isPath?: true;
}

/** What fills what other frames do not show. */
export const fillChoices = ['auto', 'exemplar', 'network', 'smooth'] as const;

const path = z.string().min(1).max(4096);

/**
 * The options of an edit, one row each: how it is checked, and its flag where the command line has one for it alone
 * (`--plate` and the flags of the cache methods stand for several). The project's file, the requests of the window, the
 * command line and the engine's job have their names and types from here; the order is that of the project's file.
 */
export const editOptions = {
  kind: { schema: z.enum(['remove', 'edit']) },
  /** Empty: of a removal, the model's own words. */
  prompt: {
    schema: z.string().max(4000),
    flag: { usage: '--prompt <text>', about: 'what the region becomes; of a removal, what is behind' },
  },
  /** Empty: the model's own. */
  negativePrompt: {
    schema: z.string().max(4000),
    flag: { usage: '--negative <text>', about: "what should not appear; default: the model's own list" },
  },
  seed: {
    schema: z
      .int()
      .min(0)
      .max(2 ** 32 - 1),
    flag: { usage: '--seed <n>', about: 'same seed, same picture', default: 0 },
  },
  modelId: {
    schema: z.string().min(1),
    flag: { usage: '--model <id>', about: 'an imported model', default: 'starter' },
  },
  preset: {
    schema: z.enum(Object.keys(presets) as [PresetName, ...PresetName[]]),
    flag: {
      usage: '--preset <name>',
      about: 'quality against speed',
      default: defaultPreset,
      choices: Object.keys(presets),
    },
  },
  /** Where background for the hole comes from, unless `platePath` says another. */
  plate: { schema: z.enum(['auto', 'off', 'only']) },
  /** A clean plate of the editor's, a picture or a clip, in the place of what `plate` says; absent: none. */
  platePath: { schema: path.optional() },
  /** What fills what other frames do not show; `auto`: as `fillMeans` decides. */
  fill: {
    schema: z.enum(fillChoices).default('auto'),
    flag: {
      usage: '--fill <how>',
      about: 'what fills what other frames do not show: texture from around it, the network, a soft gradient',
      default: 'auto',
      choices: fillChoices,
    },
  },
  /** A picture of what should be generated; absent: none. Only the network sees it. */
  referencePath: {
    schema: path.optional(),
    flag: {
      usage: '--reference <picture>',
      about: 'what the generated part should look like; for models that follow prompts',
      isPath: true,
    },
  },
  /** Pixels inside the mask's edge over which the result is blended in: more is softer. */
  feather: {
    schema: z.int().min(0).max(64).optional(),
    flag: {
      usage: '--feather <pixels>',
      about: `blends the edge of the result over so many pixels inside the mask; default: ${usualFeatherPx}`,
    },
  },
  /** Absent: the model's own number, scaled by the preset. */
  steps: {
    schema: z.int().min(1).max(1000).optional(),
    flag: { usage: '--steps <n>', about: 'sampling steps, over the preset: more is slower and finer' },
  },
  /** Absent: HetCache. */
  method: {
    schema: z.string().optional(),
    flag: {
      usage: '--method <name>',
      about: 'how steps are computed; default: hetcache, as the preset says',
      choices: Object.keys(cacheMethods),
    },
  },
  /** Options over the preset's; what exists is checked where the method is known. */
  methodOptions: {
    schema: z.record(z.string(), z.union([z.number(), z.string(), z.boolean()])).default({}),
  },
  /** Most pixels of a working picture, as the side of a square: absent: the model's own. */
  workingSize: {
    schema: z.int().min(64).max(4096).optional(),
    flag: {
      usage: '--working-size <pixels>',
      about:
        'what the model works at: a square of that side, in the shape of the crop; less takes less memory',
    },
  },
  /** Absent: the model's own. The window has no control for it, and the project's file no field. */
  guidanceScale: {
    schema: z.number().min(1).max(30).optional(),
    flag: { usage: '--guidance <scale>', about: 'how closely the prompt is followed; 1 = off' },
  },
  /** Go on with the CPU where the graphics card fails; absent: the job ends there. The window asks. */
  cpuFallback: {
    schema: z.boolean().optional(),
    flag: {
      usage: '--cpu-fallback',
      about:
        'goes on with the CPU, many times slower, where the graphics card cannot take a part of the model',
    },
  },
} as const satisfies Readonly<Record<string, { readonly schema: z.ZodType; readonly flag?: OptionFlag }>>;

type OptionSchemas = { [Name in keyof typeof editOptions]: (typeof editOptions)[Name]['schema'] };

const schemas = Object.fromEntries(
  Object.entries(editOptions).map(([name, { schema }]) => [name, schema]),
) as OptionSchemas;

const editOptionsSchema = z.strictObject(schemas);
/** All options of an edit, as they were asked for. */
export type EditOptions = z.infer<typeof editOptionsSchema>;

/** How an edit is made, as the project's file and the window have it. */
export const editSettingsSchema = editOptionsSchema.omit({ guidanceScale: true });
export type EditSettings = z.infer<typeof editSettingsSchema>;
