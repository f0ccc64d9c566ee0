import {
  CircleAlert,
  CircleCheck,
  CircleDashed,
  CirclePause,
  CircleSlash,
  Clock,
  FolderOpen,
} from 'lucide-react';
import type { JobRow } from '../../src-shared/ipc/index.ts';
import { formatNumber, formatSeconds, useText } from '../i18n/index.ts';
import { foundText } from '../state/check-text.ts';
import { backend, useBackend } from '../state/backend.ts';
import { filledText } from '../state/filled-text.ts';
import { exportResult } from '../state/export-result.ts';
import { attempt } from '../state/notices.ts';
import { useEditor } from '../state/editor-store.ts';
import { usePreviews } from '../state/previews.ts';
import { Button, IconButton } from '../ui/Button.tsx';
import { CopyButton } from '../ui/CopyButton.tsx';
import { RgbCanvas } from '../ui/RgbCanvas.tsx';
import { Tooltip } from '../ui/Tooltip.tsx';
import { useJobName } from './job-name.ts';
import { progressText } from './progress-text.ts';
import { JobButtons, type JobButtonsProps } from './JobButtons.tsx';

const icons = {
  waiting: Clock,
  paused: CirclePause,
  running: CircleDashed,
  done: CircleCheck,
  failed: CircleAlert,
  cancelled: CircleSlash,
} as const;

interface JobItemProps extends JobButtonsProps {
  /** It is of another project than the one that is open. */
  readonly showsProject: boolean;
  /** Goes to the job's edit and compares its result; absent where the edit shows a newer one. */
  readonly onShowResult: ((job: JobRow) => Promise<void>) | undefined;
}

/** What is in a job's row. */
export function JobItem({ job, showsProject, onShowResult, ...order }: JobItemProps) {
  const t = useText();
  const Icon = icons[job.state];
  const name = useJobName(job);
  return (
    <>
      <div className="job-head">
        <Icon size={14} role="img" aria-label={t(`jobs.${job.state}`)} />
        <span className="job-name" title={name}>
          {name}
        </span>
        <JobButtons job={job} {...order} />
      </div>
      {showsProject && job.projectName !== undefined && (
        <p className="job-line quiet">{t('jobs.ofProject', { project: job.projectName })}</p>
      )}
      {job.state === 'running' && <Progress job={job} />}
      {(job.state === 'waiting' || job.state === 'paused' || job.state === 'cancelled') && (
        <p className="job-line quiet">{t(`jobs.${job.state}`)}</p>
      )}
      {job.check?.found !== undefined && (
        <p className="job-line quiet figures">{foundText(job.check.found)}</p>
      )}
      {job.result !== undefined && <Result job={job} result={job.result} onShowResult={onShowResult} />}
      {job.state === 'failed' && job.failure !== undefined && <JobFailure job={job} failure={job.failure} />}
    </>
  );
}

function Progress({ job }: { readonly job: JobRow }) {
  const t = useText();
  const { id, editId, progress } = job;
  const name = useJobName(job);
  const line = progressText(progress);
  const preview = usePreviews(({ byJob }) => byJob[id]);
  const inViewer = usePreviews((state) => state.inViewer);
  const isActive = useEditor((state) => state.editId === editId);
  const share = progress?.share ?? 0;
  return (
    <>
      <div
        className="bar"
        role="progressbar"
        aria-label={t('jobs.progress', { name })}
        aria-valuenow={Math.round(share * 100)}
        aria-valuemin={0}
        aria-valuemax={100}
        aria-valuetext={line}
      >
        <span style={{ transform: `scaleX(${share})` }} />
      </div>
      <p className="job-line quiet figures">
        <span>{line}</span>
        {progress?.etaSec !== undefined && (
          <span>{t('jobs.left', { time: formatSeconds(progress.etaSec) })}</span>
        )}
      </p>
      {preview !== undefined && (
        <Tooltip text={t('jobs.watch')}>
          <button
            type="button"
            className="job-preview"
            aria-pressed={isActive && inViewer}
            // The viewer shows the active edit.
            disabled={!isActive}
            onClick={() => {
              usePreviews.setState({ inViewer: !inViewer });
            }}
          >
            <RgbCanvas
              rgb={preview.rgb}
              width={preview.width}
              height={preview.height}
              label={t('jobs.preview', { frame: preview.frame + 1 })}
            />
          </button>
        </Tooltip>
      )}
    </>
  );
}

interface ResultProps extends Pick<JobItemProps, 'onShowResult'> {
  readonly job: JobRow;
  readonly result: NonNullable<JobRow['result']>;
}

function Result({ job, result, onShowResult }: ResultProps) {
  const t = useText();
  const native = useBackend((state) => state.info?.nativeDialogs === true);
  return (
    <>
      {result.filled !== undefined && (
        <p className="job-filled quiet figures" title={filledText(result.filled)}>
          {filledText(result.filled)}
        </p>
      )}
      {result.warnings.length > 0 && (
        <details className="job-warnings">
          <summary>{t('jobs.remarks', { count: result.warnings.length })}</summary>
          {result.warnings.map((warning) => (
            <p key={warning} className="quiet">
              {warning}
            </p>
          ))}
        </details>
      )}
      <div className="job-buttons">
        <p className="job-took quiet figures">
          <span>{t('jobs.took', { time: formatSeconds(result.seconds) })}</span>
          {result.flopsSaved >= 0.005 && (
            <span> · {t('jobs.saved', { percent: formatNumber(result.flopsSaved * 100) })}</span>
          )}
        </p>
        {onShowResult !== undefined && (
          <Button
            onClick={() => {
              attempt(() => onShowResult(job));
            }}
          >
            {t('jobs.look')}
          </Button>
        )}
        <Button
          onClick={() => {
            attempt(() => exportResult(job));
          }}
        >
          {t('jobs.export')}
        </Button>
        {native && (
          <IconButton
            label={t('jobs.show')}
            onClick={() => {
              attempt(() => backend().call('files.show', { path: result.path }));
            }}
          >
            <FolderOpen />
          </IconButton>
        )}
      </div>
    </>
  );
}

interface JobFailureProps {
  readonly job: JobRow;
  readonly failure: NonNullable<JobRow['failure']>;
}

function JobFailure({ job, failure: { code, message, hint } }: JobFailureProps) {
  const t = useText();
  return (
    <div className="job-failure">
      <p>{message}</p>
      <p className="quiet">{hint}</p>
      {code === 'provider-failed' && (
        <Button
          title={t('jobs.onCpuHelp')}
          onClick={() => {
            attempt(() => backend().call('jobs.retry', { jobId: job.id, cpuFallback: true }));
          }}
        >
          {t('jobs.onCpu')}
        </Button>
      )}
      <CopyButton details={[job.name, code, message, hint]} />
    </div>
  );
}
