import { Columns2, RotateCw, X } from 'lucide-react';
import { useState } from 'react';
import type { JobRow } from '../../src-shared/ipc/index.ts';
import { formatNumber, useText } from '../i18n/index.ts';
import { backend } from '../state/backend.ts';
import { foundText } from '../state/check-text.ts';
import { activeEdit, useEditor, type EditorState } from '../state/editor-store.ts';
import { fingerprintOf, useFingerprints } from '../state/fingerprints.ts';
import { attempt } from '../state/notices.ts';
import { checkActiveEdit, modelRow, whyNotRunActive } from '../state/run-edit.ts';
import { Button, IconButton } from '../ui/Button.tsx';
import { CopyButton } from '../ui/CopyButton.tsx';
import { Tooltip } from '../ui/Tooltip.tsx';
import { CheckDialog } from './CheckDialog.tsx';
import './check.css';

/** The active edit's newest check; undefined where it has none. */
export function useCheck(): JobRow | undefined {
  return useEditor(({ jobs, editId }) =>
    jobs
      .filter((job) => job.check !== undefined && job.editId === editId)
      .reduce<JobRow | undefined>(
        (newest, job) => (newest !== undefined && newest.createdAt > job.createdAt ? newest : job),
        undefined,
      ),
  );
}

function startCheck(): void {
  attempt(checkActiveEdit);
}

function canCheckActive(state: EditorState): boolean {
  const settings = activeEdit(state)?.settings;
  return (
    whyNotRunActive(state) === null &&
    settings?.method !== 'full' &&
    settings?.plate !== 'only' &&
    settings?.platePath === undefined &&
    mayGenerate(state)
  );
}

/** As `fillMeans` decides in the engine. */
function mayGenerate(state: EditorState): boolean {
  const settings = activeEdit(state)?.settings;
  if (settings === undefined || settings.fill !== 'auto') return settings?.fill === 'network';
  const reads = modelRow(settings, state.models)?.readsPrompts ?? true;
  return settings.kind === 'edit' || settings.plate === 'off' || reads;
}

/** How near the edit's method comes to the uncached run, once that was asked for. */
export function CheckView() {
  const job = useCheck();
  const canCheck = useEditor(canCheckActive);
  if (job?.check?.found !== undefined) return <Found job={job} found={job.check.found} canCheck={canCheck} />;
  if (job?.failure !== undefined) {
    return (
      <div className="check-result estimate-failure" role="alert">
        <p>{job.failure.message}</p>
        <p className="quiet">{job.failure.hint}</p>
        <CopyButton details={[job.name, job.failure.code, job.failure.message, job.failure.hint]} />
      </div>
    );
  }
  return job === undefined || job.state === 'cancelled' ? null : <Pending job={job} />;
}

/** Asks for the first check; another one is asked for where the last one's outcome stands. */
export function CheckButton() {
  const t = useText();
  const job = useCheck();
  const canCheck = useEditor(canCheckActive);
  const isOpen = job !== undefined && job.state !== 'cancelled' && job.state !== 'failed';
  if (isOpen || !canCheck) return null;
  return (
    <Tooltip text={t('check.help')} side="top">
      <Button large onClick={startCheck}>
        {t('check.start')}
      </Button>
    </Tooltip>
  );
}

function Pending({ job: { id, state, progress } }: { readonly job: JobRow }) {
  const t = useText();
  const isSampling = progress?.stage === 'sample';
  return (
    <div className="check-result">
      <div className="check-line quiet figures">
        <span role="status">
          {state === 'running'
            ? t('check.running', { percent: formatNumber(isSampling ? progress.share * 100 : 0) })
            : t('check.waiting')}
        </span>
        <IconButton
          small
          label={t('jobs.cancel')}
          onClick={() => {
            attempt(() => backend().call('jobs.cancel', { jobId: id }));
          }}
        >
          <X />
        </IconButton>
      </div>
    </div>
  );
}

interface FoundProps {
  readonly job: JobRow;
  readonly found: NonNullable<NonNullable<JobRow['check']>['found']>;
  readonly canCheck: boolean;
}

function Found({ job, found, canCheck }: FoundProps) {
  const t = useText();
  const [open, setOpen] = useState(false);
  const edit = useEditor(activeEdit);
  const now = useFingerprints(({ named }) => edit && fingerprintOf(edit, named));
  const isStale = now !== undefined && now !== job.check?.fingerprint;
  return (
    <div className="check-result">
      <div className="check-line figures">
        <span className={isStale ? 'quiet' : undefined}>{foundText(found)}</span>
        <span className="check-buttons">
          <IconButton
            small
            label={t('check.compare')}
            side="top"
            onClick={() => {
              setOpen(true);
            }}
          >
            <Columns2 />
          </IconButton>
          {canCheck && (
            <IconButton small label={t('check.again')} side="top" onClick={startCheck}>
              <RotateCw />
            </IconButton>
          )}
        </span>
      </div>
      {isStale && <p className="quiet">{t('check.stale')}</p>}
      <CheckDialog
        jobId={job.id}
        found={found}
        open={open}
        onClose={() => {
          setOpen(false);
        }}
      />
    </div>
  );
}
