import { ImagePlus, X } from 'lucide-react';
import { useText } from '../i18n/index.ts';
import { chooseFile } from '../state/choose-file.ts';
import { changeEdit } from '../state/editor-store.ts';
import { attempt } from '../state/notices.ts';
import { Button, IconButton } from '../ui/Button.tsx';
import { Field } from '../ui/Field.tsx';
import { fileName, lookAt, SmallPicture } from './SmallPicture.tsx';

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
    await lookAt(chosen);
    set(chosen);
  };
  return (
    <Field label={t('prompt.reference')} help={t('prompt.referenceHelp')} stacked>
      {(id) => (
        <div className="reference">
          {path !== undefined && (
            <SmallPicture
              key={path}
              path={path}
              label={t('prompt.referencePicture', { name: fileName(path) })}
            />
          )}
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
