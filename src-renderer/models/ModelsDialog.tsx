import { useEffect, useState } from 'react';
import { create } from 'zustand';
import type { ModelRow } from '../../src-shared/ipc/index.ts';
import { formatBytes, useText } from '../i18n/index.ts';
import { backend } from '../state/backend.ts';
import { chooseFile } from '../state/choose-file.ts';
import { useEditor } from '../state/editor-store.ts';
import { attempt, showFailure } from '../state/notices.ts';
import { starterId } from '../state/run-edit.ts';
import { Button } from '../ui/Button.tsx';
import { Dialog } from '../ui/Dialog.tsx';
import { Field, SelectField } from '../ui/Field.tsx';
import { isModelName, modelNameOf } from './model-name.ts';
import './models.css';

type Precision = 'fp32' | 'fp16';

interface PageProps {
  readonly open: boolean;
  readonly onClose: () => void;
}

interface Work {
  readonly kind: 'import' | 'verify';
  /** 0…1; null before the first report. */
  readonly share: number | null;
  readonly text: string;
}

/** What is being imported or checked, by the model's name; it goes on while the page is closed. */
const useWork = create<{ readonly works: Readonly<Record<string, Work>> }>()(() => ({ works: {} }));
let listening = false;

function listen(): void {
  if (listening) return;
  listening = true;
  backend().on('models.progress', ({ modelId, share, text }) => {
    useWork.setState(({ works }) => {
      const work = works[modelId];
      return work === undefined ? {} : { works: { ...works, [modelId]: { ...work, share, text } } };
    });
  });
}

/** Shows the work while it runs. That it was stopped is no failure. */
async function during(modelId: string, kind: Work['kind'], work: () => Promise<unknown>): Promise<boolean> {
  listen();
  useWork.setState(({ works }) => ({ works: { ...works, [modelId]: { kind, share: null, text: '' } } }));
  try {
    await work();
    return true;
  } catch (error) {
    if ((error as { code?: unknown }).code !== 'cancelled') throw error;
    return false;
  } finally {
    useWork.setState(({ works: { [modelId]: _, ...works } }) => ({ works }));
  }
}

/** The models of this machine. */
export function ModelsDialog({ open, onClose }: PageProps) {
  const t = useText();
  const models = useEditor((state) => state.models);
  const works = useWork((state) => state.works);
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
            <WorkBar modelId={modelId} work={work} />
          </li>
        ))}
        {source !== null && (
          <ImportForm
            path={source}
            taken={models.map(({ id }) => id)}
            onSettle={() => {
              setSource(null);
            }}
          />
        )}
      </ul>
    </Dialog>
  );
}

interface ImportFormProps {
  readonly path: string;
  readonly taken: readonly string[];
  readonly onSettle: () => void;
}

/** How the chosen folder is taken in. */
function ImportForm({ path, taken, onSettle }: ImportFormProps) {
  const t = useText();
  const [name, setName] = useState(() => modelNameOf(path, taken));
  const [precision, setPrecision] = useState<Precision>('fp32');
  const wrong = !isModelName(name)
    ? t('models.nameHelp')
    : taken.includes(name)
      ? t('models.nameTaken')
      : null;
  return (
    <li className="entry">
      <form
        className="model-form"
        onSubmit={(event) => {
          event.preventDefault();
          if (wrong !== null) return;
          onSettle();
          attempt(() =>
            during(name, 'import', () => backend().call('models.import', { path, modelId: name, precision })),
          );
        }}
      >
        <h3>{t('models.importFrom', { path })}</h3>
        <Field label={t('models.name')} help={t('models.nameHelp')}>
          {(id) => (
            <input
              id={id}
              className="input"
              autoComplete="off"
              value={name}
              aria-invalid={wrong !== null}
              onChange={({ target }) => {
                setName(target.value);
              }}
            />
          )}
        </Field>
        <SelectField
          label={t('models.precision')}
          help={t('models.precisionHelp')}
          value={precision}
          options={(['fp32', 'fp16'] as const).map((value) => ({
            value,
            text: t(`models.precision.${value}`),
          }))}
          onChange={(value) => {
            setPrecision(value as Precision);
          }}
        />
        <div className="model-work">
          <p className="dialog-hint model-problem" role="status">
            {wrong}
          </p>
          <Button onClick={onSettle}>{t('cancel')}</Button>
          <Button primary type="submit" disabled={wrong !== null}>
            {t('models.doImport')}
          </Button>
        </div>
      </form>
    </li>
  );
}

function WorkBar({ modelId, work: { share, text } }: { readonly modelId: string; readonly work: Work }) {
  const t = useText();
  return (
    <div className="model-work figures">
      <span className="quiet">{text}</span>
      <progress
        aria-label={t('models.progress', { model: modelId })}
        {...(share !== null && { value: share })}
      />
      <Button
        aria-label={t('models.stop', { model: modelId })}
        onClick={() => {
          attempt(() => backend().call('models.stop', { modelId }));
        }}
      >
        {t('models.doStop')}
      </Button>
    </div>
  );
}

function ModelItem({ model: { id, bytes, precision, readsPrompts, problem } }: { readonly model: ModelRow }) {
  const t = useText();
  const work = useWork((state) => state.works[id]);
  const [verified, setVerified] = useState(false);
  const facts = [
    // What cannot be read has no size.
    ...(bytes === 0 ? [] : [formatBytes(bytes)]),
    ...(precision === undefined ? [] : [precision]),
    t(readsPrompts ? 'models.prompts' : 'models.noPrompts'),
    ...(id === starterId ? [t('models.brought')] : []),
  ];
  return (
    <li className="entry">
      <div className="entry-text">
        <h3>{id}</h3>
        <p className="quiet figures">{facts.join(' · ')}</p>
        {problem !== undefined && <p className="model-problem">{problem}</p>}
        {verified && (
          <p className="model-verified" role="status">
            {t('models.verified')}
          </p>
        )}
      </div>
      {work !== undefined ? (
        <WorkBar modelId={id} work={work} />
      ) : (
        <ModelButtons
          id={id}
          onVerify={() => {
            setVerified(false);
            attempt(async () => {
              setVerified(await during(id, 'verify', () => backend().call('models.verify', { modelId: id })));
            });
          }}
        />
      )}
    </li>
  );
}

function ModelButtons({ id, onVerify }: { readonly id: string; readonly onVerify: () => void }) {
  const t = useText();
  const [removing, setRemoving] = useState(false);
  if (removing) {
    return (
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
    );
  }
  return (
    <>
      <Button aria-label={t('models.verify', { model: id })} onClick={onVerify}>
        {t('models.doVerify')}
      </Button>
      {/* The starter would come back with the next job. */}
      {id !== starterId && (
        <Button
          aria-label={t('models.remove', { model: id })}
          onClick={() => {
            setRemoving(true);
          }}
        >
          {t('models.doRemove')}
        </Button>
      )}
    </>
  );
}
