import { CircleAlert, CircleCheck, FolderOpen } from 'lucide-react';
import type { ExportRow } from '../../src-shared/ipc/index.ts';
import { formatBytes, formatNumber, formatSeconds, useText } from '../i18n/index.ts';
import { backend, useBackend } from '../state/backend.ts';
import { closeExport, isUnderWay, useExports } from '../state/exports.ts';
import { attempt, showInfo } from '../state/notices.ts';
import { Button } from '../ui/Button.tsx';
import { Dialog } from '../ui/Dialog.tsx';

interface RowProps {
  readonly row: ExportRow;
}

/** How far an export is; then what was written, or why it was not. */
export function ExportProgress({ row }: RowProps) {
  const t = useText();
  const native = useBackend((state) => state.info?.nativeDialogs === true);
  const askAgain = (): void => {
    useExports.setState({ shownIds: [] });
  };
  return (
    <Dialog
      title={t(isUnderWay(row) ? 'export.writing' : 'export.title')}
      open
      onClose={closeExport}
      foot={
        isUnderWay(row) ? (
          <>
            <p className="dialog-hint quiet">{t('export.goesOn')}</p>
            <Button
              onClick={() => {
                attempt(() => backend().call('export.cancel', { exportId: row.id }));
              }}
            >
              {t('export.stop')}
            </Button>
            <Button primary onClick={closeExport}>
              {t('export.background')}
            </Button>
          </>
        ) : (
          <>
            {row.state === 'done' && native && (
              <Button
                onClick={() => {
                  attempt(() => backend().call('files.show', { path: row.path }));
                }}
              >
                <FolderOpen />
                {t('export.show')}
              </Button>
            )}
            {row.failure !== undefined && <CopyDetails row={row} failure={row.failure} />}
            <Button onClick={askAgain}>{t(row.state === 'done' ? 'export.another' : 'export.back')}</Button>
            <Button primary onClick={closeExport}>
              {t('close')}
            </Button>
          </>
        )
      }
    >
      <div className="export-state">
        <p className="export-target">{row.path}</p>
        {isUnderWay(row) && <Bar row={row} />}
        {row.state === 'cancelled' && <p className="quiet">{t('export.cancelled')}</p>}
        {row.failure !== undefined && (
          <div className="export-failure" role="alert">
            <CircleAlert size={16} aria-hidden="true" />
            <div>
              <p>{row.failure.message}</p>
              <p className="quiet">{row.failure.hint}</p>
              <p className="quiet">{t('export.nothingLeft')}</p>
            </div>
          </div>
        )}
        {row.written !== undefined && <Facts written={row.written} />}
      </div>
    </Dialog>
  );
}

export function Bar({ row: { state, done, frames, etaSec } }: RowProps) {
  const t = useText();
  const share = frames === 0 ? 0 : done / frames;
  // All pictures are handed over; the file is being finished and checked.
  const line =
    state === 'waiting'
      ? t('export.waiting')
      : done === frames
        ? t('export.checking')
        : t('export.frame', { done: formatNumber(done), frames: formatNumber(frames) });
  return (
    <>
      <div
        className="bar"
        role="progressbar"
        aria-label={t('export.writing')}
        aria-valuenow={Math.round(share * 100)}
        aria-valuemin={0}
        aria-valuemax={100}
        aria-valuetext={line}
      >
        <span style={{ transform: `scaleX(${share})` }} />
      </div>
      <p className="export-line quiet figures">
        <span>{line}</span>
        {etaSec !== undefined && done < frames && (
          <span>{t('jobs.left', { time: formatSeconds(etaSec) })}</span>
        )}
      </p>
    </>
  );
}

function Facts({ written }: { readonly written: NonNullable<ExportRow['written']> }) {
  const t = useText();
  const { codec, pixelFormat, width, height, frames, durationSec, sound, bytes, seconds, warnings } = written;
  const { copied, encoded, reason } = written;
  const facts = [
    [t('export.fact.picture'), `${codec} · ${pixelFormat} · ${width} × ${height}`],
    [t('export.fact.length'), t('export.fact.frames', { count: frames, time: formatSeconds(durationSec) })],
    [t('export.fact.sound'), sound.length === 0 ? t('export.sound.none') : sound.join(', ')],
    ...(copied === 0
      ? []
      : ([
          [
            t('export.fact.copied'),
            t('export.copied', { copied: formatNumber(copied), encoded: formatNumber(encoded) }),
          ],
        ] as const)),
    [t('export.fact.size'), formatBytes(bytes)],
    [t('export.fact.took'), formatSeconds(seconds)],
  ] as const;
  return (
    <>
      <p className="export-done">
        <CircleCheck size={16} aria-hidden="true" />
        {t('export.done')}
      </p>
      <dl className="export-facts figures">
        {facts.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      {reason !== undefined && <p className="export-warning">{t('export.allEncoded', { reason })}</p>}
      {warnings.map((warning) => (
        <p key={warning} className="export-warning">
          {warning}
        </p>
      ))}
    </>
  );
}

interface CopyProps extends RowProps {
  readonly failure: NonNullable<ExportRow['failure']>;
}

function CopyDetails({ row, failure: { code, message, hint } }: CopyProps) {
  const t = useText();
  return (
    <Button
      onClick={() => {
        attempt(async () => {
          await navigator.clipboard.writeText([row.path, code, message, hint].join('\n'));
          showInfo(t('jobs.copied'));
        });
      }}
    >
      {t('jobs.copy')}
    </Button>
  );
}
