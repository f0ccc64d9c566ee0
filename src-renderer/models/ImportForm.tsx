import { useState } from 'react';
import { textPrecisions } from '../../src-shared/ipc/index.ts';
import { useText } from '../i18n/index.ts';
import { backend, useBackend } from '../state/backend.ts';
import { attempt } from '../state/notices.ts';
import { Button } from '../ui/Button.tsx';
import { Field, SelectField } from '../ui/Field.tsx';
import { FileFields, importOf, noChoice, useListing, type FileChoice } from './FileFields.tsx';
import { isModelName, modelNameOf } from './model-name.ts';
import { whileShown } from '../state/model-work.ts';

type Precision = 'fp32' | 'fp16';
type TextPrecision = (typeof textPrecisions)[number];

interface ImportFormProps {
  readonly path: string;
  readonly taken: readonly string[];
  readonly onDone: () => void;
}

/** Asks for name and precision of the model in a chosen folder, and imports it. */
export function ImportForm({ path, taken, onDone }: ImportFormProps) {
  const t = useText();
  const [name, setName] = useState(() => modelNameOf(path, taken));
  // Half precision is what cards compute in.
  const [precision, setPrecision] = useState<Precision>(() => {
    const provider = useBackend.getState().device?.provider ?? 'cpu';
    return provider === 'cpu' ? 'fp32' : 'fp16';
  });
  const [textPrecision, setTextPrecision] = useState<TextPrecision | ''>('');
  const [choice, setChoice] = useState<FileChoice>(noChoice);
  const listing = useListing(path, setChoice);
  const isPart = listing !== null && (choice.transformer === '' || choice.vae === '');
  const wrong = isPart
    ? t('models.files.absent')
    : !isModelName(name)
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
          onDone();
          attempt(() =>
            whileShown(name, 'import', (acceptLicence) =>
              backend().call('models.import', {
                path,
                modelId: name,
                precision,
                ...(textPrecision === '' ? {} : { textPrecision }),
                acceptLicence,
                ...importOf(choice),
              }),
            ),
          );
        }}
      >
        <h3>{t('models.importFrom', { path })}</h3>
        {listing !== null && <FileFields listing={listing} choice={choice} onChange={setChoice} />}
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
        <SelectField
          label={t('models.textPrecision')}
          help={t('models.textPrecisionHelp')}
          value={textPrecision}
          options={[
            { value: '', text: t('models.textPrecision.auto') },
            ...textPrecisions.map((value) => ({ value, text: value })),
          ]}
          onChange={(value) => {
            setTextPrecision(value as TextPrecision | '');
          }}
        />
        <div className="model-work">
          <p className="dialog-hint model-problem" role="status">
            {wrong}
          </p>
          <Button onClick={onDone}>{t('cancel')}</Button>
          <Button primary type="submit" disabled={wrong !== null}>
            {t('models.doImport')}
          </Button>
        </div>
      </form>
    </li>
  );
}
