import { useText } from '../i18n/index.ts';
import { useEditor } from '../state/editor-store.ts';
import { Section } from '../ui/Section.tsx';
import { JobItem } from './JobItem.tsx';

/** What runs, what waits and what has been, the newest first. */
export function JobsPanel() {
  const t = useText();
  const jobs = useEditor((state) => state.jobs);
  const newestFirst = [...jobs].sort((one, other) => other.createdAt - one.createdAt);
  return (
    <Section
      name="jobs"
      title={t('jobs.title')}
      aside={jobs.length > 0 && <span className="quiet figures">{jobs.length}</span>}
    >
      {jobs.length === 0 && <p className="quiet">{t('jobs.none')}</p>}
      <ul className="jobs">
        {newestFirst.map((job) => (
          <JobItem key={job.id} job={job} />
        ))}
      </ul>
    </Section>
  );
}
