import type { AudioInfo, ClipInfo } from '../engine/frames.ts';
import type { FfmpegInput } from './ffmpeg-process.ts';

/** The track that is played and drawn. */
export const firstTrack = (clip: ClipInfo): AudioInfo | undefined => clip.audio[0];

/** The clip's file with the times that it states, by which sound and pictures belong together. */
export const soundInput = (clip: ClipInfo): FfmpegInput => ({
  source: clip.path,
  options: ['-nostdin', '-copyts'],
});

/**
 * ffmpeg filters that make a track last exactly as long as the pictures do: from the first one's time to the last
 * one's end. What is missing, gaps included, is silence. `sampleRate` in Hz.
 */
export function soundFilters({ ptsSec, durationSec }: ClipInfo, sampleRate: number): string {
  return [
    `asetpts=PTS-(${ptsSec[0].toFixed(6)})/TB`,
    // async=1 moves sound to its time by silence and cuts, never by stretching it.
    `aresample=${sampleRate}:async=1:first_pts=0`,
    'apad',
    `atrim=end=${durationSec.toFixed(6)}`,
  ].join(',');
}
