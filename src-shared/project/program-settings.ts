import { z } from 'zod';
import { defaultPreset, presets, type PresetName } from '../core/presets/index.ts';
import { starterId } from './bundled-models.ts';

/** Seconds from a change until the project saves itself. */
export const autosaveDelays = [0.8, 10, 60] as const;

/** What an editor sets for the program, not for a project. The window's language, theme, layout and keys are the page's. */
export const programSettingsSchema = z.strictObject({
  /** `auto`: a graphics card that works, else the CPU. */
  device: z.enum(['auto', 'cpu']),
  /** Memory that a model's parts may take, in GB (10⁹ bytes): of the card, or of the machine. Null: as much as is sensible. */
  memoryGb: z.number().min(2).max(2048).nullable(),
  /** The ffmpeg to use; an ffprobe lies beside it. Null: the one that is found. */
  ffmpegPath: z.string().min(1).nullable(),
  /** Of new edits. */
  modelId: z.string().min(1),
  /** What follows and selects objects: an imported segmenter; null: the built-in one. Files from before it have none. */
  segmenterId: z.string().min(1).max(64).nullable().default(null),
  preset: z.enum(Object.keys(presets) as [PresetName, ...PresetName[]]),
  autosaveSec: z.literal(autosaveDelays),
  /** A sound when a job ends. */
  sound: z.boolean(),
});
export type ProgramSettings = z.infer<typeof programSettingsSchema>;
export const usualSettings: ProgramSettings = {
  device: 'auto',
  memoryGb: null,
  ffmpegPath: null,
  modelId: starterId,
  segmenterId: null,
  preset: defaultPreset,
  autosaveSec: 0.8,
  sound: false,
};
