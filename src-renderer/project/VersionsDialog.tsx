import { useEffect, useState } from 'react';
import type { ProjectBackup } from '../../src-shared/ipc/index.ts';
import { formatTime, useText } from '../i18n/index.ts';
import { backend } from '../state/backend.ts';
import { attempt, showFailure } from '../state/notices.ts';
import { Button } from '../ui/Button.tsx';
import { Dialog } from '../ui/Dialog.tsx';
import { restoreVersion } from './open-project.ts';
import { useSession } from './session-store.ts';

interface VersionsProps {
  readonly open: boolean;
  readonly onClose: () => void;
}

/** Earlier versions of the project, to go back to. */
export function VersionsDialog({ open, onClose }: VersionsProps) {
  const t = useText();
  const path = useSession((state) => state.file?.path);
  const [versions, setVersions] = useState<readonly ProjectBackup[] | null>(null);
  useEffect(() => {
    setVersions(null);
    if (open && path !== undefined) {
      backend().call('project.backups', { path }).then(setVersions).catch(showFailure);
    }
  }, [open, path]);
  return (
    <Dialog
      title={t('versions.title')}
      open={open}
      onClose={onClose}
      foot={<p className="dialog-hint quiet">{t('versions.hint')}</p>}
    >
      {versions === null && <div className="skeleton" aria-hidden="true" />}
      {versions?.length === 0 && <p className="quiet">{t('versions.none')}</p>}
      <ul className="entries">
        {versions?.map(({ savedAt, clips, edits }) => (
          <li key={savedAt} className="entry">
            <div className="entry-text">
              <h3 className="figures">{formatTime(savedAt, true)}</h3>
              <p className="quiet figures">
                {t('versions.clips', { count: clips })} · {t('versions.edits', { count: edits })}
              </p>
            </div>
            <Button
              aria-label={t('versions.restoreOf', { time: formatTime(savedAt, true) })}
              onClick={() => {
                onClose();
                attempt(() => restoreVersion(savedAt));
              }}
            >
              {t('versions.restore')}
            </Button>
          </li>
        ))}
      </ul>
    </Dialog>
  );
}
