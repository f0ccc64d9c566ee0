import { useEffect, useState } from 'react';
import type { ComfyListing } from '../../src-shared/ipc/index.ts';
import { useText } from '../i18n/index.ts';
import { backend } from '../state/backend.ts';
import { showFailure } from '../state/notices.ts';
import { NumberField, SelectField } from '../ui/Field.tsx';

/** Files of a models folder, as paths; '' is none. */
export interface FileChoice {
  readonly transformer: string;
  readonly vae: string;
  readonly textEncoder: string;
  readonly lora: string;
  readonly strength: number;
}

export const noChoice: FileChoice = { transformer: '', vae: '', textEncoder: '', lora: '', strength: 1 };

/** What an import is asked for; nothing of a folder in the diffusers layout. */
export function importOf({ transformer, vae, textEncoder, lora, strength }: FileChoice): {
  files?: { transformer: string; vae: string; textEncoder?: string };
  lora?: { path: string; strength: number };
} {
  if (transformer === '') return {};
  return {
    files: { transformer, vae, ...(textEncoder === '' ? {} : { textEncoder }) },
    ...(lora === '' ? {} : { lora: { path: lora, strength } }),
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
        <SelectField
          label={t('models.files.lora')}
          help={t('models.files.loraHelp')}
          value={choice.lora}
          options={[none, ...options(loras)]}
          onChange={(lora) => {
            onChange({ ...choice, lora });
          }}
        />
      )}
      {choice.lora !== '' && (
        <NumberField
          label={t('models.files.strength')}
          value={choice.strength}
          min={-4}
          max={4}
          onChange={(strength = 1) => {
            onChange({ ...choice, strength });
          }}
        />
      )}
    </>
  );
}
