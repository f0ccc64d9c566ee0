import { ChevronDown, ChevronRight } from 'lucide-react';
import { useState } from 'react';
import { memoryStages } from '../../src-shared/core/estimate/index.ts';
import type { JobEstimate } from '../../src-shared/ipc/index.ts';
import { formatBytes, formatNumber, formatSeconds, useText } from '../i18n/index.ts';
import { useBackend } from '../state/backend.ts';
import { decibelsText } from '../state/check-text.ts';
import { activeEdit, activeMedia, changeEdit, useEditor } from '../state/editor-store.ts';
import { hasChangedSince, useFingerprints } from '../state/fingerprints.ts';
import { modelProblem } from '../state/run-edit.ts';
import { modelOf } from '../../src-shared/project/index.ts';
import { Button, IconButton } from '../ui/Button.tsx';
import { CopyButton } from '../ui/CopyButton.tsx';
import { Tooltip } from '../ui/Tooltip.tsx';
import { CalibrateOffer } from './CalibrateOffer.tsx';
import { CheckView, useCheck } from './CheckView.tsx';
import { StepStrip } from './StepStrip.tsx';
import { useEstimate, useEstimating } from './use-estimate.ts';
import './estimate.css';

const stages = ['plate', 'text', 'load', 'encode', 'sample', 'decode', 'media'] as const;

interface EstimateProps {
  /** Whether the clip's file was not found: that is said elsewhere. */
  readonly missing: boolean;
  readonly onModels: () => void;
}

/** How long it will take, what that is made of, and afterwards what it really took. */
export function EstimateView({ missing, onModels }: EstimateProps) {
  const t = useText();
  useEstimating();
  const opening = useEditor((state) => activeMedia(state) === undefined) && !missing;
  const problem = useEditor((state) => modelProblem(activeEdit(state), state.models));
  const { estimate, stale, failure } = useEstimate();
  return (
    <section className="estimate" aria-label={t('estimate.title')} aria-busy={stale}>
      {problem !== null ? (
        <NoModel problem={problem} onModels={onModels} />
      ) : failure !== null ? (
        <div className="estimate-failure" role="alert">
          <p>{failure.message}</p>
          <p className="quiet">{failure.hint}</p>
          <CopyButton key={failure.message} details={[failure.code, failure.message, failure.hint]} />
        </div>
      ) : estimate !== null ? (
        <Figures estimate={estimate} stale={stale} />
      ) : stale || opening ? (
        <Waiting />
      ) : (
        <p className="estimate-none quiet">{t(missing ? 'estimate.noClip' : 'estimate.empty')}</p>
      )}
      <Actual />
      <CheckView />
    </section>
  );
}

/** Before the first answer: as high as the figures that will stand there. */
function Waiting() {
  const t = useText();
  return (
    <div className="estimate-figures">
      <p className="visually-hidden" role="status">
        {t('estimate.waiting')}
      </p>
      <div className="skeleton estimate-skeleton" aria-hidden="true" />
      <div className="skeleton" aria-hidden="true" />
    </div>
  );
}

/** The edit's model cannot be used: what is wrong, and the two ways out. */
function NoModel({
  problem,
  onModels,
}: {
  readonly problem: 'model.gone' | 'model.damaged';
  readonly onModels: () => void;
}) {
  const t = useText();
  const modelId = useEditor((state) => activeEdit(state)?.settings.modelId ?? '');
  const models = useEditor((state) => state.models);
  const [other] = models.filter((model) => model.problem === undefined && model.id !== modelId);
  const reason = models.find(({ id }) => id === modelId)?.problem;
  return (
    <div className="estimate-failure" role="alert">
      <p>{t(problem, { model: modelId })}</p>
      {reason !== undefined && <p className="quiet">{reason}</p>}
      <div className="estimate-ways">
        {other !== undefined && (
          <Button
            onClick={() => {
              changeEdit(t('step.model'), (edit) => void (edit.settings.modelId = other.id));
            }}
          >
            {t('model.useOther', { model: other.id })}
          </Button>
        )}
        <Button onClick={onModels}>{t('menu.models')}</Button>
      </div>
    </div>
  );
}

const openKey = 'hetcut-section-estimate';

/** Seconds and steps in one line; what they are made of where it is asked for. */
function Figures({ estimate, stale }: { readonly estimate: JobEstimate; readonly stale: boolean }) {
  const t = useText();
  const [open, setOpen] = useState(() => localStorage.getItem(openKey) === 'true');
  const { seconds, steps, calls, fill } = estimate;
  const ownPlate = useEditor((state) => activeEdit(state)?.settings.platePath !== undefined);
  const noSteps = t(`estimate.noSteps.${ownPlate ? 'file' : fill}`);
  return (
    <div className={stale ? 'estimate-figures stale' : 'estimate-figures'}>
      <div className="estimate-head figures">
        <strong>{t('estimate.about', { time: formatSeconds(seconds) })}</strong>
        {steps.length === 0 ? (
          <span className={open ? 'estimate-why whole quiet' : 'estimate-why quiet'} title={noSteps}>
            {noSteps}
          </span>
        ) : (
          <StepStrip
            steps={steps}
            label={t('estimate.strip', { full: calls.full, partial: calls.partial, reuse: calls.reuse })}
          />
        )}
        <IconButton
          small
          label={t('estimate.details')}
          side="top"
          aria-expanded={open}
          onClick={() => {
            localStorage.setItem(openKey, String(!open));
            setOpen(!open);
          }}
        >
          {open ? <ChevronDown /> : <ChevronRight />}
        </IconButton>
      </div>
      {open && <Details estimate={estimate} />}
      {/* What can be done about it is not looked for. */}
      {!open && estimate.schedule?.calibrateSec !== undefined && (
        <ScheduleNote schedule={estimate.schedule} />
      )}
    </div>
  );
}

