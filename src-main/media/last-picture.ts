import { open } from 'node:fs/promises';
import { childBox, findMoov, scaleOf, videoTracks } from './mp4-boxes.ts';

/** A whole number that is 8 bytes wide in version 1 of its box and 4 in version 0. */
class VersionedField {
  readonly #box: Buffer;
  readonly #at: number;
  readonly #wide: boolean;

  constructor(box: Buffer, at: { readonly narrow: number; readonly wide: number }) {
    this.#box = box;
    this.#wide = box[0] === 1;
    this.#at = this.#wide ? at.wide : at.narrow;
  }

  get value(): number {
    return this.#wide ? Number(this.#box.readBigInt64BE(this.#at)) : this.#box.readInt32BE(this.#at) >>> 0;
  }

  set value(value: number) {
    if (this.#wide) this.#box.writeBigInt64BE(BigInt(value), this.#at);
    else this.#box.writeUInt32BE(value, this.#at);
  }
}

/** The last edit of a track that shows something. Entries: duration, media time, rate (4 bytes). */
function lastEdit(editList: Buffer): VersionedField | undefined {
  const count = editList.readUInt32BE(4);
  const wide = editList[0] === 1;
  for (let entry = count - 1; entry >= 0; entry--) {
    const at = 8 + entry * (wide ? 20 : 12);
    const mediaTime = wide ? Number(editList.readBigInt64BE(at + 8)) : editList.readInt32BE(at + 4);
    if (mediaTime >= 0) return new VersionedField(editList, { narrow: at, wide: at });
  }
  return undefined;
}

/** Lengthens a track by ticks of the movie, and the movie to hold it. */
function lengthenTrack(trackHeader: Buffer, movieHeader: Buffer, movieTicks: number): void {
  const track = new VersionedField(trackHeader, { narrow: 20, wide: 28 });
  track.value += movieTicks;
  const movie = new VersionedField(movieHeader, { narrow: 16, wide: 24 });
  movie.value = Math.max(movie.value, track.value);
}

/**
 * Sets the length of the video track's last sample where it has none, and lengthens track, edit and movie with it.
 * `durationSec`: of the last picture. Changes `moov` (the box's content) in place; true if anything was changed.
 */
function lengthenLastSample(moov: Buffer, durationSec: number): boolean {
  const header = childBox(moov, 'mvhd');
  const track = videoTracks(moov).at(0);
  if (header === undefined || track === undefined) return false;
  const mediaHeader = childBox(track, 'mdia', 'mdhd');
  const times = childBox(track, 'mdia', 'minf', 'stbl', 'stts');
  const trackHeader = childBox(track, 'tkhd');
  if (mediaHeader === undefined || times === undefined || trackHeader === undefined) return false;
  const last = 8 + (times.readUInt32BE(4) - 1) * 8;
  if (last < 8 || times.readUInt32BE(last) !== 1 || times.readUInt32BE(last + 4) !== 0) return false;

  const ticks = Math.max(1, Math.round(durationSec * scaleOf(mediaHeader)));
  const movieTicks = Math.ceil((ticks / scaleOf(mediaHeader)) * scaleOf(header));
  times.writeUInt32BE(ticks, last + 4);
  new VersionedField(mediaHeader, { narrow: 16, wide: 24 }).value += ticks;
  const editList = childBox(track, 'edts', 'elst');
  const edit = editList === undefined ? undefined : lastEdit(editList);
  if (edit !== undefined) edit.value += movieTicks;
  lengthenTrack(trackHeader, header, movieTicks);
  return true;
}

/**
 * Lengthens the video track's edit, and track and movie with it, to `shownSec`, where it is shorter: it would hide the
 * last picture. Changes `moov` (the box's content) in place; true if anything was changed.
 */
function lengthenEdit(moov: Buffer, shownSec: number): boolean {
  const header = childBox(moov, 'mvhd');
  const track = videoTracks(moov).at(0);
  const trackHeader = track && childBox(track, 'tkhd');
  const editList = track && childBox(track, 'edts', 'elst');
  if (header === undefined || trackHeader === undefined || editList === undefined) return false;
  const edit = lastEdit(editList);
  // Less than a tick is what rounding leaves.
  const missing = Math.ceil(shownSec * scaleOf(header) - 0.01) - (edit?.value ?? Infinity);
  if (edit === undefined || missing <= 0) return false;
  edit.value += missing;
  lengthenTrack(trackHeader, header, missing);
  return true;
}

/**
 * Versions of ffmpeg before 5.1 write an MP4 whose last picture lasts 0 ticks, or which ends as the picture that is
 * stored last does, not the one that is shown last: the edit list hides it then. Puts that right in the file at `path`;
 * other files are left alone. `durationSec`: of the last picture; `shownSec`: of all.
 */
export async function repairLastPicture(path: string, durationSec: number, shownSec: number): Promise<void> {
  const file = await open(path, 'r+');
  try {
    const place = await findMoov(file);
    if (place === undefined) return;
    const moov = Buffer.alloc(place.length);
    await file.read(moov, 0, place.length, place.position);
    const changes = [lengthenLastSample(moov, durationSec), lengthenEdit(moov, shownSec)];
    if (changes.includes(true)) await file.write(moov, 0, place.length, place.position);
  } finally {
    await file.close();
  }
}
