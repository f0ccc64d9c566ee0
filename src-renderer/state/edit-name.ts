import type { Clip, Edit } from '../../src-shared/project/index.ts';
import { text } from '../i18n/index.ts';

/**
 * What an edit is called: as the editor named it, else after what it does and its place among the clip's, in the
 * language of the window.
 */
export function editName({ name, settings }: Pick<Edit, 'name' | 'settings'>, index: number): string {
  return name === '' ? text(`edit.${settings.kind}`, { number: index + 1 }) : name;
}

/** The same of an edit of a clip. */
export const nameInClip = (clip: Pick<Clip, 'edits'>, edit: Edit): string =>
  editName(
    edit,
    clip.edits.findIndex(({ id }) => id === edit.id),
  );