function Details({ estimate }: { readonly estimate: JobEstimate }) {
  const t = useText();
  const { windows, steps, calls } = estimate;
  const kinds = (['full', 'partial', 'reuse'] as const).filter((kind) => calls[kind] > 0);
  return (
    <>
      {steps.length > 0 && (
        <div className="legend quiet figures">
          {kinds.map((kind) => (
            <span key={kind} className={kind}>
              {t(`estimate.${kind}`, { count: calls[kind] })}
            </span>
          ))}
        </div>
      )}
      <div className="estimate-counts quiet figures">
        <MemoryNeed estimate={estimate} />
        {steps.length > 0 && (
          <span>
            <span>{t('estimate.steps', { count: steps.length })}</span> ·{' '}
            {t('estimate.windows', { count: windows })}
          </span>
        )}
      </div>
      <Stages seconds={estimate.stages} />
      <ScheduleNote schedule={estimate.schedule} />
    </>
  );
}

const mebibyte = 2 ** 20;

/** The most memory that the job takes, of the card where one computes; by stage while the pointer is on it. */
function MemoryNeed({ estimate: { memory, memoryMb, steps } }: { readonly estimate: JobEstimate }) {
  const t = useText();
  const onCard =
    useBackend(({ device }) => device !== null && device.provider !== 'cpu') && memory.cardMb > 0;
  const bytes = (onCard ? memory.cardMb : memoryMb) * mebibyte;
  const most = (
    <span tabIndex={steps.length > 0 ? 0 : undefined}>
      {t(onCard ? 'estimate.cardMemory' : 'estimate.memory', { memory: formatBytes(bytes) })}
    </span>
  );
  if (steps.length === 0) return most;
  const parts = memoryStages.map((stage) => {
    const { cardMb, ramMb } = memory.stages[stage];
    // Words are encoded by the processor in any case.
    const need = onCard && cardMb > 0 ? cardMb : ramMb;
    return `${t(`estimate.stage.${stage}`)} ${formatBytes(need * mebibyte)}`;
  });
  return <Tooltip text={parts.join(' · ')}>{most}</Tooltip>;
}

/** What there is to know of where the calls go. */
function ScheduleNote({ schedule }: { readonly schedule: JobEstimate['schedule'] | undefined }) {
  const t = useText();
  const model = useEditor((state) => {
    const settings = activeEdit(state)?.settings;
    return settings === undefined ? '' : modelOf(settings);
  });
  const kind = schedule?.source === 'few-steps' ? 'few-steps' : schedule?.missing;
  const offer = schedule?.calibrateSec !== undefined && <CalibrateOffer seconds={schedule.calibrateSec} />;
  if (kind !== undefined) {
    return (
      <>
        <p className="quiet">{t(`estimate.schedule.${kind}`)}</p>
        {offer}
      </>
    );
  }
  const partial = schedule?.partial;
  if (partial === undefined) return null;
  const { missing, keptMb } = partial;
  return (
    <>
      <p className="quiet">
        {missing === undefined
          ? t('estimate.kept', { memory: formatBytes(keptMb * mebibyte) })
          : t(`estimate.noPartial.${missing}`, { model })}
      </p>
      {offer}
    </>
  );
}

/** Where the seconds go. Stages that would read 0.0 s are left out. */
function Stages({ seconds }: { readonly seconds: JobEstimate['stages'] }) {
  const t = useText();
  const shown = stages.filter((stage) => seconds[stage] >= 0.05);
  return (
    <dl className="stages figures">
      {shown.map((stage) => (
        <div key={stage}>
          <dt>{t(`estimate.stage.${stage}`)}</dt>
          <dd>{formatSeconds(seconds[stage])}</dd>
        </div>
      ))}
    </dl>
  );
}

/** The last run of the edit against what was estimated for it. */
function Actual() {
  const t = useText();
  const edit = useEditor(activeEdit);
  const changed = useFingerprints(({ named }) => edit !== undefined && hasChangedSince(edit, named));
  const found = useCheck()?.check;
  const result = edit?.result;
  if (result === undefined) return null;
  const checked = found?.fingerprint === result.fingerprint ? found.found : undefined;
  const { seconds, estimateSeconds } = result;
  const percent = Math.round((seconds / estimateSeconds - 1) * 100);
  const difference =
    !Number.isFinite(percent) || percent === 0
      ? t('estimate.exact')
      : t('estimate.against', {
          estimate: formatSeconds(estimateSeconds),
          difference: t(percent > 0 ? 'estimate.longer' : 'estimate.shorter', {
            percent: formatNumber(Math.abs(percent)),
          }),
        });
  return (
    <p className="estimate-actual figures">
      {t('estimate.took', { time: formatSeconds(seconds) })}
      <span className="quiet"> · {difference}</span>
      {checked !== undefined && <span className="quiet"> · {decibelsText(checked.maskPsnr)}</span>}
      {changed && <span className="estimate-changed quiet">{t('estimate.changed')}</span>}
    </p>
  );
}
