import { ChevronRight } from 'lucide-react';
import { useId, useState, type ReactNode } from 'react';

interface SectionProps {
  /** Under which its being open is remembered. */
  readonly name: string;
  readonly title: string;
  /** Shown at the right of the title, also while it is closed. */
  readonly aside?: ReactNode;
  readonly closedAtFirst?: boolean;
  readonly children: ReactNode;
}

/** A part of a panel that folds. */
export function Section({ name, title, aside, closedAtFirst = false, children }: SectionProps) {
  const key = `hetcut-section-${name}`;
  const [open, setOpen] = useState(() => (localStorage.getItem(key) ?? String(!closedAtFirst)) === 'true');
  const id = useId();
  return (
    <section className="section">
      <div className="section-head">
        <h2>
          <button
            type="button"
            aria-expanded={open}
            aria-controls={id}
            onClick={() => {
              localStorage.setItem(key, String(!open));
              setOpen(!open);
            }}
          >
            <ChevronRight size={14} />
            {title}
          </button>
        </h2>
        {aside}
      </div>
      <div id={id} className="section-body" hidden={!open}>
        {children}
      </div>
    </section>
  );
}
