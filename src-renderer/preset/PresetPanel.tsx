import { presets, type PresetName } from '../../src-shared/core/presets/index.ts';
import { useText } from '../i18n/index.ts';
import { activeEdit, changeEdit, useEditor } from '../state/editor-store.ts';
import { Slider } from '../ui/Slider.tsx';
import { useEstimate } from './use-estimate.ts';
import './preset.css';

/** From the slowest to the fastest. */
const allNames = Object.keys(presets) as PresetName[];

/** From quality to speed; it stands beside the estimate, which it moves most. */
export function PresetPanel() {
  const t = useText();
  const settings = useEditor((state) => activeEdit(state)?.settings);
  // A model whose curve has no room for three has fewer.
  const distinct = useEstimate((state) => state.estimate?.schedule?.presets);
  if (settings === undefined) return null;
  const names = distinct === undefined || distinct.length < 2 ? allNames : distinct;
  // One that is not offered runs as the one before it does.
  const preset = names.findLast((name) => allNames.indexOf(name) <= allNames.indexOf(settings.preset))!;
  const choose = (name: PresetName): void => {
    changeEdit(t('step.preset'), (edit) => void (edit.settings.preset = name), 'preset');
  };
  return (
    <section className="preset" aria-label={t('preset.title')}>
      <Slider
        label={t('preset.label')}
        value={names.indexOf(preset)}
        min={0}
        max={names.length - 1}
        valueText={t(`preset.${preset}`)}
        onChange={(at) => {
          choose(names[at]);
        }}
      />
      <div className="preset-names">
        {names.map((name) => (
          <button
            key={name}
            type="button"
            // The slider is the control; these are for the pointer.
            tabIndex={-1}
            aria-pressed={name === preset}
            onClick={() => {
              choose(name);
            }}
          >
            {t(`preset.${name}`)}
          </button>
        ))}
      </div>
    </section>
  );
}
