import { FolderOpen, Info, TriangleAlert } from 'lucide-react';
import { useState, type ReactNode } from 'react';
import type { ExportChoices, ExportFormatId, ExportPlan } from '../../src-shared/ipc/index.ts';
import type { Clip, Edit } from '../../src-shared/project/index.ts';
import { formatBytes, useText } from '../i18n/index.ts';
import { backend } from '../state/backend.ts';
import { chooseFile } from '../state/choose-file.ts';
import { activeEdit, useEditor } from '../state/editor-store.ts';
import { closeExport, useExports } from '../state/exports.ts';
import { attempt } from '../state/notices.ts';
import { Button } from '../ui/Button.tsx';
import { Dialog } from '../ui/Dialog.tsx';
import { SelectField } from '../ui/Field.tsx';
import { Segments } from '../ui/Segments.tsx';
import {
  fitsFormat,
  fitted,
  formatsFor,
  rememberChoices,
  rememberedChoices,
  suggestedName,
  type Chosen,
} from './export-choices.ts';
import { useExportPlan, type ExportRequest, type CheckedExport } from './use-export-plan.ts';

interface FormProps {
  readonly clip: Clip;
  readonly choices: ExportChoices;
}

/** The clip as a whole, with its sound; else something to be laid over it. */
const isPicture = (what: Chosen['what']): what is 'edit' | 'all' => what === 'edit' || what === 'all';

type Layer = ExportRequest['layers'][number];

/** The edits that are written, from the lowest to the topmost. */
function layersOf(clip: Clip, edit: Edit | undefined, what: Chosen['what']): Layer[] {
  const edits = what === 'edit' && edit !== undefined ? [edit] : clip.edits.filter(({ enabled }) => enabled);
  // A matte is that of the edit in hand, where there is one.
  const shown = what === 'matte' && edit !== undefined ? [edit] : edits;
  return shown.map(({ mask, settings: { feather }, result }) => ({
    mask,
    ...(feather === undefined ? {} : { feather }),
    ...(result === undefined
      ? {}
      : {
          result: { path: result.path, ...(result.range === undefined ? {} : { range: result.range }) },
        }),
  }));
}

export function ExportForm({ clip, choices }: FormProps) {
  const t = useText();
  const edit = useEditor(activeEdit);
  const [kept, setKept] = useState<Chosen>(rememberedChoices);
  const [path, setPath] = useState<string | null>(null);
  const [starting, setStarting] = useState(false);
  const chosen = fitted(kept, choices);
  const { what, format, quality, encoder, sound, edge, frames } = chosen;
  const row = choices.formats.find(({ id }) => id === format);
  const layers = layersOf(clip, edit, what);
  const { range } = clip;
  const asked: ExportRequest | null =
    layers.length === 0
      ? null
      : {
          clipPath: clip.path,
          what: isPicture(what) ? 'picture' : what,
          layers,
          edge,
          ...(range === undefined || frames === 'clip' ? {} : { range }),
          ...{ format, quality, encoder, sound },
          ...(path === null ? {} : { path }),
        };
  const checked = useExportPlan(asked);
  const change = (next: Partial<Chosen>): void => {
    const all = { ...kept, ...next };
    setKept(all);
    rememberChoices(all);
    const wanted = fitted(all, choices).format;
    const endings = choices.formats.find(({ id }) => id === wanted)?.endings ?? [];
    if (path !== null && !fitsFormat(path, endings)) setPath(null);
  };
  const choosePlace = async (): Promise<void> => {
    const ending = checked.plan?.ending ?? row?.endings[0] ?? '';
    const kind = t(isPicture(what) ? 'export.name.clean' : `export.name.${what}`);
    const found = await chooseFile('export', suggestedName(clip.name, kind, ending));
    if (found !== null) setPath(found);
  };
  const start = async (): Promise<void> => {
    if (asked === null || path === null) return;
    setStarting(true);
    try {
      const { id } = await backend().call('export.start', { ...asked, path });
      useExports.setState({ shownId: id });
    } finally {
      setStarting(false);
    }
  };
  const isReady = path !== null && checked.current && checked.failure === null && !starting;
  return (
    <Dialog
      title={t('export.title')}
      open
      onClose={closeExport}
      foot={
        <>
          <Summary checked={checked} />
          <Button onClick={closeExport}>{t('cancel')}</Button>
          {path === null ? (
            <Button primary onClick={() => attempt(choosePlace)}>
              {t('export.choosePlace')}
            </Button>
          ) : (
            <Button primary disabled={!isReady} onClick={() => attempt(start)}>
              {t('export.start')}
            </Button>
          )}
        </>
      }
    >
      <div className="export-form">
        <Row label={t('export.what')}>
          <Segments
            label={t('export.what')}
            value={what}
            options={(['edit', 'all', 'matte', 'patch'] as const).map((value) => ({
              value,
              text: t(`export.what.${value}`),
            }))}
            onChange={(next) => change({ what: next })}
          />
        </Row>
        {what === 'patch' && <p className="export-about quiet">{t('export.about.patch')}</p>}
        {what === 'matte' && (
          <Row label={t('export.edge')}>
            <Segments
              label={t('export.edge')}
              value={edge}
              options={(['painted', 'blended'] as const).map((value) => ({
                value,
                text: t(`export.edge.${value}`),
              }))}
              onChange={(next) => change({ edge: next })}
            />
          </Row>
        )}
        <SelectField
          label={t('export.format')}
          value={format}
          options={formatsFor(what, choices).map(({ id }) => ({ value: id, text: t(`export.format.${id}`) }))}
          onChange={(next) => change({ format: next as ExportFormatId })}
        />
        <p className="export-about quiet">{t(`export.about.${format}`)}</p>
        {row !== undefined && row.qualities.length > 1 && (
          <Row label={t('export.quality')}>
            <Segments
              label={t('export.quality')}
              value={quality}
              options={row.qualities.map((value) => ({ value, text: t(`export.quality.${value}`) }))}
              onChange={(next) => change({ quality: next })}
            />
          </Row>
        )}
        {(format === 'h264' || format === 'hevc') && (
          <Row label={t('export.encoder')}>
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
              onChange={(next) => change({ encoder: next })}
            />
            {row?.hardware === undefined && <p className="quiet">{t('export.noHardware')}</p>}
          </Row>
        )}
        {range !== undefined && (
          <Row label={t('export.frames')}>
            <Segments
              label={t('export.frames')}
              value={frames}
              options={[
                {
                  value: 'range',
                  text: t('export.frames.range', { from: range.startFrame, to: range.endFrame - 1 }),
                },
                { value: 'clip', text: t('export.frames.clip', { frames: clip.frames }) },
              ]}
              onChange={(next) => change({ frames: next })}
            />
          </Row>
        )}
        {isPicture(what) && row?.sound === true && (
          <Row label={t('export.sound')}>
            <Segments
              label={t('export.sound')}
              value={sound ? 'copy' : 'none'}
              options={(['copy', 'none'] as const).map((value) => ({
                value,
                text: t(`export.sound.${value}`),
              }))}
              onChange={(next) => change({ sound: next === 'copy' })}
            />
          </Row>
        )}
        <Row label={t('export.place')}>
          <div className="input-row">
            <span className={path === null ? 'export-path quiet' : 'export-path'} title={path ?? undefined}>
              {path ?? t(format === 'png' ? 'export.noFolder' : 'export.noPlace')}
            </span>
            <Button onClick={() => attempt(choosePlace)}>
              <FolderOpen />
              {t('export.choose')}
            </Button>
          </div>
        </Row>
        <Notes checked={checked} what={what} hasLayers={layers.length > 0} />
      </div>
    </Dialog>
  );
}

