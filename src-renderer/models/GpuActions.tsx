import { useEffect, useState } from 'react';
import { create } from 'zustand';
import type { DoctorFinding, GpuProblemCode } from '../../src-shared/ipc/index.ts';
import { useText } from '../i18n/index.ts';
import { backend } from '../state/backend.ts';
import { chooseFile } from '../state/choose-file.ts';
import { showFailure } from '../state/notices.ts';
import { Button } from '../ui/Button.tsx';

/** What installing the provider puts right. */
const installable: ReadonlySet<GpuProblemCode> = new Set([
  'provider-missing',
  'provider-other-version',
  'provider-damaged',
  'card-old',
]);

/** How far an installation is; null before its first report. */
const useProgress = create<{ readonly progress: { readonly share: number; readonly text: string } | null }>()(
  () => ({ progress: null }),
);
let listening = false;

function listen(): void {
  if (listening) return;
  listening = true;
  backend().on('gpu.progress', (progress) => {
    useProgress.setState({ progress });
  });
}

interface GpuActionsProps {
  readonly findings: readonly DoctorFinding[];
  /** Something was installed or removed. */
  readonly onChanged: () => void;
}

/** Buttons that add the CUDA provider or take it away; none where that changes nothing. */
export function GpuActions({ findings, onChanged }: GpuActionsProps) {
  const t = useText();
  const progress = useProgress((state) => state.progress);
  const [busy, setBusy] = useState(false);
  useEffect(listen, []);
  const codes = findings.flatMap(({ gpu }) => (gpu === undefined ? [] : [gpu.code]));
  const canInstall = codes.some((code) => installable.has(code));
  const canRemove = codes.includes('provider-crashes');
  const run = (work: () => Promise<unknown>): void => {
    setBusy(true);
    useProgress.setState({ progress: null });
    work()
      .then(onChanged)
      .catch((error: unknown) => {
        if ((error as { code?: unknown }).code !== 'cancelled') showFailure(error);
      })
      .finally(() => {
        setBusy(false);
      });
  };
  if (busy) {
    return (
      <div className="model-work figures">
        <span className="quiet">
          {progress === null || progress.share >= 1 ? t('gpu.checking') : progress.text}
        </span>
        <progress
          aria-label={t('gpu.progress')}
          {...(progress !== null && progress.share < 1 && { value: progress.share })}
        />
        <Button onClick={() => void backend().call('gpu.stop', {})}>{t('models.doStop')}</Button>
      </div>
    );
  }
  if (canInstall) {
    return (
      <div className="model-work">
        <Button primary onClick={() => run(() => backend().call('gpu.install', {}))}>
          {t('gpu.install')}
        </Button>
        <Button
          onClick={() => {
            chooseFile('gpuPackage')
              .then((path) => {
                if (path !== null) run(() => backend().call('gpu.install', { path }));
              })
              .catch(showFailure);
          }}
        >
          {t('gpu.installFrom')}
        </Button>
        <span className="quiet">{t('gpu.installHelp')}</span>
      </div>
    );
  }
  if (!canRemove) return null;
  return (
    <div className="model-work">
      <Button primary onClick={() => run(() => backend().call('gpu.remove', {}))}>
        {t('gpu.remove')}
      </Button>
    </div>
  );
}
