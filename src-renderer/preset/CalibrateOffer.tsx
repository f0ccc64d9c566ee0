import { modelOf } from '../../src-shared/project/index.ts';
import { formatSeconds, useText } from '../i18n/index.ts';
import { backend } from '../state/backend.ts';
import { activeClip, activeEdit, useEditor } from '../state/editor-store.ts';
import { questionOf } from '../state/fingerprints.ts';
import { stopWork, useModelWork, whileShown } from '../state/model-work.ts';
import { attempt } from '../state/notices.ts';
import { Button } from '../ui/Button.tsx';
import { WorkBar } from '../ui/WorkBar.tsx';

/** Calibrates the active edit's model on its own clip, with its steps and guidance. `seconds`: what that takes. */
export function CalibrateOffer({ seconds }: { readonly seconds: number }) {
  const t = useText();
  const edit = useEditor(activeEdit);
  const clipPath = useEditor((state) => activeClip(state)?.path);
  const modelId = edit && modelOf(edit.settings);
  const work = useModelWork((state) => (modelId === undefined ? undefined : state.works[modelId]));
  if (edit === undefined || clipPath === undefined || modelId === undefined) return null;
  if (work !== undefined) {
    const onStop = (): void => {
      stopWork(modelId);
    };
    return (
      <WorkBar
        label={t('estimate.calibrating')}
        text={work.text}
        share={work.share}
        stop={{ label: t('estimate.stopCalibrating'), text: t('models.doStop'), onStop }}
      />
    );
  }
  return (
    <Button
      className="calibrate"
      onClick={() => {
        attempt(() =>
          whileShown(modelId, 'calibrate', () =>
            backend().call('models.calibrate', { modelId, edit: { clipPath, ...questionOf(edit) } }),
          ),
        );
      }}
    >
      {t('estimate.calibrate', { time: formatSeconds(seconds) })}
    </Button>
  );
}
