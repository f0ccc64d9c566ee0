import { useEffect, useState } from 'react';
import type { JobRow } from '../../src-shared/ipc/index.ts';
import { useText } from '../i18n/index.ts';
import { useJobName } from './job-name.ts';
import { backend } from '../state/backend.ts';
import { attempt, showFailure, showInfo } from '../state/notices.ts';
import { Button } from '../ui/Button.tsx';
import { Dialog } from '../ui/Dialog.tsx';

interface LogDialogProps {
  readonly job: JobRow;
  readonly open: boolean;
  readonly onClose: () => void;
}

/** What happened to a job, read afresh whenever it is opened and when the job's state changes. */
export function LogDialog({ job, open, onClose }: LogDialogProps) {
  const { id, state } = job;
  const name = useJobName(job);
  const t = useText();
  const [log, setLog] = useState<string | null>(null);
  useEffect(() => {
    if (!open) return;
    backend().call('jobs.log', { jobId: id }).then(setLog).catch(showFailure);
  }, [open, id, state]);
  return (
    <Dialog
      title={t('jobs.logOf', { name })}
      open={open}
      onClose={onClose}
      foot={
        <Button
          disabled={log === null}
          onClick={() => {
            attempt(async () => {
              await navigator.clipboard.writeText(log ?? '');
              showInfo(t('jobs.copied'));
            });
          }}
        >
          {t('jobs.copyLog')}
        </Button>
      }
    >
      {log === null ? (
        <div className="skeleton" />
      ) : (
        <pre className="job-log">{log === '' ? t('jobs.logEmpty') : log}</pre>
      )}
    </Dialog>
  );
}
