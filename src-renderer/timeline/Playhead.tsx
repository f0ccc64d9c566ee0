import { clipTimecode, type Clip } from '../../src-shared/project/index.ts';
import { useText } from '../i18n/index.ts';
import { activeMedia, useEditor } from '../state/editor-store.ts';
import { goToEnd, stepFrames } from '../state/playing.ts';
import { frameToX, type TimelineScale } from './timeline-scale.ts';

interface PlayheadProps {
  readonly clip: Clip;
  readonly scale: TimelineScale;
  /** Frames that Page Up and Page Down go. */
  readonly perSecond: number;
}

/** The playhead for keyboard and screen reader; it is drawn on the canvas. */
export function Playhead({ clip, scale, perSecond }: PlayheadProps) {
  const t = useText();
  const frame = useEditor((state) => state.frame);
  const own = useEditor((state) => activeMedia(state)?.timecode);
  const moves: Readonly<Record<string, () => void>> = {
    ArrowLeft: () => stepFrames(-1),
    ArrowRight: () => stepFrames(1),
    ArrowDown: () => stepFrames(-1),
    ArrowUp: () => stepFrames(1),
    PageDown: () => stepFrames(-perSecond),
    PageUp: () => stepFrames(perSecond),
    Home: () => goToEnd('first'),
    End: () => goToEnd('last'),
  };
  return (
    <div
      className="playhead"
      role="slider"
      tabIndex={0}
      aria-label={t('timeline.playhead')}
      aria-valuemin={0}
      aria-valuemax={clip.frames - 1}
      aria-valuenow={frame}
      aria-valuetext={clipTimecode(frame, clip.frameRate, own)}
      style={{ transform: `translateX(${Math.round(frameToX(scale, frame + 0.5)) - 7}px)` }}
      onKeyDown={(event) => {
        const move =
          event.ctrlKey || event.metaKey || event.altKey || event.shiftKey ? undefined : moves[event.key];
        if (move === undefined) return;
        event.preventDefault();
        move();
      }}
    />
  );
}
