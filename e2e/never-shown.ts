import { spawnSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { applyPlate } from '../src-main/engine/plate/apply-plate.ts';
import { createStageTimer } from '../src-main/engine/stage-timer.ts';
import { rangeIn } from '../src-main/engine/scan/clip-range.ts';
import { scanMask } from '../src-main/engine/scan/mask-scan.ts';
import { openWorkFolder } from '../src-main/jobs/work-folder.ts';
import { createMedia } from '../src-main/media/index.ts';
import { openCameraTracker } from '../src-main/vision/index.ts';

/** Writes the mask of what no frame of a clip shows, as FFV1 grey: what the plate stage leaves open. Returns its share of the mask. */
export async function writeNeverShown(clipPath: string, maskPath: string, outPath: string): Promise<number> {
  const folder = await mkdtemp(join(tmpdir(), 'hetcut-never-shown-'));
  const store = openWorkFolder(folder);
  const { signal } = new AbortController();
  const media = await createMedia();
  const source = await media.openClip(clipPath, signal);
  const mask = await media.openMask(maskPath, source.info, signal);
  const scan = await scanMask(mask, source.info, signal);
  await applyPlate({
    choice: { kind: 'auto' },
    range: rangeIn(source.info, undefined),
    source,
    mask,
    scan,
    services: { media, store, signal, openTracker: openCameraTracker },
    timer: createStageTimer(
      () => 0,
      () => undefined,
    ),
    fill: 'network',
    showsFill: false,
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
  const { maskedPixels, platePixels } = await store.plateSummary();
  await rm(folder, { recursive: true });
  const [, rate] = /^(.+)$/.exec(source.info.frameRate ?? '25') ?? [];
  const sizes = ['-f', 'rawvideo', '-pix_fmt', 'gray', '-s', `${width}x${height}`, '-r', rate ?? '25'];
  const run = spawnSync(
    process.env.FFMPEG_PATH ?? 'ffmpeg',
    ['-v', 'error', '-y', ...sizes, '-i', '-', '-c:v', 'ffv1', outPath],
    { input: Buffer.concat(pictures) },
  );
  if (run.status !== 0) throw new Error(`ffmpeg: ${run.stderr.toString()}`);
  return 1 - platePixels / maskedPixels;
}
