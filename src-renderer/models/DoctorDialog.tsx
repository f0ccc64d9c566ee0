import { CircleAlert, CircleCheck, CircleMinus } from 'lucide-react';
import { useEffect, useState } from 'react';
import type { DoctorFinding } from '../../src-shared/ipc/index.ts';
import { useText } from '../i18n/index.ts';
import { backend } from '../state/backend.ts';
import { showFailure } from '../state/notices.ts';
import { Button } from '../ui/Button.tsx';
import { CopyButton } from '../ui/CopyButton.tsx';
import { Dialog } from '../ui/Dialog.tsx';
import { GpuActions } from './GpuActions.tsx';
import './models.css';

interface PageProps {
  readonly open: boolean;
  readonly onClose: () => void;
}

const icons = { wrong: CircleAlert, ok: CircleCheck, unused: CircleMinus } as const;
const states = Object.keys(icons) as (keyof typeof icons)[];

/** What needs attention first, what is not used last. */
function inOrder(findings: readonly DoctorFinding[]): DoctorFinding[] {
  return [...findings].sort((a, b) => states.indexOf(a.state) - states.indexOf(b.state));
}

function Finding({ finding: { part, state, text, say, gpu } }: { readonly finding: DoctorFinding }) {
  const t = useText();
  const Icon = icons[state];
  const words =
    gpu !== undefined
      ? t(`gpu.problem.${gpu.code}`, gpu.values)
      : say !== undefined
        ? t(`doctor.say.${say.code}`, say.values)
        : text;
  return (
    <li className={state}>
      <Icon size={16} role="img" aria-label={t(`doctor.${state}`)} />
      <h3>{t(`doctor.part.${part}`)}</h3>
      <p>{words}</p>
    </li>
  );
}

/** Whether this machine has what HetCut needs, looked at afresh whenever it is opened. */
export function DoctorDialog({ open, onClose }: PageProps) {
  const t = useText();
  const [findings, setFindings] = useState<readonly DoctorFinding[] | null>(null);
  const look = (): void => {
    setFindings(null);
    backend().call('app.doctor', {}).then(setFindings).catch(showFailure);
  };
  useEffect(() => {
    if (open) look();
  }, [open]);
  const wrong = findings?.filter(({ state }) => state === 'wrong').length ?? 0;
  return (
    <Dialog
      title={t('doctor.title')}
      open={open}
      onClose={onClose}
      foot={
        <>
          <p className="dialog-hint quiet" role="status">
            {findings === null
              ? t('doctor.checking')
              : wrong === 0
                ? t('doctor.fine')
                : t('doctor.wrongCount', { count: wrong })}
          </p>
          {findings !== null && (
            <CopyButton
              details={findings.map(({ part, state, text }) => `${state} ${part}: ${text}`)}
            />
          )}
          <Button disabled={findings === null} onClick={look}>
            {t('doctor.again')}
          </Button>
        </>
      }
    >
      {findings !== null && <GpuActions findings={findings} onChanged={look} />}
      {findings === null ? (
        <div className="findings" aria-hidden="true">
          {[0, 1, 2, 3].map((row) => (
            <div key={row} className="skeleton" />
          ))}
        </div>
      ) : (
        <ul className="findings">
          {inOrder(findings).map((finding) => (
            <Finding key={`${finding.part} ${finding.text}`} finding={finding} />
          ))}
        </ul>
      )}
    </Dialog>
  );
}
