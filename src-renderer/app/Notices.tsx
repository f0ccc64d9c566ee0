import { createPortal } from 'react-dom';
import { useNoticePlaces } from '../ui/Dialog.tsx';
import { Conflict } from '../project/Conflict.tsx';
import { useEditor } from '../state/editor-store.ts';
import { Notice } from './Notice.tsx';
import { useSession } from '../project/session-store.ts';
import './notices.css';

/** What has to be said, in the dialog that is open or else in a corner of the window. */
export function Notices() {
  const conflict = useSession((state) => state.conflict !== null);
  const place = useNoticePlaces((state) => state.places.at(-1));
  const editing = useEditor((state) => state.history !== null);
  const notices = (
    <div className={editing ? 'notices over-viewer' : 'notices'}>
      {conflict && <Conflict />}
      <Notice />
    </div>
  );
  return place === undefined ? notices : createPortal(notices, place);
}
