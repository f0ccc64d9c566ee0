import { useRef } from 'react';
import './splitter.css';

interface SplitterProps {
  readonly label: string;
  /** The panel lies after the bar: to the right of it, or below. */
  readonly direction: 'columns' | 'rows';
  readonly size: number;
  readonly min: number;
  readonly max: number;
  readonly onResize: (size: number) => void;
  /** A double click closes the panel. */
  readonly onCollapse: () => void;
}

/** The bar between two panels: dragged, or moved with the arrow keys. */
export function Splitter({ label, direction, size, min, max, onResize, onCollapse }: SplitterProps) {
  const grabbed = useRef<{ at: number; size: number } | null>(null);
  const within = (next: number): number => Math.round(Math.max(min, Math.min(max, next)));
  return (
    <div
      className={`splitter ${direction}`}
      role="separator"
      tabIndex={0}
      aria-label={label}
      aria-orientation={direction === 'columns' ? 'vertical' : 'horizontal'}
      aria-valuenow={size}
      aria-valuemin={min}
      aria-valuemax={max}
      onPointerDown={(event) => {
        event.currentTarget.setPointerCapture(event.pointerId);
        grabbed.current = { at: direction === 'columns' ? event.clientX : event.clientY, size };
      }}
      onPointerMove={(event) => {
        if (grabbed.current === null) return;
        const at = direction === 'columns' ? event.clientX : event.clientY;
        onResize(within(grabbed.current.size + grabbed.current.at - at));
      }}
      onPointerUp={() => {
        grabbed.current = null;
      }}
      onPointerCancel={() => {
        grabbed.current = null;
      }}
      onDoubleClick={onCollapse}
      onKeyDown={(event) => {
        const larger = direction === 'columns' ? 'ArrowLeft' : 'ArrowUp';
        const smaller = direction === 'columns' ? 'ArrowRight' : 'ArrowDown';
        if (event.key !== larger && event.key !== smaller) return;
        // The arrows belong to the bar, not to the playhead.
        event.preventDefault();
        event.stopPropagation();
        onResize(within(size + (event.key === larger ? 16 : -16)));
      }}
    />
  );
}
