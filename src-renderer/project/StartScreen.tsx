import { History, X } from 'lucide-react';
import { sampleNames } from '../../src-shared/ipc/index.ts';
import { formatTime, useText } from '../i18n/index.ts';
import { useBackend } from '../state/backend.ts';
import { attempt } from '../state/notices.ts';
import { Button, IconButton } from '../ui/Button.tsx';
import { chooseAndOpen } from './choose-and-open.ts';
import { openProjectFile, openSample } from './open-project.ts';
import { forgetProject, forgetInterrupted } from './recent-projects.ts';
import { useSession } from './session-store.ts';
import './start-screen.css';

/** What is there before a clip is: one sentence, one button, and what was worked on last. */
export function StartScreen() {
  const t = useText();
  const info = useBackend((state) => state.info);
  const opening = useSession((state) => state.opening);
  return (
    <main className="start">
      <div className="start-middle">
        <Interrupted />
        <p className="start-sentence">{t('start.sentence')}</p>
        <div className="start-buttons">
          <Button
            primary
            large
            disabled={info === null || opening !== null}
            onClick={() => {
              attempt(() => chooseAndOpen('clip'));
            }}
          >
            {t('start.open')}
          </Button>
          {sampleNames.map((name) => (
            <Button
              key={name}
              large
              disabled={info === null || opening !== null}
              onClick={() => {
                attempt(() => openSample(name));
              }}
            >
              {t(`start.sample.${name}`)}
            </Button>
          ))}
        </div>
        <p className="quiet" role="status">
          {info === null
            ? t('start.connecting')
            : opening === null
              ? t('start.drop')
              : t('start.opening', { name: opening })}
        </p>
        {info === null ? <RecentSkeleton /> : <RecentProjects />}
      </div>
    </main>
  );
}

function RecentProjects() {
  const t = useText();
  const projects = useBackend((state) => state.info?.recentProjects) ?? [];
  const opening = useSession((state) => state.opening);
  if (projects.length === 0) return null;
  return (
    <section className="recent">
      <h2 className="quiet">{t('start.recent')}</h2>
      <ul>
        {projects.map(({ id, name, path, savedAt, missing = false, openElsewhere = false }) => (
          <li key={path}>
            <button
              type="button"
              disabled={opening !== null || missing}
              onClick={() => {
                attempt(() => openProjectFile(path));
              }}
            >
              <span className="recent-name">{name}</span>
              <span className="recent-path quiet">
                {/* Where the program put it itself says nothing. */}
                <bdi>{path.endsWith(`${id}.hetcut`) ? '' : path}</bdi>
              </span>
              <span className="figures quiet">
                {missing
                  ? t('start.missing')
                  : openElsewhere
                    ? t('start.openElsewhere')
                    : formatTime(savedAt)}
              </span>
            </button>
            {missing && (
              <IconButton
                label={t('start.forget', { name })}
                small
                onClick={() => {
                  attempt(() => forgetProject(path));
                }}
              >
                <X />
              </IconButton>
            )}
          </li>
        ))}
      </ul>
    </section>
  );
}

/** What was open when the program, or its page, ended without closing it. */
function Interrupted() {
  const t = useText();
  const projects = useBackend((state) => state.info?.recentProjects) ?? [];
  const opening = useSession((state) => state.opening);
  const found = projects.find(({ interrupted = false }) => interrupted);
  if (found === undefined) return null;
  const { name, path, savedAt } = found;
  return (
    <section className="interrupted" aria-label={t('start.interrupted', { name })}>
      <History size={16} />
      <p>
        {t('start.interrupted', { name })}{' '}
        <span className="quiet">{t('start.interruptedSaved', { time: formatTime(savedAt) })}</span>
      </p>
      <Button
        disabled={opening !== null}
        onClick={() => {
          attempt(forgetInterrupted);
        }}
      >
        {t('start.leave')}
      </Button>
      <Button
        primary
        disabled={opening !== null}
        onClick={() => {
          attempt(() => openProjectFile(path));
        }}
      >
        {t('start.goOn')}
      </Button>
    </section>
  );
}

function RecentSkeleton() {
  return (
    <div className="recent" aria-hidden="true">
      <div className="skeleton" style={{ width: 112 }} />
      <div className="skeleton" />
      <div className="skeleton" />
    </div>
  );
}
