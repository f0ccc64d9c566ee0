import { Minus, Plus } from 'lucide-react';
import { useEffect } from 'react';
import { useText } from '../i18n/index.ts';
import { activeEdit, useEditor } from '../state/editor-store.ts';
import { useKeysFor } from '../state/key-map.ts';
import { otherSizes, readyToSelect, selectOther, useSelecting } from '../state/selecting.ts';
import { useView } from '../state/view-store.ts';
import { IconButton } from '../ui/Button.tsx';

/** The playhead has come to rest after so long: the frame is made ready for a click. */
const restMs = 200;

/** What a click of the Select tool does next, and other sizes of what was selected. */
export function SelectHints() {
  const t = useText();
  const keysFor = useKeysFor();
  const edit = useEditor(activeEdit);
  const frame = useEditor((state) => state.frame);
  const isOpen = useEditor(({ clipId, opened }) => clipId !== null && opened[clipId] !== undefined);
  const still = useEditor((state) => state.playRate === 0);
  const chosen = useView((state) => state.shape);
  const running = useSelecting((state) => state.running);
  useEffect(() => {
    if (!still || !isOpen) return;
    const timer = setTimeout(readyToSelect, restMs);
    return () => clearTimeout(timer);
  }, [frame, still, isOpen, edit?.id]);
  if (edit === undefined) return null;
  const { smaller, larger } = otherSizes(edit, frame);
  const object = chosen === null ? undefined : edit.mask.shapes.at(chosen);
  const hint = running
    ? t('select.running')
    : t(object?.kind === 'track' ? 'select.hintMore' : 'select.hint');
  return (
    <>
      <IconButton
        label={t('select.smaller')}
        shortcut={keysFor('smaller')}
        side="bottom"
        disabled={!smaller || running}
        onClick={() => void selectOther(-1)}
      >
        <Minus />
      </IconButton>
      <IconButton
        label={t('select.larger')}
        shortcut={keysFor('larger')}
        side="bottom"
        disabled={!larger || running}
        onClick={() => void selectOther(1)}
      >
        <Plus />
      </IconButton>
      <span className="track-hint quiet" role="status" title={hint}>
        {hint}
      </span>
    </>
  );
}
