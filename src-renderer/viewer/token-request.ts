import { useEffect, useState } from 'react';
import type { RequestInput, TokenGrid } from '../../src-shared/ipc/index.ts';
import type { Clip } from '../../src-shared/project/index.ts';
import { backend } from '../state/backend.ts';
import { activeEdit, useEditor } from '../state/editor-store.ts';
import { hasMask } from '../state/run-edit.ts';
import { askLater } from './ask-later.ts';

type Question = Omit<RequestInput<'edit.partition'>, 'frame'>;

/** The grid of a frame; null where nothing of it is generated. */
interface Known {
  readonly question: Question;
  readonly frame: number;
  readonly grid: TokenGrid | null;
}

function answers({ question, frame, grid }: Known, asked: Question, at: number): boolean {
  const same =
    question.clipPath === asked.clipPath &&
    question.mask === asked.mask &&
    question.settings === asked.settings &&
    question.range === asked.range;
  return same && (grid === null ? frame === at : at >= grid.startFrame && at < grid.endFrame);
}

/**
 * The tokens at the playhead: `undefined` while they are not known, also where the mask or its model has a failure,
 * which the estimate tells.
 */
export function useTokenGrid(clip: Clip): TokenGrid | null | undefined {
  const frame = useEditor((state) => state.frame);
  const edit = useEditor(activeEdit);
  const playing = useEditor((state) => state.playRate !== 0);
  const [known, setKnown] = useState<Known | null>(null);
  const { path: clipPath } = clip;
  const { mask, settings, range } = edit ?? {};
  const asks = edit !== undefined && hasMask(edit) && !playing;
  const question =
    mask === undefined || settings === undefined || !asks
      ? null
      : { clipPath, mask, settings, ...(range === undefined ? {} : { range }) };
  const fits = question !== null && known !== null && answers(known, question, frame);
  useEffect(() => {
    if (mask === undefined || settings === undefined || !asks || fits) return undefined;
    const asked: Question = { clipPath, mask, settings, ...(range === undefined ? {} : { range }) };
    return askLater(
      () => backend().call('edit.partition', { ...asked, frame }),
      (grid) => setKnown({ question: asked, frame, grid }),
    );
  }, [clipPath, range, mask, settings, asks, frame, fits]);
  return fits ? known.grid : undefined;
}
