import { FolderOpen } from 'lucide-react';
import { useEffect, useState } from 'react';
import type { ExportChoices } from '../../src-shared/ipc/index.ts';
import type { Clip } from '../../src-shared/project/index.ts';
import { formatBytes, useText } from '../i18n/index.ts';
import { backend } from '../state/backend.ts';
import { chooseFile } from '../state/choose-file.ts';
import { activeEdit, useEditor } from '../state/editor-store.ts';
import { closeExport, useExports } from '../state/exports.ts';
import { nameEdits, useFingerprints } from '../state/fingerprints.ts';
import { attempt } from '../state/notices.ts';
import { Button } from '../ui/Button.tsx';
import { Dialog } from '../ui/Dialog.tsx';
import {
  fitsFormat,
  fitted,
  rememberChoices,
  rememberedChoices,
  suggestedName,
  type Chosen,
} from './export-choices.ts';
import { ExportField, ExportFields } from './ExportFields.tsx';
import { exportGaps } from './export-gaps.ts';
import { exportedEdits, exportRequest, isPicture, layerOfObject, layersOf } from './export-request.ts';
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
  const [kept, setKept] = useState<Chosen>(rememberedChoices);
  const [path, setPath] = useState<string | null>(null);
  const [starting, setStarting] = useState(false);
  const { object } = useExports();
  const chosen = fitted(object === null ? kept : { ...kept, what: 'matte' }, choices);
  const { what, format } = chosen;
  const row = choices.formats.find(({ id }) => id === format);
  const edits = exportedEdits(clip, edit, what);
  const layers = object === null || edit === undefined ? layersOf(edits) : [layerOfObject(edit, object)];
  const asked = exportRequest(clip, layers, chosen, path);
  const checked = useExportPlan(asked);
  const named = useFingerprints((state) => state.named);
  useEffect(() => nameEdits(edits), [clip]);
  const whole = { startFrame: 0, endFrame: clip.frames };
  const gaps = what === 'matte' ? [] : exportGaps(clip, edits, asked?.range ?? whole, named);
  const change = (next: Partial<Chosen>): void => {
    if (next.what !== undefined) useExports.setState({ object: null });
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
    const found = await chooseFile('export', suggestedName(clip.name, object?.name ?? kind, ending));
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
              {t(gaps.length > 0 ? 'export.startWithout' : 'export.start')}
            </Button>
          )}
        </>
      }
    >
      <div className="export-form">
        <ExportFields clip={clip} choices={choices} chosen={chosen} onChange={change} />
        <ExportField label={t('export.place')}>
          <div className="input-row">
            <span className={path === null ? 'export-path quiet' : 'export-path'} title={path ?? undefined}>
              {path ?? t(format === 'png' ? 'export.noFolder' : 'export.noPlace')}
            </span>
            <Button onClick={() => attempt(choosePlace)}>
              <FolderOpen />
              {t('export.choose')}
            </Button>
          </div>
        </ExportField>
        <ExportNotes checked={checked} what={what} hasLayers={layers.length > 0} gaps={gaps} />
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
