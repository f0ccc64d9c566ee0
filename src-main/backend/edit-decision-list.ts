import { basename, extname } from 'node:path';
import { timecode, timecodeAfter } from '../../src-shared/project/index.ts';
import type { ClipInfo } from '../engine/frames.ts';

/** Where the list of an exported patch lies: beside it, under its name. */
export const listPathOf = (patchPath: string): string =>
  `${patchPath.slice(0, patchPath.length - extname(patchPath).length)}.edl`;

/**
 * The edit decision list (CMX 3600, the form that Resolve, Premiere and Avid read) that lays a patch over its clip: one
 * cut on a video track, recorded at the clip's own timecode. A clip without one begins at 00:00:00:00.
 *
 * @param patch As written: its frames, and the timecode of the first where the clip has one.
 * @param startFrame The patch's first frame in the clip.
 * @throws Error where the clip's timecode cannot be counted on
 */
export function patchList(patch: ClipInfo, startFrame: number, patchPath: string): string {
  const frames = patch.ptsSec.length;
  const rate = patch.timecode?.frameRate ?? patch.frameRate;
  const after = (start: string): string => {
    const end = timecodeAfter(start, frames, rate);
    if (end === undefined) throw new Error(`${start} is no timecode of ${rate} frames a second`);
    return end;
  };
  // A patch has a timecode of its own only where the clip has one.
  const source = patch.timecode?.start ?? timecode(0, rate);
  const record = patch.timecode?.start ?? timecode(startFrame, rate);
  const title = basename(patchPath);
  return [
    // One line, whatever the file is called.
    `TITLE: ${title.replaceAll(/[\r\n]/g, ' ').slice(0, 70)}`,
    `FCM: ${source.includes(';') ? 'DROP FRAME' : 'NON-DROP FRAME'}`,
    '',
    `001  AX       V     C        ${source} ${after(source)} ${record} ${after(record)}`,
    `* FROM CLIP NAME: ${title.replaceAll(/[\r\n]/g, ' ')}`,
    `* COMMENT: HetCut patch, for the track above ${basename(patch.path).replaceAll(/[\r\n]/g, ' ')}`,
    '',
  ].join('\n');
}
