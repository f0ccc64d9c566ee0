import { useText } from '../i18n/index.ts';
import { attempt } from '../state/notices.ts';
import { Button } from '../ui/Button.tsx';
import { Dialog } from '../ui/Dialog.tsx';
import { useModelWork } from '../state/model-work.ts';

/** Asks whether a licence that restricts the use of a model is accepted; nothing is imported before. */
export function LicenceDialog() {
  const t = useText();
  const licence = useModelWork((state) => state.licence);
  if (licence === null) return null;
  const close = (): void => useModelWork.setState({ licence: null });
  return (
    <Dialog
      title={t('models.licence', { model: licence.modelId })}
      open
      onClose={close}
      foot={
        <>
          <Button onClick={close}>{t('cancel')}</Button>
          <Button
            primary
            onClick={() => {
              close();
              attempt(licence.accept);
            }}
          >
            {t('models.licenceAccept')}
          </Button>
        </>
      }
    >
      <p>{licence.text}</p>
      <p className="quiet">{t('models.licenceQuestion')}</p>
    </Dialog>
  );
}
