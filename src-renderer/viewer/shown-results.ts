import type { OpenedClip } from '../../src-shared/ipc/index.ts';
import type { Clip, Edit, StoredResult } from '../../src-shared/project/index.ts';

/** A frame of a file that was opened. */
export interface Shown {
  readonly media: OpenedClip;
  readonly frame: number;
}

/** An edit's result at the playhead. */
export interface ShownResult extends Shown {
  readonly edit: Edit;
}

/**
 * The results that make up the clip as it will be exported, from the lowest to the topmost: of the edits that are
 * switched on, where they hold the frame. Where none does, the active edit's, for it was asked for.
 * @param opened results by their path
 */
export function shownResults(
  clip: Clip,
  activeId: string | null,
  frame: number,
  opened: Readonly<Record<string, OpenedClip>>,
): ShownResult[] {
  const at = (edit: Edit): ShownResult[] => {
    const result: StoredResult | undefined = edit.result;
    const media = result === undefined ? undefined : opened[result.path];
    const inResult = frame - (result?.range?.startFrame ?? 0);
    if (media === undefined || inResult < 0 || inResult >= media.frames) return [];
    return [{ edit, media, frame: inResult }];
  };
  const on = clip.edits.filter(({ enabled }) => enabled).flatMap(at);
  return on.length > 0 ? on : clip.edits.filter(({ id }) => id === activeId).flatMap(at);
}
