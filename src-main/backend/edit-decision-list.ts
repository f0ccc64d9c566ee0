import { basename, extname } from 'node:path';
import { timecode, timecodeAfter, type Marker } from '../../src-shared/project/index.ts';
import type { ClipInfo } from '../engine/frames.ts';

/** Where the list of an exported patch lies: beside it, under its name. */
export const listPathOf = (patchPath: string): string =>
  `${patchPath.slice(0, patchPath.length - extname(patchPath).length)}.edl`;

/**
 * The edit decision list (CMX 3600, the form that Resolve, Premiere and Avid read) that lays a patch over its clip: one
 * cut on a video track, recorded at the clip's own timecode. A clip without one begins at 00:00:00:00.
 *
 * Markers within the patch follow the cut as locators, in the way that Avid writes them (`* LOC:`).
 *
 * @param patch As written: its frames, and the timecode of the first where the clip has one.
 * @param startFrame The patch's first frame in the clip.
 * @throws Error where the clip's timecode cannot be counted on
 */
export function patchList(
  patch: ClipInfo,
  startFrame: number,
  patchPath: string,
  markers: readonly Marker[] = [],
): string {
  const frames = patch.ptsSec.length;
  const rate = patch.timecode?.frameRate ?? patch.frameRate;
  const after = (start: string, count = frames): string => {
    const end = timecodeAfter(start, count, rate);
    if (end === undefined) throw new Error(`${start} is no timecode of ${rate} frames a second`);
    return end;
  };
  // A patch has a timecode of its own only where the clip has one.
  const source = patch.timecode?.start ?? timecode(0, rate);
  const record = patch.timecode?.start ?? timecode(startFrame, rate);
  const oneLine = (text: string): string => text.replaceAll(/[\r\n]/g, ' ');
  const title = oneLine(basename(patchPath));
  const within = markers.filter(({ frame }) => frame >= startFrame && frame < startFrame + frames);
  return [
    // One line, whatever the file is called.
    `TITLE: ${title.slice(0, 70)}`,
    `FCM: ${source.includes(';') ? 'DROP FRAME' : 'NON-DROP FRAME'}`,
    '',
    `001  AX       V     C        ${source} ${after(source)} ${record} ${after(record)}`,
    `* FROM CLIP NAME: ${title}`,
    `* COMMENT: HetCut patch, for the track above ${oneLine(basename(patch.path))}`,
    ...within.map(
      ({ frame, name }) => `* LOC: ${after(record, frame - startFrame)} RED     ${oneLine(name)}`,
    ),
    '',
  ].join('\n');
}
