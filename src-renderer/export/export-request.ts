import type { Clip, Edit } from '../../src-shared/project/index.ts';
import { withHoldOut, withOff, type MaskShape } from '../../src-shared/project/mask/index.ts';
import type { Chosen } from './export-choices.ts';
import type { ExportLayer } from '../../src-shared/ipc/index.ts';
import type { ExportRequest } from './use-export-plan.ts';

/** The clip as a whole, with its sound; else something to composite with it. */
export const isPicture = (what: Chosen['what']): what is 'edit' | 'all' => what === 'edit' || what === 'all';

/** The edits that are written, from the lowest to the topmost. */
export function exportedEdits(clip: Clip, edit: Edit | undefined, what: Chosen['what']): readonly Edit[] {
  // A matte is that of the active edit, where there is one.
  const one = what === 'edit' || what === 'matte';
  return one && edit !== undefined ? [edit] : clip.edits.filter(({ enabled }) => enabled);
}

/** One shape of an edit's mask alone, white, as large as the mask makes it. */
export function layerOfObject({ mask, settings: { feather } }: Edit, object: MaskShape): ExportLayer {
  const shape = withOff(withHoldOut(object, false), false);
  return { mask: { ...mask, shapes: [shape], invert: false }, ...(feather === undefined ? {} : { feather }) };
}

/** Where to: a file of its own, or a name in a folder, whose ending the program chooses. */
export type ExportPlace = Pick<ExportRequest, 'path' | 'into'>;

/** What the program is asked to write; null where no edit is switched on. */
export function exportRequest(
  clip: Clip,
  layers: readonly ExportLayer[],
  { what, format, quality, encoder, sound, edge, frames, unchanged }: Chosen,
  place: ExportPlace,
): ExportRequest | null {
  const { range, markers } = clip;
  if (layers.length === 0) return null;
  return {
    clipPath: clip.path,
    what: isPicture(what) ? 'picture' : what,
    layers: [...layers],
    edge,
    ...(range === undefined || frames === 'clip' ? {} : { range }),
    ...{ format, quality, encoder, sound },
    ...(unchanged === 'encode' && { reencode: true }),
    ...(what === 'patch' && markers !== undefined ? { markers } : {}),
    ...place,
  };
}
