import { CircleAlert, CircleCheck, CircleX, FolderOpen } from 'lucide-react';
import type { ExportRow } from '../../src-shared/ipc/index.ts';
import { useText } from '../i18n/index.ts';
import { backend, useBackend } from '../state/backend.ts';
import { closeExport, isUnderWay, useExports } from '../state/exports.ts';
import { attempt } from '../state/notices.ts';
import { Button } from '../ui/Button.tsx';
import { Dialog } from '../ui/Dialog.tsx';
import { Bar } from './ExportProgress.tsx';

interface ListProps {
  readonly rows: readonly ExportRow[];
}

/** Several exports: how far each is, or what came of it. */
export function ExportList({ rows }: ListProps) {
  const t = useText();
  const native = useBackend((state) => state.info?.nativeDialogs === true);
  const underWay = rows.filter(isUnderWay);
  const done = rows.filter(({ state }) => state === 'done');
  const stop = async (): Promise<void> => {
    // The last first: else the next one would start for a moment.
    for (const { id } of [...underWay].reverse()) await backend().call('export.cancel', { exportId: id });
  };
  return (
    <Dialog
      title={t(underWay.length > 0 ? 'export.writing' : 'export.title')}
      open
      onClose={closeExport}
      foot={
        underWay.length > 0 ? (
          <>
            <p className="dialog-hint quiet">{t('export.goesOn')}</p>
            <Button onClick={() => attempt(stop)}>{t('export.stopAll')}</Button>
            <Button primary onClick={closeExport}>
              {t('export.background')}
            </Button>
          </>
        ) : (
          <>
            {done.length > 0 && native && (
              <Button onClick={() => attempt(() => backend().call('files.show', { path: done[0].path }))}>
                <FolderOpen />
                {t('export.show')}
              </Button>
            )}
            <Button onClick={() => useExports.setState({ shownIds: [] })}>{t('export.another')}</Button>
            <Button primary onClick={closeExport}>
              {t('close')}
            </Button>
          </>
        )
      }
    >
      <p className="quiet" role="status">
        {t('export.several', { done: done.length, count: rows.length })}
      </p>
      <ul className="export-list">
        {rows.map((row) => (
          <Row key={row.id} row={row} />
        ))}
      </ul>
    </Dialog>
  );
}

function Row({ row }: { readonly row: ExportRow }) {
  const t = useText();
  const { path, state, failure, written } = row;
  return (
    <li>
      <p className="export-list-name" title={path}>
        {state === 'done' && <CircleCheck size={14} aria-label={t('export.done')} />}
        {state === 'failed' && <CircleAlert size={14} aria-label={t('jobs.failed')} />}
        {state === 'cancelled' && <CircleX size={14} aria-label={t('jobs.cancelled')} />}
        <span>{path.split(/[/\\]/).at(-1)}</span>
      </p>
      {isUnderWay(row) && <Bar row={row} />}
      {failure !== undefined && (
        <p role="alert">
          {failure.message} <span className="quiet">{failure.hint}</span>
        </p>
      )}
      {written?.warnings.map((warning) => (
        <p key={warning} className="export-warning">
          {warning}
        </p>
      ))}
    </li>
  );
}
