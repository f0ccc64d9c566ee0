import { CircleAlert, Info, X } from 'lucide-react';
import { useText } from '../i18n/index.ts';
import { useBackend } from '../state/backend.ts';
import { useEditor } from '../state/editor-store.ts';
import { IconButton } from '../ui/Button.tsx';
import { CopyButton } from '../ui/CopyButton.tsx';
import { useSession } from '../project/session-store.ts';

/** What failed, why and what to do; or what should be known. It stays until it is dismissed. */
export function Notice() {
  const t = useText();
  const notice = useEditor((state) => state.notice);
  const info = useBackend((state) => state.info);
  const conflict = useSession((state) => state.conflict !== null);
  // The bar of the conflict says it, and has the ways out.
  if (notice === null || (conflict && notice.code === 'project-conflict')) return null;
  const { kind, text, hint, code } = notice;
  const details = [code, text, hint, `HetCut ${info?.version ?? '?'} · ${info?.platform ?? '?'}`];
  return (
    <div className={`notice ${kind}`} role={kind === 'error' ? 'alert' : 'status'}>
      {kind === 'error' ? <CircleAlert size={16} /> : <Info size={16} />}
      <div className="notice-text">
        <p>{text}</p>
        {hint !== undefined && <p className="quiet">{hint}</p>}
      </div>
      {kind === 'error' && <CopyButton key={text} details={details} />}
      <IconButton
        label={t('notice.close')}
        onClick={() => {
          useEditor.setState({ notice: null });
        }}
      >
        <X />
      </IconButton>
    </div>
  );
}
