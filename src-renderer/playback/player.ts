import { audioPath, type OpenedClip } from '../../src-shared/ipc/index.ts';
import { activeClip, goToFrame, useEditor } from '../state/editor-store.ts';
import { frameAtTime, loopedTo } from './play-clock.ts';

/** Sound and picture may be this far apart, in seconds; at more the picture follows the sound. */
const maxDriftSec = 0.04;
/** At more than this the sound is moved, for the picture would be seen to jump. */
const maxFollowSec = 0.3;

function openedClip(): OpenedClip | undefined {
  const { opened, clipId } = useEditor.getState();
  return clipId === null ? undefined : opened[clipId];
}

/**
 * Moves the playhead while it plays: by the clip's own times and the clock, so that slow pictures are left out and time
 * is not. Sound plays at normal speed. Returns how to stop.
 */
export function startPlayer(): () => void {
  const sound = new Audio();
  sound.preload = 'auto';
  let soundOf: string | null = null;
  let request = 0;
  /** The playhead was at `fromSec` when the clock showed `fromMs`. */
  let fromSec = 0;
  let fromMs = 0;
  let shown = -1;

  function useSoundOf(clip: OpenedClip | undefined): void {
    const id = clip?.hasAudio === true ? clip.mediaId : null;
    if (id === soundOf) return;
    soundOf = id;
    if (id === null) sound.removeAttribute('src');
    else sound.src = audioPath(id);
  }

  /** Counts from the playhead as it is now. */
  function anchor(clip: OpenedClip, frame: number, nowMs: number): void {
    fromSec = clip.ptsSec[frame] ?? 0;
    fromMs = nowMs;
    shown = frame;
    if (soundOf !== null) sound.currentTime = fromSec;
  }

  /** Seconds from the clip's start; while sound plays it is the one that is followed. */
  function position(rate: number, nowMs: number): number {
    const clock = fromSec + ((nowMs - fromMs) / 1000) * rate;
    if (rate !== 1 || soundOf === null || sound.paused || sound.seeking || sound.readyState < 3) return clock;
    const drift = sound.currentTime - clock;
    if (Math.abs(drift) > maxFollowSec) sound.currentTime = clock;
    else if (Math.abs(drift) > maxDriftSec) {
      fromSec = sound.currentTime;
      fromMs = nowMs;
      return fromSec;
    }
    return clock;
  }

  function tick(nowMs: number): void {
    request = 0;
    const { playRate, frame, loop } = useEditor.getState();
    const clip = openedClip();
    if (playRate === 0 || clip === undefined) return;
    // Someone else moved the playhead.
    if (frame !== shown) anchor(clip, frame, nowMs);
    const timeSec = position(playRate, nowMs);
    const back = loop
      ? loopedTo(clip, activeClip(useEditor.getState())?.range, timeSec, playRate)
      : undefined;
    if (back !== undefined) {
      anchor(clip, back, nowMs);
      goToFrame(back);
      request = requestAnimationFrame(tick);
      return;
    }
    const ended = playRate > 0 ? timeSec >= clip.durationSec : timeSec < 0;
    const next = frameAtTime(clip.ptsSec, timeSec);
    shown = next;
    if (next !== frame) goToFrame(next);
    if (ended) useEditor.setState({ playRate: 0 });
    else request = requestAnimationFrame(tick);
  }

  const stopListening = useEditor.subscribe((state, before) => {
    if (state.clipId !== before.clipId || state.opened !== before.opened) useSoundOf(openedClip());
    if (state.playRate === before.playRate) return;
    if (state.playRate === 1 && soundOf !== null) {
      // Refused where the page was never touched; then it plays without sound.
      sound.play().catch(() => undefined);
    } else sound.pause();
    shown = -1;
    if (state.playRate !== 0 && request === 0) request = requestAnimationFrame(tick);
  });
  useSoundOf(openedClip());

  return () => {
    stopListening();
    cancelAnimationFrame(request);
    sound.pause();
    sound.removeAttribute('src');
  };
}
