import {
  exportFormatNames,
  exportQualities,
  exportSounds,
  type ExportFormat,
  type ExportQuality,
  type ExportSound,
} from '../../src-shared/core/export/index.ts';
import type { ExportChoices } from '../../src-shared/ipc/index.ts';

/** What was chosen last; the window's, not the project's. */
export interface Chosen {
  /** The active edit's result, those of all enabled edits, the masks, or the results with transparency around them. */
  readonly what: 'edit' | 'all' | 'matte' | 'patch';
  readonly format: ExportFormat;
  readonly quality: ExportQuality;
  readonly encoder: 'software' | 'hardware';
  readonly sound: ExportSound;
  /** Groups of pictures that no edit changes: copied where they can be, or encoded like the others. */
  readonly unchanged: 'copy' | 'encode';
  readonly edge: 'painted' | 'blended';
  readonly frames: 'range' | 'clip';
}

const storageKey = 'hetcut-export';
const first: Chosen = {
  what: 'edit',
  format: 'h264',
  quality: 'visually-lossless',
  encoder: 'software',
  sound: 'copy',
  unchanged: 'copy',
  edge: 'painted',
  frames: 'range',
};
const known: { readonly [Name in keyof Chosen]: readonly Chosen[Name][] } = {
  what: ['edit', 'all', 'matte', 'patch'],
  format: exportFormatNames,
  quality: exportQualities,
  encoder: ['software', 'hardware'],
  sound: exportSounds,
  unchanged: ['copy', 'encode'],
  edge: ['painted', 'blended'],
  frames: ['range', 'clip'],
};

/** Only what still means something: the storage may be of another version. */
export function readChoices(stored: string | null): Chosen {
  let kept: unknown;
  try {
    kept = JSON.parse(stored ?? '{}');
  } catch {
    return first;
  }
  if (typeof kept !== 'object' || kept === null) return first;
  const valid = Object.entries(kept).filter(
    ([name, value]) =>
      Object.hasOwn(known, name) && (known[name as keyof Chosen] as readonly unknown[]).includes(value),
  );
  return { ...first, ...(Object.fromEntries(valid) as Partial<Chosen>) };
}

/** The formats in which it can be written: of a patch, those with transparency. */
export function formatsFor(what: Chosen['what'], { formats }: ExportChoices): ExportChoices['formats'] {
  return what === 'patch' ? formats.filter(({ alpha }) => alpha) : formats;
}

/** Whether frames that no edit changes may be copied: with a set quality, and by no hardware encoder. */
export const copiesFrames = ({ what, format, quality, encoder }: Chosen): boolean =>
  (what === 'edit' || what === 'all') &&
  (format === 'h264' || format === 'hevc') &&
  quality !== 'lossless' &&
  encoder === 'software';

/** What is not to be had is not asked for. */
export function fitted(chosen: Chosen, choices: ExportChoices): Chosen {
  const formats = formatsFor(chosen.what, choices);
  const row = formats.find(({ id }) => id === chosen.format) ?? formats[0];
  const quality = row.qualities.includes(chosen.quality) ? chosen.quality : row.qualities[0];
  const { encoder } = chosen;
  return { ...chosen, format: row.id, quality, encoder: row.hardware === undefined ? 'software' : encoder };
}

export const rememberedChoices = (): Chosen => readChoices(localStorage.getItem(storageKey));

export function rememberChoices(chosen: Chosen): void {
  localStorage.setItem(storageKey, JSON.stringify(chosen));
}

/** Whether a path that was chosen for one format will do for another: `endings`, none for a folder. */
export function fitsFormat(path: string, endings: readonly string[]): boolean {
  const ending = /\.[^./\\]+$/.exec(path)?.[0].toLowerCase();
  return endings.length === 0
    ? ending === undefined || !/^\.(mp4|mov|mkv|m4v)$/.test(ending)
    : ending !== undefined && endings.includes(ending);
}
