import {
  ChevronFirst,
  ChevronLast,
  Maximize,
  Pause,
  Play,
  StepBack,
  StepForward,
  ZoomIn,
  ZoomOut,
} from 'lucide-react';
import { timecode, type Clip } from '../../src-shared/project/index.ts';
import { formatNumber, useText } from '../i18n/index.ts';
import { activeEdit, useEditor, type Compare } from '../state/editor-store.ts';
import { goToEnd, stepFrames, togglePlay } from '../state/playing.ts';
import { stepZoom, useView, zoomToFit, zoomToFull } from '../state/view-store.ts';
import { IconButton } from '../ui/Button.tsx';
import { Segments } from '../ui/Segments.tsx';

const compares: readonly Compare[] = ['before', 'after', 'wipe', 'side', 'difference'];

/** Playing, the time, how large the clip is seen, and what it is compared with. */
export function Transport({ clip }: { readonly clip: Clip }) {
  const t = useText();
  const playRate = useEditor((state) => state.playRate);
  const compare = useEditor((state) => state.compare);
  const hasResult = useEditor((state) => {
    const path = activeEdit(state)?.result?.path;
    return path !== undefined && state.openedResults[path] !== undefined;
  });
  const shownZoom = useView((state) => state.shownZoom);
  const playing = playRate !== 0;
  return (
    <div className="transport">
      <div className="transport-group">
        <IconButton label={t('viewer.first')} shortcut="Home" side="top" onClick={() => goToEnd('first')}>
          <ChevronFirst />
        </IconButton>
        <IconButton label={t('viewer.stepBack')} shortcut="," side="top" onClick={() => stepFrames(-1)}>
          <StepBack />
        </IconButton>
        <IconButton
          label={t(playing ? 'viewer.pause' : 'viewer.play')}
          shortcut="Space"
          side="top"
          onClick={togglePlay}
        >
          {playing ? <Pause /> : <Play />}
        </IconButton>
        <IconButton label={t('viewer.stepOn')} shortcut="." side="top" onClick={() => stepFrames(1)}>
          <StepForward />
        </IconButton>
        <IconButton label={t('viewer.last')} shortcut="End" side="top" onClick={() => goToEnd('last')}>
          <ChevronLast />
        </IconButton>
      </div>
      <Time clip={clip} />
      {playing && playRate !== 1 && (
        <span className="figures quiet">{t('viewer.rate', { rate: formatNumber(playRate) })}</span>
      )}
      <div className="transport-space" />
      <div className="transport-group">
        <IconButton label={t('viewer.zoomOut')} shortcut="Ctrl+↓" side="top" onClick={() => stepZoom(-1)}>
          <ZoomOut />
        </IconButton>
        <button
          type="button"
          className="transport-zoom figures"
          title={`${t('viewer.zoomFull')} (Ctrl+1)`}
          aria-label={`${t('viewer.zoomFull')}, ${Math.round(shownZoom * 100)} %`}
          onClick={zoomToFull}
        >
          {Math.round(shownZoom * 100)} %
        </button>
        <IconButton label={t('viewer.zoomIn')} shortcut="Ctrl+↑" side="top" onClick={() => stepZoom(1)}>
          <ZoomIn />
        </IconButton>
        <IconButton label={t('viewer.zoomFit')} shortcut="Ctrl+0" side="top" onClick={zoomToFit}>
          <Maximize />
        </IconButton>
      </div>
      <div className="transport-compare" title={hasResult ? undefined : t('viewer.noResult')}>
        <Segments
          label={t('viewer.compare')}
          value={hasResult ? compare : 'before'}
          options={compares.map((value) => ({
            value,
            text: t(`viewer.${value}`),
            disabled: value !== 'before' && !hasResult,
          }))}
          onChange={(next) => {
            useEditor.setState({ compare: next });
          }}
        />
      </div>
    </div>
  );
}

/** By itself, for it is drawn with every frame. */
function Time({ clip }: { readonly clip: Clip }) {
  const t = useText();
  const frame = useEditor((state) => state.frame);
  const title = t('viewer.frame', { frame, frames: clip.frames });
  return (
    <span className="transport-time figures" title={title}>
      {timecode(frame, clip.frameRate)}
      <span className="quiet"> / {timecode(clip.frames, clip.frameRate)}</span>
    </span>
  );
}
