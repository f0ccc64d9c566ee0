import { useText } from '../i18n/index.ts';
import { redoStep, undoStep, useEditor } from '../state/editor-store.ts';
import { Section } from '../ui/Section.tsx';
import './history-panel.css';

/** Every step, the newest first; one can go to any of them. */
export function HistoryPanel() {
  const t = useText();
  const history = useEditor((state) => state.history);
  if (history === null) return null;
  const labels = [
    t('history.opened'),
    ...history.done.map(({ label }) => label),
    ...history.undone.map(({ label }) => label).reverse(),
  ];
  const now = history.done.length;
  const goTo = (step: number): void => {
    for (let at = now; at > step; at--) undoStep();
    for (let at = now; at < step; at++) redoStep();
  };
  return (
    <Section name="history" title={t('history.title')} closedAtFirst>
      <ol className="history" reversed>
        {labels
          .map((label, step) => (
            // Steps are only ever added and dropped at the end.
            <li key={step}>
              <button
                type="button"
                className={step > now ? 'undone' : undefined}
                aria-current={step === now ? 'step' : undefined}
                onClick={() => {
                  goTo(step);
                }}
              >
                {label}
              </button>
            </li>
          ))
          .reverse()}
      </ol>
    </Section>
  );
}
