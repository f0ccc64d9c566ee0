import { useText } from '../i18n/index.ts';
import { useBackend } from '../state/backend.ts';
import { attempt } from '../state/notices.ts';
import { Button } from '../ui/Button.tsx';
import { chooseAndOpen } from './choose-and-open.ts';
import { useLayout } from './layout-store.ts';
import { openProjectFile, openSample, useSession } from './session.ts';

/** What is there before a clip is: one sentence, one button, and what was worked on last. */
export function StartScreen() {
  const t = useText();
  const info = useBackend((state) => state.info);
  const opening = useSession((state) => state.opening);
  return (
    <main className="start">
      <div className="start-middle">
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
          <Button
            large
            disabled={info === null || opening !== null}
            onClick={() => {
              attempt(openSample);
            }}
          >
            {t('start.sample')}
          </Button>
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
  const language = useLayout((state) => state.language);
  const opening = useSession((state) => state.opening);
  if (projects.length === 0) return null;
  const day = new Intl.DateTimeFormat(language, { dateStyle: 'medium', timeStyle: 'short' });
  return (
    <section className="recent">
      <h2 className="quiet">{t('start.recent')}</h2>
      <ul>
        {projects.map(({ id, name, path, savedAt }) => (
          <li key={id}>
            <button
              type="button"
              disabled={opening !== null}
              onClick={() => {
                attempt(() => openProjectFile(path));
              }}
            >
              <span className="recent-name">{name}</span>
              <span className="recent-path quiet">
                <bdi>{path}</bdi>
              </span>
              <span className="figures quiet">{day.format(savedAt)}</span>
            </button>
          </li>
        ))}
      </ul>
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
