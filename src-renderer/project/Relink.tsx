import { FileQuestion } from 'lucide-react';
import { useText } from '../i18n/index.ts';
import { chooseFile } from '../state/choose-file.ts';
import { activeClip, useEditor } from '../state/editor-store.ts';
import { attempt } from '../state/notices.ts';
import { Button } from '../ui/Button.tsx';
import { relink } from './clip-media.ts';
import { useSession } from './session-store.ts';
import './relink.css';

/** In the viewer's place, while the clip's file is not where it was. */
export function Relink() {
  const t = useText();
  const clip = useEditor(activeClip);
  const reason = useSession(({ missing }) => (clip === undefined ? undefined : missing[clip.id]));
  if (clip === undefined || reason === undefined) return null;
  return (
    <div className="relink" role="alert">
      <FileQuestion size={24} />
      <h2>{t('relink.title', { name: clip.name })}</h2>
      <p className="quiet">{reason}</p>
      <p className="quiet">{t('relink.text')}</p>
      <Button
        primary
        onClick={() => {
          attempt(async () => {
            const path = await chooseFile('clip', clip.name);
            if (path !== null) await relink(clip, path);
          });
        }}
      >
        {t('relink.find')}
      </Button>
    </div>
  );
}
