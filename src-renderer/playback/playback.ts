import { listenToPlaybackKeys } from './playback-keys.ts';
import { startPlayer } from './player.ts';

/** The clock and the keys of playing; the window starts them once. Returns how to stop. */
export function startPlayback(): () => void {
  const stops = [startPlayer(), listenToPlaybackKeys()];
  return () => {
    for (const stop of stops) stop();
  };
}
