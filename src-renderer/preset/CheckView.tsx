import { Columns2, RotateCw, X } from 'lucide-react';
import { useState } from 'react';
import type { JobRow } from '../../src-shared/ipc/index.ts';
import { formatNumber, useText } from '../i18n/index.ts';
import { backend } from '../state/backend.ts';
import { foundText } from '../state/check-text.ts';
import { activeClip, activeEdit, useEditor } from '../state/editor-store.ts';
import { fingerprintOf, useFingerprints } from '../state/fingerprints.ts';
import { attempt } from '../state/notices.ts';
import { checkActiveEdit, whyNotRun } from '../state/run-edit.ts';
import { Button, IconButton } from '../ui/Button.tsx';
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

/** How near the edit's method comes to the uncached run, on demand. */
export function CheckView() {
  const job = useCheck();
  const edit = useEditor(activeEdit);
  const models = useEditor((state) => state.models);
  const canCheck =
    edit !== undefined &&
    whyNotRun(edit, models) === null &&
    edit.settings.method !== 'full' &&
    edit.settings.plate !== 'only' &&
    edit.settings.platePath === undefined;
  if (job?.check?.found !== undefined) return <Found job={job} found={job.check.found} canCheck={canCheck} />;
  if (job !== undefined && job.state !== 'cancelled' && job.state !== 'failed') return <Pending job={job} />;
  if (!canCheck) return null;
  return (
    <div className="check">
      {job?.failure !== undefined && (
        <div className="estimate-failure" role="alert">
          <p>{job.failure.message}</p>
          <p className="quiet">{job.failure.hint}</p>
        </div>
      )}
      <StartButton />
    </div>
  );
}

function StartButton() {
  const t = useText();
  return (
    <Tooltip text={t('check.help')} side="top">
      <Button onClick={startCheck}>{t('check.start')}</Button>
    </Tooltip>
  );
}

function Pending({ job: { id, state, progress } }: { readonly job: JobRow }) {
  const t = useText();
  const isSampling = progress?.stage === 'sample';
  return (
    <div className="check">
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
  const range = useEditor((state) => activeClip(state)?.range);
  const edit = useEditor(activeEdit);
  const now = useFingerprints(({ named }) => edit && fingerprintOf(edit, range, named));
  const isStale = now !== undefined && now !== job.check?.fingerprint;
  return (
    <div className="check">
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
