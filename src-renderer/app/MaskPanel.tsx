import { usualFeatherPx } from '../../src-shared/core/mask/index.ts';
import { useText } from '../i18n/index.ts';
import { activeEdit, changeEdit, useEditor } from '../state/editor-store.ts';
import { useView } from '../state/view-store.ts';
import { Button } from '../ui/Button.tsx';
import { Field, NumberField } from '../ui/Field.tsx';
import { Section } from '../ui/Section.tsx';
import { Segments } from '../ui/Segments.tsx';
import { ImportMatte, ObjectList } from './ObjectList.tsx';
import { ShapeFields } from './ShapeFields.tsx';
import './mask-panel.css';

/** What holds for the whole mask: grown, made a box, inverted, emptied; and the softness of a chosen stroke. */
export function MaskPanel() {
  const t = useText();
  const mask = useEditor((state) => activeEdit(state)?.mask);
  const feather = useEditor((state) => activeEdit(state)?.settings.feather);
  const index = useView((state) => state.shape);
  if (mask === undefined) return null;
  const chosen = index === null ? undefined : mask.shapes.at(index);
  const count = mask.shapes.length;
  return (
    <Section
      name="mask"
      title={t('mask.title')}
      aside={
        <span className="mask-aside quiet figures">
          {count === 0 ? t('mask.empty') : t('mask.shapes', { count })}
          <ImportMatte />
        </span>
      }
    >
      <ObjectList />
      <div className="mask-row">
        <NumberField
          label={t('mask.grow')}
          help={t('mask.growHelp')}
          value={mask.grow}
          min={-64}
          max={64}
          whole
          onChange={(grow) => {
            changeEdit(t('step.grow'), (edit) => void (edit.mask.grow = grow ?? 0), 'grow');
          }}
        />
        <Button
          aria-pressed={mask.invert}
          onClick={() => {
            changeEdit(t('step.invert'), (edit) => void (edit.mask.invert = !edit.mask.invert));
          }}
        >
          {t('mask.invert')}
        </Button>
        <Button
          disabled={count === 0}
          onClick={() => {
            changeEdit(t('step.clear'), (edit) => void (edit.mask.shapes = []));
          }}
        >
          {t('mask.clear')}
        </Button>
      </div>
      {chosen?.kind === 'stroke' && (
        <NumberField
          label={t('mask.softness')}
          help={t('mask.softnessHelp')}
          value={Math.round((chosen.softness ?? 0) * 100)}
          min={0}
          max={100}
          whole
          onChange={(percent = 0) => {
            changeEdit(
              t('step.softness'),
              ({ mask: { shapes } }) => {
                const shape = shapes[index ?? 0];
                if (shape.kind !== 'stroke') return;
                if (percent === 0) delete shape.softness;
                else shape.softness = percent / 100;
              },
              `softness-${index}`,
            );
          }}
        />
      )}
      <ShapeFields />
      <Field label={t('mask.covers')} help={t('mask.coversHelp')}>
        {() => (
          <Segments
            label={t('mask.covers')}
            value={mask.box === true ? 'box' : 'shape'}
            options={(['shape', 'box'] as const).map((value) => ({ value, text: t(`mask.covers.${value}`) }))}
            onChange={(covers) => {
              changeEdit(t('step.covers'), (edit) => {
                if (covers === 'box') edit.mask.box = true;
                else delete edit.mask.box;
              });
            }}
          />
        )}
      </Field>
      <NumberField
        label={t('mask.feather')}
        help={t('mask.featherHelp')}
        value={feather}
        placeholder={String(usualFeatherPx)}
        min={0}
        max={64}
        whole
        onChange={(pixels) => {
          changeEdit(
            t('step.feather'),
            ({ settings }) => {
              if (pixels === undefined) delete settings.feather;
              else settings.feather = pixels;
            },
            'feather',
          );
        }}
      />
    </Section>
  );
}
