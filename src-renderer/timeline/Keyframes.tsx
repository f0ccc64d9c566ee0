import { ChevronLeft, ChevronRight, Diamond } from 'lucide-react';
import { clipTimecode, type Clip } from '../../src-shared/project/index.ts';
import { useText } from '../i18n/index.ts';
import { activeEdit, activeMedia, goToFrame, useEditor } from '../state/editor-store.ts';
import { useKeysFor } from '../state/key-map.ts';
import { useView } from '../state/view-store.ts';
import { IconButton } from '../ui/Button.tsx';
import type { Row } from './draw-timeline.ts';
import { keyframesOf, nextKeyframe, shapesToKey, withKeysMoved } from './keyframe-rows.ts';
import { changeMask, deleteKeyframe, goToKeyframe, toggleKeyframe } from './timeline-actions.ts';
import { frameToX, type TimelineScale } from './timeline-scale.ts';

/** To the keyframe before and after, and one at the playhead made or taken away. */
export function KeyframeButtons() {
  const t = useText();
  const keysFor = useKeysFor();
  const frame = useEditor((state) => state.frame);
  const mask = useEditor((state) => activeEdit(state)?.mask);
  const chosen = useView((state) => state.shape);
  if (mask === undefined) return null;
  const keys = keyframesOf(mask);
  const here = keys.includes(frame);
  const canAdd = shapesToKey(mask, chosen, frame).length > 0;
  return (
    <span className="keyframe-buttons">
      <IconButton
        small
        label={t('timeline.keyBefore')}
        shortcut="↑"
        side="top"
        disabled={nextKeyframe(keys, frame, -1) === undefined}
        onClick={() => goToKeyframe(-1)}
      >
        <ChevronLeft />
      </IconButton>
      <IconButton
        small
        label={t(canAdd ? 'timeline.addKey' : here ? 'timeline.removeKey' : 'timeline.chooseShape')}
        shortcut={keysFor('keyframe')}
        side="top"
        aria-pressed={here && !canAdd}
        disabled={!canAdd && !here}
        onClick={toggleKeyframe}
      >
        <Diamond fill={here && !canAdd ? 'currentColor' : 'none'} />
      </IconButton>
      <IconButton
        small
        label={t('timeline.keyAfter')}
        shortcut="↓"
        side="top"
        disabled={nextKeyframe(keys, frame, 1) === undefined}
        onClick={() => goToKeyframe(1)}
      >
        <ChevronRight />
      </IconButton>
    </span>
  );
}

interface KeyframesProps {
  readonly clip: Clip;
  readonly rows: readonly Row[];
  readonly scale: TimelineScale;
  readonly width: number;
  /** The frame of the keyframe that has the focus; null where none has. */
  readonly onSelect: (frame: number | null) => void;
}

/** The keyframes for keyboard and screen reader; they are drawn on the canvas. */
export function Keyframes({ clip, rows, scale, width, onSelect }: KeyframesProps) {
  const t = useText();
  const mask = useEditor((state) => activeEdit(state)?.mask);
  const own = useEditor((state) => activeMedia(state)?.timecode);
  const row = rows.find(({ kind }) => kind === 'mask');
  if (mask === undefined || row === undefined) return null;
  const keys = keyframesOf(mask);
  const move = (frame: number, by: number): void => {
    const to = frame + by;
    if (to < 0 || to >= clip.frames || keys.includes(to)) return;
    changeMask('step.moveKey', (before) => withKeysMoved(before, frame, to), `key-${clip.id}`);
    onSelect(to);
    goToFrame(to);
  };
  return (
    <ul
      className="keyframes"
      aria-label={t('timeline.keyframes')}
      style={{ top: row.top, height: row.height }}
    >
      {keys.map((frame, index) => {
        const x = frameToX(scale, frame + 0.5);
        // Named by its place among the others, so that it keeps the focus while it is moved.
        return (
          <li key={index} style={{ left: x }} hidden={x < 0 || x > width}>
            <button
              type="button"
              aria-label={t('timeline.keyframe', { time: clipTimecode(frame, clip.frameRate, own) })}
              title={t('timeline.keyHelp')}
              onFocus={() => {
                useEditor.setState({ playRate: 0 });
                onSelect(frame);
                goToFrame(frame);
              }}
              onBlur={() => onSelect(null)}
              onKeyDown={(event) => {
                const by = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
                if (by !== undefined && !event.ctrlKey && !event.metaKey && !event.altKey) {
                  move(frame, event.shiftKey ? by * 10 : by);
                } else if (event.key === 'Delete' || event.key === 'Backspace') deleteKeyframe(frame);
                else return;
                event.preventDefault();
                event.stopPropagation();
              }}
            />
          </li>
        );
      })}
    </ul>
  );
}
