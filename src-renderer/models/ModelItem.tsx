import { useState } from 'react';
import type { ModelRow } from '../../src-shared/ipc/index.ts';
import { isBundled } from '../../src-shared/project/index.ts';
import { formatBytes, useText } from '../i18n/index.ts';
import { backend } from '../state/backend.ts';
import { attempt } from '../state/notices.ts';
import { Button } from '../ui/Button.tsx';
import { Tooltip } from '../ui/Tooltip.tsx';
import { useModelWork, whileShown } from '../state/model-work.ts';
import { ModelWorkBar } from './ModelWorkBar.tsx';

/** A model in the list: what is known of it, and what can be done with it. */
export function ModelItem({
  model: { id, bytes, precision, readsPrompts, calibrated, problem },
}: {
  readonly model: ModelRow;
}) {
  const t = useText();
  const work = useModelWork((state) => state.works[id]);
  const [verified, setVerified] = useState(false);
  const facts = [
    // What cannot be read has no size.
    ...(bytes === 0 ? [] : [formatBytes(bytes)]),
    ...(precision === undefined ? [] : [precision]),
    t(readsPrompts ? 'models.prompts' : 'models.noPrompts'),
    ...(calibrated === undefined ? [] : [t(calibrated ? 'models.calibrated' : 'models.notCalibrated')]),
    ...(isBundled(id) ? [t('models.brought')] : []),
  ];
  return (
    <li className="entry">
      <div className="entry-text">
        <h3>{id}</h3>
        <p className="quiet figures">{facts.join(' · ')}</p>
        {problem !== undefined && <p className="model-problem">{problem}</p>}
        {verified && (
          <p className="model-verified" role="status">
            {t('models.verified')}
          </p>
        )}
      </div>
      {work !== undefined ? (
        <ModelWorkBar modelId={id} work={work} />
      ) : (
        <ModelButtons
          id={id}
          onCalibrate={
            calibrated === false && problem === undefined
              ? () => {
                  attempt(() =>
                    whileShown(id, 'calibrate', () => backend().call('models.calibrate', { modelId: id })),
                  );
                }
              : undefined
          }
          onVerify={() => {
            setVerified(false);
            attempt(async () => {
              setVerified(
                await whileShown(id, 'verify', () => backend().call('models.verify', { modelId: id })),
              );
            });
          }}
        />
      )}
    </li>
  );
}

function ModelButtons({
  id,
  onCalibrate,
  onVerify,
}: {
  readonly id: string;
  /** undefined where there is no need. */
  readonly onCalibrate: (() => void) | undefined;
  readonly onVerify: () => void;
}) {
  const t = useText();
  const [removing, setRemoving] = useState(false);
  if (removing) {
    return (
      <>
        <span>{t('models.reallyRemove', { model: id })}</span>
        <Button
          onClick={() => {
            setRemoving(false);
          }}
        >
          {t('models.keep')}
        </Button>
        <Button
          className="danger"
          onClick={() => {
            setRemoving(false);
            attempt(() => backend().call('models.remove', { modelId: id }));
          }}
        >
          {t('models.doRemove')}
        </Button>
      </>
    );
  }
  return (
    <>
      {onCalibrate !== undefined && (
        <Tooltip text={t('models.calibrateHelp')}>
          <Button aria-label={t('models.calibrate', { model: id })} onClick={onCalibrate}>
            {t('models.doCalibrate')}
          </Button>
        </Tooltip>
      )}
      <Button aria-label={t('models.verify', { model: id })} onClick={onVerify}>
        {t('models.doVerify')}
      </Button>
      {/* What comes with the program would come back with the next job. */}
      {!isBundled(id) && (
        <Button
          aria-label={t('models.remove', { model: id })}
          onClick={() => {
            setRemoving(true);
          }}
        >
          {t('models.doRemove')}
        </Button>
      )}
    </>
  );
}
