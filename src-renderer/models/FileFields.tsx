import { Fragment, useEffect, useState } from 'react';
import type { ComfyListing, RequestInput } from '../../src-shared/ipc/index.ts';
import { useText } from '../i18n/index.ts';
import { backend } from '../state/backend.ts';
import { showFailure } from '../state/notices.ts';
import { NumberField, SelectField } from '../ui/Field.tsx';

interface LoraChoice {
  readonly path: string;
  readonly strength: number;
}

/** Files of a models folder, as paths; '' is none. */
export interface FileChoice {
  readonly transformer: string;
  readonly vae: string;
  readonly textEncoder: string;
  readonly loras: readonly LoraChoice[];
  /** What the LoRAs ask for; absent: the model's own. */
  readonly steps?: number | undefined;
  readonly guidanceScale?: number | undefined;
}

export const noChoice: FileChoice = { transformer: '', vae: '', textEncoder: '', loras: [] };

/** What an import is asked for; nothing of a folder in the diffusers layout. */
export function importOf({
  transformer,
  vae,
  textEncoder,
  loras,
  steps,
  guidanceScale,
}: FileChoice): Pick<RequestInput<'models.import'>, 'files' | 'loras' | 'steps' | 'guidanceScale'> {
  if (transformer === '') return {};
  return {
    files: { transformer, vae, ...(textEncoder === '' ? {} : { textEncoder }) },
    loras: [...loras],
    ...(steps === undefined ? {} : { steps }),
    ...(guidanceScale === undefined ? {} : { guidanceScale }),
  };
}

/** What can be used of a models folder of ComfyUI, the first of each chosen; null of other folders. */
export function useListing(path: string, onListed: (choice: FileChoice) => void): ComfyListing | null {
  const [listing, setListing] = useState<ComfyListing | null>(null);
  useEffect(() => {
    backend()
      .call('models.inspect', { path })
      .then((found) => {
        setListing(found);
        if (found === null) return;
        const first = (files: readonly string[]): string => files.at(0) ?? '';
        onListed({
          ...noChoice,
          transformer: first(found.transformers),
          vae: first(found.vaes),
          textEncoder: first(found.textEncoders),
        });
      })
      .catch(showFailure);
  }, [path, onListed]);
  return listing;
}

interface FileFieldsProps {
  readonly listing: ComfyListing;
  readonly choice: FileChoice;
  readonly onChange: (choice: FileChoice) => void;
}

/** Chooses among the single files of a models folder. */
export function FileFields({ listing, choice, onChange }: FileFieldsProps) {
  const t = useText();
  const { root, transformers, vaes, textEncoders, loras } = listing;
  const options = (files: readonly string[]) =>
    files.map((value) => ({ value, text: value.startsWith(root) ? value.slice(root.length + 1) : value }));
  const none = { value: '', text: t('models.files.none') };
  return (
    <>
      <SelectField
        label={t('models.files.transformer')}
        value={choice.transformer}
        options={options(transformers)}
        onChange={(transformer) => {
          onChange({ ...choice, transformer });
        }}
      />
      <SelectField
        label={t('models.files.vae')}
        value={choice.vae}
        options={options(vaes)}
        onChange={(vae) => {
          onChange({ ...choice, vae });
        }}
      />
      <SelectField
        label={t('models.files.textEncoder')}
        help={t('models.files.noText')}
        value={choice.textEncoder}
        options={[none, ...options(textEncoders)]}
        onChange={(textEncoder) => {
          onChange({ ...choice, textEncoder });
        }}
      />
      {loras.length > 0 && (
        <LoraFields options={[none, ...options(loras)]} choice={choice} onChange={onChange} />
      )}
    </>
  );
}

interface LoraFieldsProps extends Pick<FileFieldsProps, 'choice' | 'onChange'> {
  /** The first one is none. */
  readonly options: readonly { readonly value: string; readonly text: string }[];
}

/** A row for each LoRA that is merged, and one to add another; then the steps and the guidance that they ask for. */
function LoraFields({ options, choice, onChange }: LoraFieldsProps) {
  const t = useText();
  const { loras, steps, guidanceScale } = choice;
  const change = (at: number, next: LoraChoice | null): void => {
    const rows = [...loras.slice(0, at), ...(next === null ? [] : [next]), ...loras.slice(at + 1)];
    onChange({ ...choice, loras: rows });
  };
  const free = options.filter(({ value }) => !loras.some(({ path }) => path === value));
  return (
    <>
      {loras.map(({ path, strength }, at) => (
        <Fragment key={path}>
          <SelectField
            label={t('models.files.lora')}
            value={path}
            options={options.filter(({ value }) => value === path || free.some((one) => one.value === value))}
            onChange={(next) => {
              change(at, next === '' ? null : { path: next, strength });
            }}
          />
          <NumberField
            label={t('models.files.strength')}
            value={strength}
            min={-4}
            max={4}
            onChange={(next = 1) => {
              change(at, { path, strength: next });
            }}
          />
        </Fragment>
      ))}
      {free.length > 1 && (
        <SelectField
          label={t(loras.length === 0 ? 'models.files.lora' : 'models.files.moreLora')}
          help={t('models.files.loraHelp')}
          value=""
          options={free}
          onChange={(path) => {
            if (path !== '') change(loras.length, { path, strength: 1 });
          }}
        />
      )}
      {loras.length > 0 && (
        <>
          <NumberField
            label={t('models.files.steps')}
            whole
            help={t('models.files.stepsHelp')}
            value={steps}
            min={1}
            max={1000}
            onChange={(next) => {
              onChange({ ...choice, steps: next });
            }}
          />
          <NumberField
            label={t('models.files.guidance')}
            value={guidanceScale}
            min={1}
            max={100}
            onChange={(next) => {
              onChange({ ...choice, guidanceScale: next });
            }}
          />
        </>
      )}
    </>
  );
}
