import { Copy, Eye, EyeOff, Plus, Trash2 } from 'lucide-react';
import { useState } from 'react';
import type { Clip, Edit } from '../../src-shared/project/index.ts';
import { keyNames, useText, type TextKey } from '../i18n/index.ts';
import { editName } from '../state/edit-name.ts';
import { useEditor } from '../state/editor-store.ts';
import { IconButton } from '../ui/Button.tsx';
import { RenameField } from '../ui/RenameField.tsx';
import type { Row } from './draw-timeline.ts';
import { KeyframeButtons } from './Keyframes.tsx';
import { addEdit, copyEdit, deleteEdit, moveEdit, renameEdit, toggleEdit } from './timeline-actions.ts';

const names: Readonly<Record<'picture' | 'mask' | 'sound', readonly [string, TextKey]>> = {
  picture: ['V1', 'timeline.picture'],
  mask: ['M1', 'timeline.mask'],
  sound: ['A1', 'timeline.sound'],
};

/** What a drag carries that changes the order of edits. */
const draggedEdit = 'application/x-hetcut-edit';

/** What the rows are, and the edits' switches. */
export function TrackHeads({ clip, rows }: { readonly clip: Clip; readonly rows: readonly Row[] }) {
  const t = useText();
  return (
    <div className="track-heads">
      {rows.map(({ kind, top, height, editId }) => {
        const edit = clip.edits.find(({ id }) => id === editId);
        return (
          <div
            key={editId ?? kind}
            className="track-head"
            style={{ top, height }}
            onDragOver={(event) => {
              if (edit !== undefined && event.dataTransfer.types.includes(draggedEdit))
                event.preventDefault();
            }}
            onDrop={({ dataTransfer }) => {
              const dragged = dataTransfer.getData(draggedEdit);
              if (edit !== undefined && dragged !== '') moveEdit(dragged, clip.edits.indexOf(edit));
            }}
          >
            {kind === 'ruler' && (
              <>
                <span className="quiet">{t('timeline.edits')}</span>
                <IconButton small label={t('timeline.addEdit')} side="right" onClick={addEdit}>
                  <Plus />
                </IconButton>
              </>
            )}
            {kind !== 'ruler' && kind !== 'edit' && (
              <>
                <span className="track-mark">{names[kind][0]}</span>
                <span className="quiet">{t(names[kind][1])}</span>
                {kind === 'mask' && <KeyframeButtons />}
              </>
            )}
            {edit !== undefined && (
              <EditHead edit={edit} index={clip.edits.indexOf(edit)} only={clip.edits.length === 1} />
            )}
          </div>
        );
      })}
    </div>
  );
}

function EditHead({
  edit,
  index,
  only,
}: {
  readonly edit: Edit;
  /** Among the clip's edits. */
  readonly index: number;
  readonly only: boolean;
}) {
  const t = useText();
  const active = useEditor((state) => state.editId === edit.id);
  const [renaming, setRenaming] = useState(false);
  const name = editName(edit, index);
  return (
    <>
      <span className="track-mark" data-active={active}>
        {`E${index + 1}`}
      </span>
      {renaming ? (
        <RenameField
          className="edit-name"
          label={t('timeline.renameEdit')}
          name={name}
          onDone={(typed) => {
            renameEdit(edit.id, typed);
            setRenaming(false);
          }}
        />
      ) : (
        <button
          type="button"
          className="edit-name"
          aria-pressed={active}
          title={`${name} (${t('timeline.renameEdit')}: F2, ${t('timeline.moveEdit')}: ${keyNames('Alt+↑')} ↓)`}
          draggable
          onDragStart={({ dataTransfer }) => {
            dataTransfer.setData(draggedEdit, edit.id);
            dataTransfer.effectAllowed = 'move';
          }}
          onClick={() => useEditor.setState({ editId: edit.id })}
          onDoubleClick={() => setRenaming(true)}
          onKeyDown={(event) => {
            const by = { ArrowUp: -1, ArrowDown: 1 }[event.key];
            if (event.key === 'F2') setRenaming(true);
            else if (event.altKey && by !== undefined) moveEdit(edit.id, index + by);
            else return;
            event.preventDefault();
          }}
        >
          {name}
        </button>
      )}
      <IconButton
        small
        label={t(edit.enabled ? 'timeline.disable' : 'timeline.enable', { name })}
        side="right"
        onClick={() => toggleEdit(edit.id)}
      >
        {edit.enabled ? <Eye /> : <EyeOff />}
      </IconButton>
      <IconButton
        small
        label={t('timeline.copyEdit', { name })}
        side="right"
        onClick={() => void copyEdit(edit.id)}
      >
        <Copy />
      </IconButton>
      <IconButton
        small
        label={t('timeline.deleteEdit', { name })}
        side="right"
        disabled={only}
        onClick={() => deleteEdit(edit.id)}
      >
        <Trash2 />
      </IconButton>
    </>
  );
}
