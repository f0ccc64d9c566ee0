import { describe, expect, it } from 'vitest';
import type { OpenedClip } from '../../src-shared/ipc/index.ts';
import { createPictureTrack, heightFor } from './wanted-pictures.ts';

const clip = { mediaId: 'm', height: 1080, width: 1920, frames: 100 } as OpenedClip;
const at = (frame: number): string => `/media/m/frame/${frame}.jpg?h=360`;

function fakeCache() {
  const here = new Map<string, { width: number; height: number; path: string; close(): void }>();
  const add = (path: string): void =>
    void here.set(path, { width: 1, height: 1, path, close: () => undefined });
  const cache = {
    get: (path: string) => here.get(path),
    want: () => undefined,
    onArrival: () => () => undefined,
  };
  return { add, track: createPictureTrack(cache) };
}

describe('heightFor', () => {
  it('is the next step, at most the clip, less while it plays', () => {
    expect(heightFor(clip, 500, false)).toBe(540);
    expect(heightFor(clip, 560, false)).toBe(540);
    expect(heightFor(clip, 900, false)).toBe(1080);
    expect(heightFor(clip, 5000, false)).toBe(1080);
    expect(heightFor(clip, 900, true)).toBe(720);
    expect(heightFor({ ...clip, height: 300 }, 900, false)).toBe(300);
  });
});

describe('createPictureTrack', () => {
  it('shows the last good picture until the next one is there, of the same clip only', () => {
    const { add, track } = fakeCache();
    expect(track.picture(clip, 3, 360)).toBeUndefined();
    add(at(3));
    expect(track.picture(clip, 3, 360)?.path).toBe(at(3));
    expect(track.picture(clip, 4, 360)?.path).toBe(at(3));
    expect(track.picture({ ...clip, mediaId: 'n' }, 4, 360)).toBeUndefined();
  });

  it('lets a picture on its way come while the playhead goes on', () => {
    const { add, track } = fakeCache();
    track.wanted(clip, 10, 360, 0);
    expect(track.wanted(clip, 50, 360, 0).slice(0, 2)).toEqual([at(50), at(10)]);
    expect(track.wanted(clip, 70, 360, 0).slice(0, 2)).toEqual([at(70), at(10)]);
    add(at(10));
    expect(track.picture(clip, 80, 360)?.path).toBe(at(10));
    expect(track.wanted(clip, 80, 360, 0)).not.toContain(at(10));
    expect(track.wanted(clip, 20, 360, 1).slice(0, 4)).toEqual([at(20), at(80), at(21), at(19)]);
  });
});
