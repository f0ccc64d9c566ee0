import { ChevronDown, ChevronUp, FileText, Pause, Play, RotateCw, X } from 'lucide-react';
import { useLayoutEffect, useRef, useState } from 'react';
import type { JobRow } from '../../src-shared/ipc/index.ts';
import { useText } from '../i18n/index.ts';
import { backend } from '../state/backend.ts';
import { attempt } from '../state/notices.ts';
import { IconButton } from '../ui/Button.tsx';
import { LogDialog } from './LogDialog.tsx';
import { isUpcoming } from './order-jobs.ts';

export interface JobButtonsProps {
  readonly job: JobRow;
  /** Moves the job one place earlier or later; null where it cannot. */
  readonly stepTo: (step: -1 | 1) => (() => void) | null;
  /** Among the jobs that are to come, from 0; −1 for others. */
  readonly place: number;
  /** Whether there is another job to change places with. */
  readonly reorders: boolean;
}

/** What can be done to a job, at the right of its name. */
export function JobButtons({ job, stepTo, place, reorders }: JobButtonsProps) {
  const t = useText();
  const { id, state } = job;
  const ask = (name: 'jobs.cancel' | 'jobs.pause' | 'jobs.resume' | 'jobs.retry' | 'jobs.remove') => () => {
    attempt(() => backend().call(name, { jobId: id }));
  };
  if (state === 'running' || isUpcoming(job)) {
    return (
      <>
        {isUpcoming(job) && reorders && <OrderButtons stepTo={stepTo} place={place} />}
        {state !== 'waiting' && <LogButton job={job} />}
        {state === 'paused' ? (
          <IconButton small label={t('jobs.resume')} onClick={ask('jobs.resume')}>
            <Play />
          </IconButton>
        ) : (
          <IconButton small label={t('jobs.pause')} onClick={ask('jobs.pause')}>
            <Pause />
          </IconButton>
        )}
        <IconButton small label={t('jobs.cancel')} onClick={ask('jobs.cancel')}>
          <X />
        </IconButton>
      </>
    );
  }
  return (
    <>
      <LogButton job={job} />
      {state !== 'done' && (
        <IconButton small label={t('jobs.retry')} onClick={ask('jobs.retry')}>
          <RotateCw />
        </IconButton>
      )}
      <IconButton small label={t('jobs.discard')} onClick={ask('jobs.remove')}>
        <X />
      </IconButton>
    </>
  );
}

function LogButton({ job }: { readonly job: JobRow }) {
  const t = useText();
  const [open, setOpen] = useState(false);
  return (
    <>
      <IconButton
        small
        label={t('jobs.log')}
        onClick={() => {
          setOpen(true);
        }}
      >
        <FileText />
      </IconButton>
      <LogDialog
        job={job}
        open={open}
        onClose={() => {
          setOpen(false);
        }}
      />
    </>
  );
}

function OrderButtons({ stepTo, place }: Pick<JobButtonsProps, 'stepTo' | 'place'>) {
  const t = useText();
  const up = useRef<HTMLButtonElement>(null);
  const down = useRef<HTMLButtonElement>(null);
  /** The button whose move is on its way. */
  const pressed = useRef<HTMLButtonElement | null>(null);
  useLayoutEffect(() => {
    // A row that changes its place in the page loses the focus; whoever pressed the key wants to press it again.
    if (document.activeElement === document.body) pressed.current?.focus();
    pressed.current = null;
  }, [place]);
  return (
    <>
      {(
        [
          [-1, 'jobs.earlier', ChevronUp, up],
          [1, 'jobs.later', ChevronDown, down],
        ] as const
      ).map(([step, label, Icon, ref]) => {
        const move = stepTo(step);
        return (
          <IconButton
            key={label}
            small
            ref={ref}
            label={t(label)}
            // Not `disabled`: the focus would be lost at the ends.
            aria-disabled={move === null}
            onClick={() => {
              if (move === null) return;
              pressed.current = ref.current;
              move();
            }}
          >
            <Icon />
          </IconButton>
        );
      })}
    </>
  );
}
