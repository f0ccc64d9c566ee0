import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { applyPlate } from '../src-main/engine/plate/apply-plate.ts';
import { createStageTimer } from '../src-main/engine/stage-timer.ts';
import type { Media } from '../src-main/engine/frames.ts';
import { rangeIn } from '../src-main/engine/scan/clip-range.ts';
import { scanMask } from '../src-main/engine/scan/mask-scan.ts';
import { openWorkFolder } from '../src-main/jobs/work-folder.ts';
import { openCameraTracker } from '../src-main/vision/index.ts';
import { writeVideo } from './fill-clips.ts';

/**
 * Writes what no frame of a clip shows, as a mask: what the plate stage leaves open.
 *
 * @returns Its share of the mask, and the box around it over all frames, in pixels.
 */
export async function writeNeverShown(
  media: Media,
  clipPath: string,
  maskPath: string,
  outPath: string,
): Promise<{ share: number; left: number; top: number; right: number; bottom: number }> {
  const folder = await mkdtemp(join(tmpdir(), 'hetcut-never-shown-'));
  const store = openWorkFolder(folder);
  const { signal } = new AbortController();
  const source = await media.openClip(clipPath, signal);
  const mask = await media.openMask(maskPath, source.info, signal);
  await applyPlate({
    choice: { kind: 'auto' },
    range: rangeIn(source.info, undefined),
    source,
    mask,
    scan: await scanMask(mask, source.info, signal),
    services: { media, store, signal, openTracker: openCameraTracker },
    timer: createStageTimer(
      () => 0,
      () => undefined,
    ),
    fill: 'network',
    textured: false,
    whole: false,
    standing: false,
    seed: 0,
  });
  const { width, height, ptsSec } = source.info;
  const pictures: Uint8Array[] = [];
  for (let index = 0; index < ptsSec.length; index++) {
    const picture = new Uint8Array(width * height);
    const patch = await store.readPlate(index);
    for (let y = 0; patch !== null && y < patch.rect.height; y++) {
      const row = patch.residual.subarray(y * patch.rect.width, (y + 1) * patch.rect.width);
      picture.set(row, (patch.rect.y + y) * width + patch.rect.x);
    }
    pictures.push(picture);
  }
  const { maskedPixels, platePixels, open } = await store.plateSummary();
  await rm(folder, { recursive: true });
  writeVideo(outPath, 'gray', { width, height }, pictures);
  const boxes = open.frames.flatMap((frame) => (frame === null ? [] : [frame.box]));
  return {
    share: 1 - platePixels / maskedPixels,
    left: Math.min(...boxes.map(({ x }) => x)),
    top: Math.min(...boxes.map(({ y }) => y)),
    right: Math.max(...boxes.map((box) => box.x + box.width)),
    bottom: Math.max(...boxes.map((box) => box.y + box.height)),
  };
}
