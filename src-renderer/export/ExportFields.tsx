import type { ReactNode } from 'react';
import { exportSounds, type ExportFormat } from '../../src-shared/core/export/index.ts';
import type { ExportChoices } from '../../src-shared/ipc/index.ts';
import type { Clip } from '../../src-shared/project/index.ts';
import { useText } from '../i18n/index.ts';
import { SelectField } from '../ui/Field.tsx';
import { Segments } from '../ui/Segments.tsx';
import { copiesFrames, formatsFor, type Chosen } from './export-choices.ts';
import { isPicture } from './export-request.ts';

interface FieldsProps {
  readonly clip: Clip;
  readonly choices: ExportChoices;
  readonly chosen: Chosen;
  /** All clips of the project are exported. */
  readonly isMany: boolean;
  readonly onChange: (next: Partial<Chosen>) => void;
}

/** What is exported and how: only what the format has a choice of. */
export function ExportFields({ clip, choices, chosen, isMany, onChange }: FieldsProps) {
  const t = useText();
  const { what, format, quality, encoder, sound, edge, frames, unchanged } = chosen;
  const { range } = clip;
  const row = choices.formats.find(({ id }) => id === format);
  return (
    <>
      <ExportField label={t('export.what')}>
        <Segments
          label={t('export.what')}
          value={what}
          options={(['edit', 'all', 'matte', 'patch'] as const)
            .filter((value) => !isMany || value !== 'edit')
            .map((value) => ({
              value,
              text: t(`export.what.${value}`),
            }))}
          onChange={(next) => onChange({ what: next })}
        />
      </ExportField>
      {what === 'patch' && <p className="export-about quiet">{t('export.about.patch')}</p>}
      {what === 'matte' && (
        <ExportField label={t('export.edge')}>
          <Segments
            label={t('export.edge')}
            value={edge}
            options={(['painted', 'blended'] as const).map((value) => ({
              value,
              text: t(`export.edge.${value}`),
            }))}
            onChange={(next) => onChange({ edge: next })}
          />
        </ExportField>
      )}
      <SelectField
        label={t('export.format')}
        value={format}
        options={formatsFor(what, choices).map(({ id }) => ({ value: id, text: t(`export.format.${id}`) }))}
        onChange={(next) => onChange({ format: next as ExportFormat })}
      />
      <p className="export-about quiet">{t(`export.about.${format}`)}</p>
      {row !== undefined && row.qualities.length > 1 && (
        <ExportField label={t('export.quality')}>
          <Segments
            label={t('export.quality')}
            value={quality}
            options={row.qualities.map((value) => ({ value, text: t(`export.quality.${value}`) }))}
            onChange={(next) => onChange({ quality: next })}
          />
        </ExportField>
      )}
      {(format === 'h264' || format === 'hevc') && (
        <ExportField label={t('export.encoder')}>
          <Segments
            label={t('export.encoder')}
            value={encoder}
            options={[
              { value: 'software', text: t('export.encoder.software') },
              {
                value: 'hardware',
                text: row?.hardware ?? t('export.encoder.hardware'),
                disabled: row?.hardware === undefined,
              },
            ]}
            onChange={(next) => onChange({ encoder: next })}
          />
          {row?.hardware === undefined && <p className="quiet">{t('export.noHardware')}</p>}
        </ExportField>
      )}
      {copiesFrames(chosen) && (
        <ExportField label={t('export.unchanged')}>
          <Segments
            label={t('export.unchanged')}
            value={unchanged}
            options={(['copy', 'encode'] as const).map((value) => ({
              value,
              text: t(`export.unchanged.${value}`),
            }))}
            onChange={(next) => onChange({ unchanged: next })}
          />
        </ExportField>
      )}
      {(range !== undefined || isMany) && (
        <ExportField label={t('export.frames')}>
          <Segments
            label={t('export.frames')}
            value={frames}
            options={[
              {
                value: 'range',
                text:
                  range === undefined || isMany
                    ? t('export.frames.ranges')
                    : t('export.frames.range', { from: range.startFrame, to: range.endFrame - 1 }),
              },
              {
                value: 'clip',
                text: isMany ? t('export.frames.clips') : t('export.frames.clip', { frames: clip.frames }),
              },
            ]}
            onChange={(next) => onChange({ frames: next })}
          />
        </ExportField>
      )}
      {isPicture(what) && row?.sound === true && (
        <ExportField label={t('export.sound')}>
          <Segments
            label={t('export.sound')}
            value={sound}
            options={exportSounds.map((value) => ({ value, text: t(`export.sound.${value}`) }))}
            onChange={(next) => onChange({ sound: next })}
          />
        </ExportField>
      )}
    </>
  );
}

interface ExportFieldProps {
  readonly label: string;
  readonly children: ReactNode;
}

/** A control whose label is its own: the text beside it is for the eyes. */
export function ExportField({ label, children }: ExportFieldProps) {
  return (
    <div className="field">
      <span className="label" aria-hidden="true">
        {label}
      </span>
      <div>{children}</div>
    </div>
  );
}