interface RowProps {
  readonly label: string;
  readonly children: ReactNode;
}

/** A control whose label is its own: the text beside it is for the eyes. */
function Row({ label, children }: RowProps) {
  return (
    <div className="field">
      <span className="label" aria-hidden="true">
        {label}
      </span>
      <div>{children}</div>
    </div>
  );
}

/** Length and size of what is going to be written. */
function Summary({ checked: { plan } }: { readonly checked: CheckedExport }) {
  const t = useText();
  return (
    <p className="dialog-hint quiet figures" role="status">
      {plan !== null && (
        <>
          {t('export.summary', { count: plan.frames, size: formatBytes(plan.bytes) })}
          {plan.freeBytes !== undefined && ` · ${t('export.free', { size: formatBytes(plan.freeBytes) })}`}
        </>
      )}
    </p>
  );
}

interface NotesProps {
  readonly checked: CheckedExport;
  readonly what: Chosen['what'];
  readonly hasLayers: boolean;
}

function Notes({ checked: { plan, failure }, what, hasLayers }: NotesProps) {
  const t = useText();
  if (!hasLayers) return <Note text={t('export.noEdits')} isWarning />;
  if (failure !== null) {
    const explained = failure.code === 'nothing-to-export';
    return explained ? (
      <Note text={t('export.noResult')} isWarning />
    ) : (
      <Note text={failure.message} hint={failure.hint} isWarning />
    );
  }
  if (plan === null) return null;
  return (
    <>
      {plan.replaces && <Note text={t('export.replaces')} isWarning />}
      {plan.freeBytes !== undefined && plan.bytes > plan.freeBytes && (
        <Note text={t('export.tight')} isWarning />
      )}
      {isPicture(what) && <SoundNote plan={plan} />}
      {plan.notes.map((note) => (
        <Note key={note} text={note} />
      ))}
    </>
  );
}

function SoundNote({ plan }: { readonly plan: ExportPlan }) {
  const t = useText();
  if (plan.sound.length > 0) {
    return (
      <Note text={t('export.soundKept', { codecs: [...new Set(plan.sound)].join(', ').toUpperCase() })} />
    );
  }
  return plan.leavesSound ? <Note text={t('export.soundLeft')} /> : null;
}

interface NoteProps {
  readonly text: string;
  readonly hint?: string;
  readonly isWarning?: boolean;
}

function Note({ text, hint, isWarning = false }: NoteProps) {
  const Icon = isWarning ? TriangleAlert : Info;
  return (
    <p
      className={isWarning ? 'export-note warning' : 'export-note quiet'}
      role={isWarning ? 'alert' : undefined}
    >
      <Icon size={14} aria-hidden="true" />
      <span>
        {text}
        {hint !== undefined && <span className="quiet"> {hint}</span>}
      </span>
    </p>
  );
}
