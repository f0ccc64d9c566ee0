import { composeSheet, type SheetPicture } from '../../../src-shared/core/sheet/index.ts';
import { compositeFrame } from './export-clip.ts';
import type { ClipInfo, FrameSource, MaskSource, Media, VideoFrame } from '../frames.ts';
import type { MaskScan } from '../scan/mask-scan.ts';
import type { FramePatch } from '../composite/patch-store.ts';
import { rgbBytes } from '../composite/planes.ts';

/** Rows of the sheet: few enough to look at in one go. */
const maxRows = 4;

/** Evenly spread frames among those that have a hole. */
function sheetFrames(scan: MaskScan): number[] {
  const masked = scan.boxes.flatMap((box, frame) => (box === null ? [] : [frame]));
  const rows = Math.min(maxRows, masked.length);
  return Array.from({ length: rows }, (_, row) => masked[Math.floor(((row + 0.5) * masked.length) / rows)]);
}

const pictureOf = (planes: VideoFrame['planes'], clip: ClipInfo): SheetPicture => ({
  width: clip.width,
  height: clip.height,
  rgb: rgbBytes(planes, clip),
});

/** The picture with the mask (coverage, 0…255) laid over it in red, half transparent. */
function overlay(picture: SheetPicture, mask: Uint8Array): SheetPicture {
  const rgb = picture.rgb.slice();
  for (let i = 0; i < mask.length; i++) {
    if (mask[i] === 0) continue;
    const [red, green, blue] = rgb.subarray(3 * i, 3 * i + 3);
    const opacity = mask[i] / 510;
    rgb[3 * i] = Math.floor(red + (255 - red) * opacity);
    rgb[3 * i + 1] = Math.floor(green * (1 - opacity));
    rgb[3 * i + 2] = Math.floor(blue * (1 - opacity));
  }
  return { ...picture, rgb };
}

/** Writes rows of before / mask / after and returns the path. */
export async function makeSheet(
  media: Media,
  sheetPath: string,
  source: FrameSource,
  mask: MaskSource,
  patchOf: (frame: number) => Promise<FramePatch | null>,
  scan: MaskScan,
): Promise<string> {
  const rows: SheetPicture[][] = [];
  for (const index of sheetFrames(scan)) {
    for await (const frame of source.frames(index, index + 1)) {
      for await (const coverage of mask.masks(index, index + 1)) {
        const before = pictureOf(frame.planes, source.info);
        const patch = await patchOf(index);
        const planes = patch === null ? frame.planes : compositeFrame(frame, coverage, patch, source.info);
        rows.push([before, overlay(before, coverage), pictureOf(planes, source.info)]);
      }
    }
  }
  await media.writePicture(sheetPath, composeSheet(rows));
  return sheetPath;
}
