import { GitCompareArrows } from 'lucide-react';
import { useText } from '../i18n/index.ts';
import { useEditor } from '../state/editor-store.ts';
import { attempt } from '../state/notices.ts';
import { Button } from '../ui/Button.tsx';
import { keepMine, loadTheirs } from './conflict.ts';

/** Another window has saved the project: which of the two stays is the editor's to say. */
export function Conflict() {
  const t = useText();
  const name = useEditor((state) => state.history?.present.name ?? '');
  return (
    <div className="notice error" role="alert">
      <GitCompareArrows size={16} />
      <div className="notice-text">
        <p>{t('conflict.title', { name })}</p>
        <p className="quiet">{t('conflict.text')}</p>
      </div>
      <Button
        onClick={() => {
          attempt(loadTheirs);
        }}
      >
        {t('conflict.theirs')}
      </Button>
      <Button
        onClick={() => {
          attempt(keepMine);
        }}
      >
        {t('conflict.mine')}
      </Button>
    </div>
  );
}
