import { useState, type DragEvent } from 'react';
import type { JobRow } from '../../src-shared/ipc/index.ts';
import { keyNames, useText } from '../i18n/index.ts';
import { backend } from '../state/backend.ts';
import { useEditor } from '../state/editor-store.ts';
import { attempt } from '../state/notices.ts';
import { Section } from '../ui/Section.tsx';
import { JobItem } from './JobItem.tsx';
import { beforeAfterStep, isNewestResult, isUpcoming, orderJobs } from './order-jobs.ts';
import './jobs.css';

interface JobsPanelProps {
  /** Goes to a job's edit and compares its result. */
  readonly onShowResult: (job: JobRow) => Promise<void>;
}

/** A job that is dragged, and where it would be put: before a job, or null: behind all. */
interface JobDrag {
  readonly jobId: string;
  readonly before?: string | null;
}

/** What runs, what waits in its order, and what has been, the newest first. */
export function JobsPanel({ onShowResult }: JobsPanelProps) {
  const t = useText();
  const jobs = useEditor((state) => state.jobs);
  const projectId = useEditor((state) => state.history?.present.id);
  const [drag, setDrag] = useState<JobDrag | null>(null);
  const [moved, setMoved] = useState('');
  const upcoming = jobs.filter(isUpcoming).map(({ id }) => id);

  const move = (jobId: string, before: string | null): void => {
    attempt(async () => {
      await backend().call('jobs.move', { jobId, before });
      const others = upcoming.filter((id) => id !== jobId);
      const place = before === null ? upcoming.length : others.indexOf(before) + 1;
      setMoved(t('jobs.movedTo', { place, count: upcoming.length }));
    });
  };
  const dragOver = (event: DragEvent<HTMLLIElement>, jobId: string): void => {
    if (drag === null) return;
    event.preventDefault();
    const { top, height } = event.currentTarget.getBoundingClientRect();
    const isUpperHalf = event.clientY < top + height / 2;
    const before = isUpperHalf ? jobId : (upcoming[upcoming.indexOf(jobId) + 1] ?? null);
    if (before !== drag.before) setDrag({ jobId: drag.jobId, before });
  };
  const drop = (event: DragEvent<HTMLLIElement>): void => {
    event.preventDefault();
    if (drag?.before !== undefined && drag.before !== drag.jobId) move(drag.jobId, drag.before);
    setDrag(null);
  };
  const last = upcoming.at(-1);
  const dropMark = (jobId: string): string => {
    if (drag?.before === jobId) return 'drop-before';
    return drag?.before === null && jobId === last ? 'drop-after' : '';
  };

  const listed = orderJobs(jobs);
  const own = listed.filter((job) => job.projectId === projectId);
  const others = listed.filter((job) => job.projectId !== projectId);
  const list = (rows: readonly JobRow[]) => (
    <ul className="jobs">
      {rows.map((job) => (
        <li
          key={job.id}
          className={`job ${job.state} ${dropMark(job.id)}`}
          {...(isUpcoming(job) && {
            draggable: upcoming.length > 1,
            onDragStart: (event: DragEvent) => {
              event.dataTransfer.effectAllowed = 'move';
              setDrag({ jobId: job.id });
            },
            onDragOver: (event: DragEvent<HTMLLIElement>) => {
              dragOver(event, job.id);
            },
            onDrop: drop,
            onDragEnd: () => {
              setDrag(null);
            },
          })}
        >
          <JobItem
            job={job}
            showsProject={rows === others}
            stepTo={(step) => {
              const before = beforeAfterStep(upcoming, job.id, step);
              return before === undefined
                ? null
                : () => {
                    move(job.id, before);
                  };
            }}
            place={upcoming.indexOf(job.id)}
            reorders={upcoming.length > 1}
            onShowResult={isNewestResult(job, jobs) ? onShowResult : undefined}
          />
        </li>
      ))}
    </ul>
  );

  return (
    <Section
      name="jobs"
      title={t('jobs.title')}
      aside={jobs.length > 0 && <span className="quiet figures">{jobs.length}</span>}
    >
      {own.length === 0 && <p className="quiet">{t('jobs.none', { keys: keyNames('Ctrl+Enter') })}</p>}
      {own.length > 0 && list(own)}
      {others.length > 0 && (
        <details className="jobs-others" open={others.some(({ state }) => state === 'running')}>
          <summary>{t('jobs.others', { count: others.length })}</summary>
          {list(others)}
        </details>
      )}
      <p className="visually-hidden" role="status">
        {moved}
      </p>
    </Section>
  );
}
