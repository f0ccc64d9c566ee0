import { FolderOpen } from 'lucide-react';
import { useEffect, useState } from 'react';
import { layersOf, type ExportChoices } from '../../src-shared/ipc/index.ts';
import { exportGaps, suggestedName, uniqueNames, type Clip } from '../../src-shared/project/index.ts';
import { formatBytes, useText } from '../i18n/index.ts';
import { backend } from '../state/backend.ts';
import { chooseFile } from '../state/choose-file.ts';
import { activeEdit, useEditor } from '../state/editor-store.ts';
import { closeExport, useExports } from '../state/exports.ts';
import { hasChangedSince, nameEdits, useFingerprints } from '../state/fingerprints.ts';
import { attempt } from '../state/notices.ts';
import { Button } from '../ui/Button.tsx';
import { Dialog } from '../ui/Dialog.tsx';
import { Segments } from '../ui/Segments.tsx';
import { fitsFormat, fitted, rememberChoices, rememberedChoices, type Chosen } from './export-choices.ts';
import { ExportField, ExportFields } from './ExportFields.tsx';
import { exportedEdits, exportRequest, isPicture, layerOfObject } from './export-request.ts';
import { ExportNotes } from './ExportNotes.tsx';
import { useExportPlan, type CheckedExport } from './use-export-plan.ts';

interface FormProps {
  readonly clip: Clip;
  readonly choices: ExportChoices;
}

/** What is exported, how, and where to. */
export function ExportForm({ clip, choices }: FormProps) {
  const t = useText();
  const edit = useEditor(activeEdit);
  const clips = useEditor((state) => state.history?.present.clips) ?? [];
  const [kept, setKept] = useState<Chosen>(rememberedChoices);
  const [place, setPlace] = useState<string | null>(null);
  const [allClips, setAllClips] = useState(false);
  const [starting, setStarting] = useState(false);
  const { object } = useExports();
  const isMany = allClips && object === null;
  const chosen = fitted(object === null ? kept : { ...kept, what: 'matte' }, choices);
  const { what, format } = chosen;
  const row = choices.formats.find(({ id }) => id === format);
  const kind = t(isPicture(what) ? 'export.name.clean' : `export.name.${what}`);
  const named = useFingerprints((state) => state.named);
  const shown = isMany ? clips : [clip];
  const exported = shown.map((one) => ({
    clip: one,
    edits: exportedEdits(one, isMany ? undefined : edit, what),
  }));
  const names = uniqueNames(shown.map(({ name }) => suggestedName(name, object?.name ?? kind, '')));
  const asked = exported.flatMap(({ clip: one, edits }, i) => {
    const layers =
      object === null || edit === undefined ? layersOf(edits) : [layerOfObject(edit, object.shape)];
    const into = place === null ? {} : isMany ? { into: { folder: place, name: names[i] } } : { path: place };
    const request = exportRequest(one, layers, chosen, into);
    return request === null ? [] : [request];
  });
  const checked = useExportPlan(asked);
  useEffect(() => nameEdits(exported.flatMap(({ edits }) => edits)), [clip, isMany]);
  const gaps =
    what === 'matte'
      ? []
      : exported.flatMap(({ clip: one, edits }) => {
          const whole = { startFrame: 0, endFrame: one.frames };
          const range = chosen.frames === 'clip' ? whole : (one.range ?? whole);
          return exportGaps(one, edits, range, (other) => hasChangedSince(other, named));
        });
  const change = (next: Partial<Chosen>): void => {
    if (next.what !== undefined) useExports.setState({ object: null });
    const all = { ...kept, ...next };
    setKept(all);
    rememberChoices(all);
    const wanted = fitted(all, choices).format;
    const endings = choices.formats.find(({ id }) => id === wanted)?.endings ?? [];
    if (!isMany && place !== null && !fitsFormat(place, endings)) setPlace(null);
  };
  const choosePlace = async (): Promise<void> => {
    const ending = checked.plan?.ending ?? row?.endings[0] ?? '';
    const found = isMany
      ? await chooseFile('exportFolder')
      : await chooseFile('export', suggestedName(clip.name, object?.name ?? kind, ending));
    if (found !== null) setPlace(found);
  };
  const start = async (): Promise<void> => {
    if (place === null) return;
    setStarting(true);
    const shownIds: string[] = [];
    try {
      for (const one of asked) shownIds.push((await backend().call('export.start', one)).id);
    } finally {
      if (shownIds.length > 0) useExports.setState({ shownIds });
      setStarting(false);
    }
  };
  const isReady = place !== null && checked.current && checked.failure === null && !starting;
  const noPlace = isMany || format === 'png' ? 'export.noFolder' : 'export.noPlace';
  return (
    <Dialog
      title={object === null ? t('export.title') : t('export.titleOf', { name: object.name })}
      open
      onClose={closeExport}
      foot={
        <>
          <Summary checked={checked} />
          <Button onClick={closeExport}>{t('cancel')}</Button>
          {place === null ? (
            <Button primary onClick={() => attempt(choosePlace)}>
              {t('export.choosePlace')}
            </Button>
          ) : (
            <Button primary disabled={!isReady} onClick={() => attempt(start)}>
              {t(gaps.length > 0 ? 'export.startWithout' : 'export.start')}
            </Button>
          )}
        </>
      }
    >
      <div className="export-form">
        {clips.length > 1 && object === null && (
          <ExportField label={t('export.clips')}>
            <Segments
              label={t('export.clips')}
              value={isMany ? 'all' : 'one'}
              options={[
                { value: 'one', text: t('export.clips.one') },
                { value: 'all', text: t('export.clips.all', { count: clips.length }) },
              ]}
              onChange={(next) => {
                setAllClips(next === 'all');
                setPlace(null);
                if (next === 'all' && what === 'edit') change({ what: 'all' });
              }}
            />
          </ExportField>
        )}
        <ExportFields clip={clip} choices={choices} chosen={chosen} isMany={isMany} onChange={change} />
        <ExportField label={t('export.place')}>
          <div className="input-row">
            <span className={place === null ? 'export-path quiet' : 'export-path'} title={place ?? undefined}>
              {place ?? t(noPlace)}
            </span>
            <Button onClick={() => attempt(choosePlace)}>
              <FolderOpen />
              {t('export.choose')}
            </Button>
          </div>
        </ExportField>
        <ExportNotes
          checked={checked}
          what={what}
          sound={chosen.sound}
          hasLayers={asked.length > 0}
          gaps={gaps}
        />
      </div>
    </Dialog>
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
