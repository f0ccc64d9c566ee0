import {
  ChevronFirst,
  ChevronLast,
  Maximize,
  Pause,
  Play,
  Repeat,
  StepBack,
  StepForward,
  ZoomIn,
  ZoomOut,
} from 'lucide-react';
import { clipTimecode, timecode, type Clip } from '../../src-shared/project/index.ts';
import { formatNumber, keyNames, useText } from '../i18n/index.ts';
import { activeMedia, useEditor, type Compare } from '../state/editor-store.ts';
import { useKeysFor } from '../state/key-map.ts';
import { MarkerName } from './MarkerName.tsx';
import { goToEnd, stepFrames, toggleLoop, togglePlay } from '../state/playing.ts';
import { stepZoom, useView, zoomToFit, zoomToFull } from '../state/view-store.ts';
import { IconButton } from '../ui/Button.tsx';
import { Segments } from '../ui/Segments.tsx';

const compares: readonly Compare[] = ['before', 'after', 'wipe', 'side', 'difference'];

/** Playing, the time, how large the clip is seen, and what it is compared with. */
export function Transport({ clip }: { readonly clip: Clip }) {
  const t = useText();
  const keysFor = useKeysFor();
  const playRate = useEditor((state) => state.playRate);
  const loop = useEditor((state) => state.loop);
  const compare = useEditor((state) => state.compare);
  // Whether any frame has one; a result need not hold all of them.
  const hasResult = useEditor(({ openedResults, editId }) =>
    clip.edits.some(
      ({ id, enabled, result }) =>
        (enabled || id === editId) && result !== undefined && openedResults[result.path] !== undefined,
    ),
  );
  const shownZoom = useView((state) => state.shownZoom);
  const playing = playRate !== 0;
  const shown = hasResult ? compare : 'before';
  const options = compares.map((value) => ({
    value,
    text: t(`viewer.${value}`),
    disabled: value !== 'before' && !hasResult,
  }));
  const choose = (next: Compare): void => useEditor.setState({ compare: next });
  return (
    <div className="transport">
      <div className="transport-group">
        <IconButton label={t('viewer.first')} shortcut="Home" side="top" onClick={() => goToEnd('first')}>
          <ChevronFirst />
        </IconButton>
        <IconButton
          label={t('viewer.stepBack')}
          shortcut={keysFor('stepBack')}
          side="top"
          onClick={() => stepFrames(-1)}
        >
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
        <IconButton
          label={t('viewer.stepOn')}
          shortcut={keysFor('stepOn')}
          side="top"
          onClick={() => stepFrames(1)}
        >
          <StepForward />
        </IconButton>
        <IconButton label={t('viewer.last')} shortcut="End" side="top" onClick={() => goToEnd('last')}>
          <ChevronLast />
        </IconButton>
        <IconButton
          label={t('viewer.loop')}
          shortcut={keysFor('loop')}
          side="top"
          aria-pressed={loop}
          onClick={toggleLoop}
        >
          <Repeat />
        </IconButton>
      </div>
      <Time clip={clip} />
      <MarkerName clip={clip} />
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
          title={`${t('viewer.zoomFull')} (${keyNames('Ctrl+1')})`}
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
      <div
        className="transport-compare"
        title={hasResult ? undefined : t('viewer.noResult', { keys: keyNames('Ctrl+Enter') })}
      >
        <Segments label={t('viewer.compare')} value={shown} options={options} onChange={choose} />
        {/* Where there is no room for all of them beside each other. */}
        <select
          className="input"
          aria-label={t('viewer.compare')}
          value={shown}
          disabled={!hasResult}
          onChange={({ target }) => choose(target.value as Compare)}
        >
          {options.map(({ value, text }) => (
            <option key={value} value={value}>
              {text}
            </option>
          ))}
        </select>
      </div>
    </div>
  );
}

/** By itself, for it is drawn with every frame. */
function Time({ clip }: { readonly clip: Clip }) {
  const t = useText();
  const frame = useEditor((state) => state.frame);
  const own = useEditor((state) => activeMedia(state)?.timecode);
  const title = t('viewer.frame', { frame, frames: clip.frames });
  return (
    <span
      className="transport-time figures"
      title={own === undefined ? title : `${t('viewer.sourceTimecode', { start: own.start })} · ${title}`}
    >
      {clipTimecode(frame, clip.frameRate, own)}
      <span className="quiet"> / {timecode(clip.frames, clip.frameRate)}</span>
    </span>
  );
}
