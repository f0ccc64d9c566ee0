import { ChevronsLeft, ChevronsRight, Crosshair, Plus, SkipBack, SkipForward, UserX } from 'lucide-react';
import { needsTracking } from '../../src-shared/project/mask/index.ts';
import { useText } from '../i18n/index.ts';
import { activeClip, activeEdit, useEditor } from '../state/editor-store.ts';
import { useKeysFor } from '../state/key-map.ts';
import { attempt } from '../state/notices.ts';
import {
  goToWeakFrame,
  isAbsent,
  shownMask,
  stopTracking,
  toggleAbsent,
  track,
  trackRange,
  trackTarget,
  useTracking,
  weakFrames,
  whyNotTrack,
} from '../state/tracking.ts';
import { useView } from '../state/view-store.ts';
import { Button, IconButton } from '../ui/Button.tsx';
import { Tooltip } from '../ui/Tooltip.tsx';
import './track-bar.css';

/** Follows what is painted, says how sure it is, and leads to the frames that want a look. */
export function TrackBar() {
  const t = useText();
  const keysFor = useKeysFor();
  const clip = useEditor(activeClip);
  const edit = useEditor(activeEdit);
  const frame = useEditor((state) => state.frame);
  const tool = useEditor((state) => state.tool);
  const chosen = useView((state) => state.shape);
  const running = useTracking((state) => state.running);
  if (clip === undefined || edit === undefined) return null;
  const problem = whyNotTrack(clip, edit, chosen);
  const target = trackTarget(clip, edit, chosen);
  const object = 'object' in target ? target.object : undefined;
  const isKnown = object !== undefined && edit.mask.shapes.includes(object);
  const corrects = isKnown && (tool === 'track' || edit.mask.shapes.at(chosen ?? -1) === object);
  const weak = weakFrames(shownMask(edit) ?? edit.mask).length;
  const absent = object !== undefined && isAbsent(object, frame);
  const onlyKey = object?.keyframes.length === 1 && object.keyframes[0].frame === frame;
  const open = object !== undefined && needsTracking(object, trackRange(clip, edit));
  const changed = isKnown && object.keyframes.some((key) => key.changed === true);
  const hint =
    problem ??
    (changed && open
      ? t('track.hintAgain')
      : corrects
        ? t('track.hintCorrect')
        : t(open ? 'track.hintTrack' : 'track.settled'));
  const percent = Math.round((running?.share ?? 0) * 100);
  return (
    <div className="track-bar" role="toolbar" aria-label={t('track.bar')}>
      <IconButton
        label={t('track.backward')}
        side="bottom"
        disabled={problem !== null || running !== null}
        onClick={() => attempt(() => track('backward'))}
      >
        <ChevronsLeft />
      </IconButton>
      <Tooltip text={problem ?? t('track.bothHelp')} shortcut={keysFor('trackBoth')} side="bottom">
        <Button
          className={open && running === null ? 'track-button wanted' : 'track-button'}
          aria-disabled={problem !== null || running !== null}
          onClick={() => attempt(() => track('both'))}
        >
          <Crosshair />
          {t('track.both')}
        </Button>
      </Tooltip>
      <IconButton
        label={t('track.forward')}
        side="bottom"
        disabled={problem !== null || running !== null}
        onClick={() => attempt(() => track('forward'))}
      >
        <ChevronsRight />
      </IconButton>
      {running === null ? (
        <>
          <span className="track-line" />
          <IconButton
            label={t(absent ? 'track.present' : 'track.absent')}
            shortcut={keysFor('absent')}
            side="bottom"
            aria-pressed={absent}
            disabled={object === undefined || onlyKey}
            onClick={toggleAbsent}
          >
            <UserX />
          </IconButton>
          <IconButton
            label={t('track.newObject')}
            side="bottom"
            disabled={!corrects}
            onClick={() => {
              useView.setState({ shape: null });
              if (tool === 'track') useEditor.setState({ tool: 'brush' });
            }}
          >
            <Plus />
          </IconButton>
          <span className="track-line" />
          <IconButton
            label={t('track.weakBefore')}
            shortcut={keysFor('weakBefore')}
            side="bottom"
            disabled={weak === 0}
            onClick={() => goToWeakFrame(-1)}
          >
            <SkipBack />
          </IconButton>
          <IconButton
            label={t('track.weakNext')}
            shortcut={keysFor('weakNext')}
            side="bottom"
            disabled={weak === 0}
            onClick={() => goToWeakFrame(1)}
          >
            <SkipForward />
          </IconButton>
          {weak > 0 && <span className="track-weak figures">{t('track.weak', { count: weak })}</span>}
          <span className="track-hint quiet" title={hint}>
            {hint}
          </span>
        </>
      ) : (
        <>
          <progress
            className="track-progress"
            aria-label={t('track.running', { percent })}
            max={100}
            value={percent}
          />
          <span className="figures" role="status">
            {t('track.running', { percent })}
          </span>
          <Tooltip text={t('track.stopHelp')} side="bottom">
            <Button disabled={running.stopping} onClick={() => attempt(stopTracking)}>
              {t('track.stop')}
            </Button>
          </Tooltip>
        </>
      )}
    </div>
  );
}
