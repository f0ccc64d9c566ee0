import { ImagePlus, X } from 'lucide-react';
import { useEffect, useState } from 'react';
import type { PicturePreview } from '../../src-shared/ipc/index.ts';
import { useText } from '../i18n/index.ts';
import { backend } from '../state/backend.ts';
import { chooseFile } from '../state/choose-file.ts';
import { changeEdit } from '../state/editor-store.ts';
import { attempt } from '../state/notices.ts';
import { Button, IconButton } from '../ui/Button.tsx';
import { Field } from '../ui/Field.tsx';
import { RgbCanvas } from '../ui/RgbCanvas.tsx';

/** A picture of what should be generated: chosen, seen small, taken away. */
export function ReferencePicture({ path }: { readonly path: string | undefined }) {
  const t = useText();
  const set = (next: string | undefined): void => {
    changeEdit(t('step.reference'), ({ settings }) => {
      if (next === undefined) delete settings.referencePath;
      else settings.referencePath = next;
    });
  };
  const choose = async (): Promise<void> => {
    const chosen = await chooseFile('picture');
    if (chosen === null) return;
    // What is no picture is refused here, not when the job has begun.
    await backend().call('files.picture', { path: chosen });
    set(chosen);
  };
  return (
    <Field label={t('prompt.reference')} help={t('prompt.referenceHelp')} stacked>
      {(id) => (
        <div className="reference">
          {path !== undefined && <Small key={path} path={path} />}
          <Button
            id={id}
            aria-label={`${t('prompt.reference')}: ${t('prompt.chooseReference')}`}
            onClick={() => attempt(choose)}
          >
            <ImagePlus size={14} />
            {t('prompt.chooseReference')}
          </Button>
          {path !== undefined && (
            <IconButton label={t('prompt.clearReference')} onClick={() => set(undefined)}>
              <X />
            </IconButton>
          )}
        </div>
      )}
    </Field>
  );
}

function Small({ path }: { readonly path: string }) {
  const t = useText();
  const [picture, setPicture] = useState<PicturePreview | 'missing' | null>(null);
  const name = path.split(/[\\/]/).at(-1) ?? path;
  useEffect(() => {
    let gone = false;
    backend()
      .call('files.picture', { path })
      .then((found) => {
        if (!gone) setPicture(found);
      })
      .catch(() => {
        if (!gone) setPicture('missing');
      });
    return () => {
      gone = true;
    };
  }, [path]);
  if (picture === null) return <span className="reference-picture" />;
  if (picture === 'missing') return <span className="danger">{t('prompt.referenceMissing', { name })}</span>;
  return (
    <span className="reference-picture" title={`${name}, ${picture.width} × ${picture.height}`}>
      <RgbCanvas {...picture.small} label={t('prompt.referencePicture', { name })} />
    </span>
  );
}
