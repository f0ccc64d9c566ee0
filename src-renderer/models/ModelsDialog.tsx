import { useEffect, useState } from 'react';
import { formatBytes, useText } from '../i18n/index.ts';
import { backend } from '../state/backend.ts';
import { chooseFile } from '../state/choose-file.ts';
import { useEditor } from '../state/editor-store.ts';
import { attempt, showFailure } from '../state/notices.ts';
import { Button } from '../ui/Button.tsx';
import { Dialog } from '../ui/Dialog.tsx';
import { CatalogueList } from './CatalogueList.tsx';
import { ImportForm } from './ImportForm.tsx';
import { LicenceDialog } from './LicenceDialog.tsx';
import { ModelItem } from './ModelItem.tsx';
import { useModelWork } from '../state/model-work.ts';
import { ModelWorkBar } from './ModelWorkBar.tsx';
import { SegmenterList } from './SegmenterList.tsx';
import './models.css';

interface PageProps {
  readonly open: boolean;
  readonly onClose: () => void;
}

/** The models of this machine. */
export function ModelsDialog({ open, onClose }: PageProps) {
  const t = useText();
  const models = useEditor((state) => state.models);
  const works = useModelWork((state) => state.works);
  const [source, setSource] = useState<string | null>(null);
  const [freeBytes, setFreeBytes] = useState<number | null>(null);
  useEffect(() => {
    if (!open) return;
    backend()
      .call('models.space', {})
      .then((space) => {
        setFreeBytes(space.freeBytes);
      })
      .catch(showFailure);
    // Imports and removals change it.
  }, [open, models]);
  const importing = Object.entries(works).filter(
    ([modelId, { kind }]) => kind === 'import' && !models.some(({ id }) => id === modelId),
  );
  return (
    <Dialog
      title={t('models.title')}
      open={open}
      onClose={onClose}
      foot={
        <>
          <p className="dialog-hint quiet">
            {freeBytes !== null && t('models.free', { space: formatBytes(freeBytes) })} {t('models.hint')}
          </p>
          <Button
            primary
            disabled={source !== null}
            onClick={() => {
              attempt(async () => {
                setSource(await chooseFile('model'));
              });
            }}
          >
            {t('models.import')}
          </Button>
        </>
      }
    >
      <LicenceDialog />
      {models.length === 0 && <p className="quiet">{t('models.none')}</p>}
      <ul className="entries">
        {models.map((model) => (
          <ModelItem key={model.id} model={model} />
        ))}
        {importing.map(([modelId, work]) => (
          <li key={modelId} className="entry">
            <div className="entry-text">
              <h3>{modelId}</h3>
              <p className="quiet" role="status">
                {t('models.importing', { name: modelId })}
              </p>
            </div>
            <ModelWorkBar modelId={modelId} work={work} />
          </li>
        ))}
        {source !== null && (
          <ImportForm
            path={source}
            taken={models.map(({ id }) => id)}
            onDone={() => {
              setSource(null);
            }}
          />
        )}
      </ul>
      <CatalogueList />
      <SegmenterList />
    </Dialog>
  );
}
