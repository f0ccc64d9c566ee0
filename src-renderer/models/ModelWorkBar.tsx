import { useText } from '../i18n/index.ts';
import { stopWork, type ModelWork } from '../state/model-work.ts';
import { WorkBar } from '../ui/WorkBar.tsx';

/** Progress of what is being done to a model, and a button that stops it. */
export function ModelWorkBar({
  modelId: model,
  work: { text, share },
}: {
  readonly modelId: string;
  readonly work: ModelWork;
}) {
  const t = useText();
  return (
    <WorkBar
      label={t('models.progress', { model })}
      text={text}
      share={share}
      stop={{
        label: t('models.stop', { model }),
        text: t('models.doStop'),
        onStop: () => {
          stopWork(model);
        },
      }}
    />
  );
}
