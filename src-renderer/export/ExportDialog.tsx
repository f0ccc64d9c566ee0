import { useEffect, useState } from 'react';
import type { ExportChoices } from '../../src-shared/ipc/index.ts';
import { useText } from '../i18n/index.ts';
import { backend } from '../state/backend.ts';
import { activeClip, useEditor } from '../state/editor-store.ts';
import { closeExport, useExports } from '../state/exports.ts';
import { showFailure } from '../state/notices.ts';
import { Dialog } from '../ui/Dialog.tsx';
import { ExportForm } from './ExportForm.tsx';
import { ExportList } from './ExportList.tsx';
import { ExportProgress } from './ExportProgress.tsx';
import './export.css';

const askAheadMs = 5000;

/** Asks what is written where, then shows how far it is and what came of it. */
export function ExportDialog() {
  const t = useText();
  const { isOpen, shownIds, rows } = useExports();
  const clip = useEditor(activeClip);
  const [choices, setChoices] = useState<ExportChoices | null>(null);
  const shown = rows.filter(({ id }) => shownIds.includes(id));
  const isKnown = choices !== null;
  const hasClip = clip !== undefined;
  useEffect(() => {
    if (isKnown || !hasClip) return;
    const ask = (): void => {
      backend().call('export.formats', {}).then(setChoices).catch(showFailure);
    };
    // The first time, hardware encoders are tried: not while a clip's pictures are being read.
    const timer = setTimeout(ask, isOpen ? 0 : askAheadMs);
    return () => {
      clearTimeout(timer);
    };
  }, [isKnown, hasClip, isOpen]);
  if (!isOpen) return null;
  if (shown.length > 1) return <ExportList rows={shown} />;
  if (shown.length === 1) return <ExportProgress row={shown[0]} />;
  if (clip !== undefined && choices !== null)
    return <ExportForm key={clip.id} clip={clip} choices={choices} />;
  return (
    <Dialog title={t('export.title')} open onClose={closeExport}>
      {clip === undefined ? (
        <p className="quiet">{t('export.noClip')}</p>
      ) : (
        <div className="export-form">
          <p className="quiet" role="status">
            {t('export.looking')}
          </p>
          {[0, 1, 2, 3].map((line) => (
            <div key={line} className="skeleton" />
          ))}
        </div>
      )}
    </Dialog>
  );
}
