import { useState } from 'react';
import type { ModelRow } from '../../src-shared/ipc/index.ts';
import { formatBytes, useText } from '../i18n/index.ts';
import { backend } from '../state/backend.ts';
import { chooseFile } from '../state/choose-file.ts';
import { useEditor } from '../state/editor-store.ts';
import { attempt, showFailure } from '../state/notices.ts';
import { Button } from '../ui/Button.tsx';
import { Dialog } from '../ui/Dialog.tsx';

interface PageProps {
  readonly open: boolean;
  readonly onClose: () => void;
}

/** The models of this machine. */
export function ModelsDialog({ open, onClose }: PageProps) {
  const t = useText();
  const models = useEditor((state) => state.models);
  const [importing, setImporting] = useState<string | null>(null);

  const importModel = async (): Promise<void> => {
    const path = await chooseFile('model');
    if (path === null) return;
    const modelId = modelIdOf(path);
    setImporting(modelId);
    try {
      await backend().call('models.import', { path, modelId });
    } finally {
      setImporting(null);
    }
  };
  return (
    <Dialog
      title={t('models.title')}
      open={open}
      onClose={onClose}
      foot={
        <>
          <p className="dialog-hint quiet">{t('models.hint')}</p>
          <Button
            primary
            disabled={importing !== null}
            onClick={() => {
              attempt(importModel);
            }}
          >
            {t('models.import')}
          </Button>
        </>
      }
    >
      {models.length === 0 && <p className="quiet">{t('models.none')}</p>}
      <ul className="models">
        {models.map((model) => (
          <ModelItem key={model.id} model={model} />
        ))}
        {importing !== null && (
          <li className="model" role="status">
            {t('models.importing', { name: importing })}
          </li>
        )}
      </ul>
    </Dialog>
  );
}

/** A model's name out of its folder's: small letters, digits, points and dashes. */
function modelIdOf(path: string): string {
  const folder = path.split(/[\\/]/).filter(Boolean).at(-1) ?? 'model';
  return folder
    .toLowerCase()
    .replace(/[^a-z0-9._-]+/g, '-')
    .slice(0, 64);
}

function ModelItem({ model: { id, bytes, precision, readsPrompts, problem } }: { readonly model: ModelRow }) {
  const t = useText();
  const [verified, setVerified] = useState<'no' | 'running' | 'yes'>('no');
  const [removing, setRemoving] = useState(false);
  const verify = (): void => {
    setVerified('running');
    backend()
      .call('models.verify', { modelId: id })
      .then(() => {
        setVerified('yes');
      })
      .catch((error: unknown) => {
        setVerified('no');
        showFailure(error);
      });
  };
  const facts = [
    formatBytes(bytes),
    ...(precision === undefined ? [] : [precision]),
    t(readsPrompts ? 'models.prompts' : 'models.noPrompts'),
  ];
  return (
    <li className="model">
      <div className="model-text">
        <h3>{id}</h3>
        <p className="quiet figures">{facts.join(' · ')}</p>
        {problem !== undefined && <p className="model-problem">{problem}</p>}
        {verified === 'yes' && (
          <p className="model-verified" role="status">
            {t('models.verified')}
          </p>
        )}
      </div>
      {removing ? (
        <>
          <span>{t('models.reallyRemove', { model: id })}</span>
          <Button
            onClick={() => {
              setRemoving(false);
            }}
          >
            {t('models.keep')}
          </Button>
          <Button
            className="danger"
            onClick={() => {
              setRemoving(false);
              attempt(() => backend().call('models.remove', { modelId: id }));
            }}
          >
            {t('models.doRemove')}
          </Button>
        </>
      ) : (
        <>
          <Button
            aria-label={t('models.verify', { model: id })}
            disabled={verified === 'running'}
            onClick={verify}
          >
            {t(verified === 'running' ? 'models.verifying' : 'models.doVerify')}
          </Button>
          <Button
            aria-label={t('models.remove', { model: id })}
            onClick={() => {
              setRemoving(true);
            }}
          >
            {t('models.doRemove')}
          </Button>
        </>
      )}
    </li>
  );
}
