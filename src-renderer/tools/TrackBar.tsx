import { ChevronsLeft, ChevronsRight, Crosshair, Plus, SkipBack, SkipForward, UserX } from 'lucide-react';
import { useMemo } from 'react';
import { needsTracking, paintedKeys } from '../../src-shared/project/mask/index.ts';
import { useText } from '../i18n/index.ts';
import { activeClip, activeEdit, useEditor } from '../state/editor-store.ts';
import { useKeysFor } from '../state/key-map.ts';
import { attempt } from '../state/notices.ts';
import {
  goToWeakFrame,
  isAbsent,
  knownTarget,
  shownMask,
  stopTracking,
  toggleAbsent,
  trackRange,
  useTracking,
  weakFrames,
  whyNotTrack,
} from '../state/tracking.ts';
import { followsPlane, trackAsChosen, whyNotFollow } from '../state/following.ts';
import { useView } from '../state/view-store.ts';
import { Button, IconButton } from '../ui/Button.tsx';
import { Tooltip } from '../ui/Tooltip.tsx';
import { FollowAs } from './FollowAs.tsx';
import { SelectHints } from './SelectHints.tsx';
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
  const followAs = useView((state) => state.followAs);
  const running = useTracking((state) => state.running);
  const mask = shownMask(edit);
  const weak = useMemo(() => (mask === undefined ? 0 : weakFrames(mask).length), [mask]);
  if (clip === undefined || edit === undefined) return null;
  const asPlane = followsPlane(edit, chosen, followAs);
  const problem = asPlane ? whyNotFollow(clip, edit, chosen, frame) : whyNotTrack(clip, edit, chosen);
  const object = knownTarget(edit, chosen);
  const corrects = object !== undefined && (tool === 'track' || edit.mask.shapes.at(chosen ?? -1) === object);
  const absent = object !== undefined && isAbsent(object, frame);
  // Where it is painted in no other frame there would be nothing left to follow.
  const keys =
    object?.keyframes.map((key) => key.frame) ?? paintedKeys(edit.mask.shapes, trackRange(clip, edit));
  const canBeAbsent = !('problem' in keys) && keys.some((key) => key !== frame);
  const open = problem === null && (object === undefined || needsTracking(object, trackRange(clip, edit)));
  const changed = object?.keyframes.some((key) => key.changed === true) === true;
  const hint =
    problem ??
    (asPlane
      ? t('follow.hint')
      : changed && open
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
        onClick={() => attempt(() => trackAsChosen('backward'))}
      >
        <ChevronsLeft />
      </IconButton>
      <Tooltip text={problem ?? t('track.bothHelp')} shortcut={keysFor('trackBoth')} side="bottom">
        <Button
          className={open && running === null ? 'track-button wanted' : 'track-button'}
          aria-disabled={problem !== null || running !== null}
          onClick={() => attempt(() => trackAsChosen('both'))}
        >
          <Crosshair />
          {t('track.both')}
        </Button>
      </Tooltip>
      <IconButton
        label={t('track.forward')}
        side="bottom"
        disabled={problem !== null || running !== null}
        onClick={() => attempt(() => trackAsChosen('forward'))}
      >
        <ChevronsRight />
      </IconButton>
      {running === null ? (
        <>
          <FollowAs />
          <span className="track-line" />
          <IconButton
            label={t(absent ? 'track.present' : 'track.absent')}
            shortcut={keysFor('absent')}
            side="bottom"
            aria-pressed={absent}
            disabled={!canBeAbsent}
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
          {tool === 'select' ? (
            <SelectHints />
          ) : (
            <span className="track-hint quiet" title={hint}>
              {hint}
            </span>
          )}
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
