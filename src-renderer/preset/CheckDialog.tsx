import { useEffect, useState } from 'react';
import type { CheckFound, CheckPictures } from '../../src-shared/ipc/index.ts';
import { formatNumber, formatSeconds, useText } from '../i18n/index.ts';
import { backend } from '../state/backend.ts';
import { foundText } from '../state/check-text.ts';
import { showFailure } from '../state/notices.ts';
import { Dialog } from '../ui/Dialog.tsx';
import { differenceGain, RgbCanvas } from '../ui/RgbCanvas.tsx';

interface CheckDialogProps {
  readonly jobId: string;
  readonly found: CheckFound;
  readonly open: boolean;
  readonly onClose: () => void;
}

/** What a check has generated, side by side, and its figures. */
export function CheckDialog({ jobId, found, open, onClose }: CheckDialogProps) {
  const t = useText();
  const [pictures, setPictures] = useState<CheckPictures | null>(null);
  useEffect(() => {
    if (!open) return;
    setPictures(null);
    backend().call('jobs.checkPictures', { jobId }).then(setPictures).catch(showFailure);
  }, [open, jobId]);
  return (
    <Dialog title={t('check.title')} open={open} onClose={onClose}>
      <p className="check-headline figures">{foundText(found)}</p>
      {pictures === null ? (
        <div className="check-pictures" aria-hidden="true">
          {[0, 1, 2].map((place) => (
            <div key={place} className="skeleton" style={{ aspectRatio: found.width / found.height }} />
          ))}
        </div>
      ) : (
        <Pictures pictures={pictures} />
      )}
      <Figures found={found} />
    </Dialog>
  );
}

function Pictures({ pictures: { cached, full, ...size } }: { readonly pictures: CheckPictures }) {
  const t = useText();
  const shown = [
    { label: t('check.cached'), rgb: cached },
    { label: t('check.full'), rgb: full },
    { label: t('check.difference', { gain: differenceGain }), rgb: cached, minus: full },
  ];
  return (
    <div className="check-pictures">
      {shown.map(({ label, ...picture }) => (
        <figure key={label}>
          <RgbCanvas {...picture} {...size} label={label} />
          <figcaption className="quiet">{label}</figcaption>
        </figure>
      ))}
    </div>
  );
}

function Figures({ found }: { readonly found: CheckFound }) {
  const t = useText();
  const { range, frame, steps, maskPsnr, marginPsnr, seconds, fullSeconds, calls } = found;
  const decibels = (psnr: number | null): string =>
    psnr === null ? t('check.equal') : t('check.dB', { decibels: formatNumber(psnr, 1) });
  return (
    <>
      <dl className="check-figures figures">
        <div>
          <dt>{t('check.inMask')}</dt>
          <dd>{decibels(maskPsnr)}</dd>
        </div>
        {marginPsnr !== undefined && (
          <div>
            <dt>{t('check.atEdge')}</dt>
            <dd>{decibels(marginPsnr)}</dd>
          </div>
        )}
        <div>
          <dt>{t('check.time')}</dt>
          <dd>
            {t('check.timeValue', { seconds: formatSeconds(seconds), full: formatSeconds(fullSeconds) })}
          </dd>
        </div>
      </dl>
      <p className="quiet figures">
        {t('check.frames', { first: range.startFrame + 1, last: range.endFrame, frame: frame + 1 })}
        {' · '}
        {t('check.steps', { count: steps })}
        {' · '}
        {t('estimate.strip', { full: calls.full, partial: calls.partial, reuse: calls.reuse })}
      </p>
    </>
  );
}
