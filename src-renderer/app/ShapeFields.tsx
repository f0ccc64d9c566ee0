import {
  easings,
  isPosed,
  keyBefore,
  withEasing,
  withRound,
  type PosedShape,
} from '../../src-shared/project/mask/index.ts';
import { useText, type TextKey } from '../i18n/index.ts';
import { activeEdit, changeEdit, useEditor } from '../state/editor-store.ts';
import { useView } from '../state/view-store.ts';
import { Field, SelectField } from '../ui/Field.tsx';
import { Segments } from '../ui/Segments.tsx';

/** Of the chosen shape: how it goes to its next keyframe, and a polygon's corners. */
export function ShapeFields() {
  const t = useText();
  const index = useView((state) => state.shape);
  const frame = useEditor((state) => state.frame);
  const shape = useEditor((state) => (index === null ? undefined : activeEdit(state)?.mask.shapes.at(index)));
  if (index === null || shape === undefined || !isPosed(shape)) return null;
  const change = (label: TextKey, next: (before: PosedShape) => PosedShape): void => {
    changeEdit(t(label), ({ mask: { shapes } }) => {
      shapes[index] = next(shapes[index] as PosedShape) as (typeof shapes)[number];
    });
  };
  const key = keyBefore(shape, frame);
  const round = shape.kind === 'polygon' ? roundCorners(shape) : undefined;
  return (
    <>
      {key !== undefined && (
        <SelectField
          label={t('shape.easing')}
          help={t('shape.easingHelp')}
          value={key.easing ?? 'straight'}
          options={(['straight', ...easings] as const).map((value) => ({
            value,
            text: t(`shape.easing.${value}`),
          }))}
          onChange={(value) => {
            const easing = easings.find((one) => one === value);
            change('step.easing', (before) => withEasing(before, key.frame, easing));
          }}
        />
      )}
      {round !== undefined && (
        <Field label={t('shape.cornersRound')} help={t('shape.cornersHelp')}>
          {() => (
            <Segments<'straight' | 'round' | ''>
              label={t('shape.cornersRound')}
              value={round}
              options={(['straight', 'round'] as const).map((value) => ({
                value,
                text: t(`shape.corners.${value}`),
              }))}
              onChange={(value) =>
                change('step.corners', (before) => withRound(before, 'all', value === 'round'))
              }
            />
          )}
        </Field>
      )}
    </>
  );
}

/** What all corners are; neither where some are round. */
function roundCorners({ keyframes }: Extract<PosedShape, { kind: 'polygon' }>): 'straight' | 'round' | '' {
  const [{ handles = [] }] = keyframes;
  if (handles.every((pair) => pair === null)) return 'straight';
  return handles.includes(null) ? '' : 'round';
}
