import { useText } from '../i18n/index.ts';
import { backend } from '../state/backend.ts';
import { attempt } from '../state/notices.ts';
import { Button } from '../ui/Button.tsx';
import type { ModelWork } from './model-work.ts';

/** Progress of an import or a check, and a button that stops it. */
export function WorkBar({
  modelId,
  work: { share, text },
}: {
  readonly modelId: string;
  readonly work: ModelWork;
}) {
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
