import { useText } from '../i18n/index.ts';
import { activeEdit, changeEdit, useEditor } from '../state/editor-store.ts';
import { Slider } from '../ui/Slider.tsx';
import { presetStops, stopOf, takeStop } from './preset-stops.ts';
import { useEstimate } from './use-estimate.ts';
import './preset.css';

/** From quality to speed; it stands beside the estimate, which it moves most. */
export function PresetPanel() {
  const t = useText();
  const settings = useEditor((state) => activeEdit(state)?.settings);
  const schedule = useEstimate((state) => state.estimate?.schedule);
  if (settings === undefined) return null;
  const stops = presetStops(schedule);
  const at = stopOf(
    settings,
    stops,
    schedule?.stops?.map(({ delta }) => delta),
  );
  const { preset, delta } = stops[at];
  const choose = (index: number): void => {
    changeEdit(
      t('step.preset'),
      (edit) => {
        takeStop(edit.settings, stops[index]);
      },
      'preset',
    );
  };
  const last = stops.length - 1;
  return (
    <section className="preset" aria-label={t('preset.title')}>
      <Slider
        label={t('preset.label')}
        value={at}
        min={0}
        max={last}
        valueText={
          delta === undefined ? t(`preset.${preset}`) : t('preset.after', { preset: t(`preset.${preset}`) })
        }
        onChange={choose}
      />
      <div className="preset-names">
        {stops.map((stop, index) =>
          stop.delta !== undefined ? null : (
            <button
              key={stop.preset}
              type="button"
              // The slider is the control; these are for the pointer.
              tabIndex={-1}
              aria-pressed={index === at}
              style={{ left: `${(100 * index) / last}%`, translate: `-${(100 * index) / last}%` }}
              onClick={() => {
                choose(index);
              }}
            >
              {t(`preset.${stop.preset}`)}
            </button>
          ),
        )}
      </div>
    </section>
  );
}
