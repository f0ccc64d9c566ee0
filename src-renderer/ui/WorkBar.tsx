import { Button } from './Button.tsx';
import './work-bar.css';

interface WorkBarProps {
  /** What is being done, for those who do not see it. */
  readonly label: string;
  /** How far it is. */
  readonly text: string;
  /** 0…1; null before the first report. */
  readonly share: number | null;
  readonly stop: { readonly label: string; readonly text: string; readonly onStop: () => void };
}

/** Progress of something that can be stopped. */
export function WorkBar({ label, text, share, stop }: WorkBarProps) {
  return (
    <div className="work-bar figures">
      <span className="quiet">{text}</span>
      <progress aria-label={label} {...(share !== null && { value: share })} />
      <Button aria-label={stop.label} onClick={stop.onStop}>
        {stop.text}
      </Button>
    </div>
  );
}
