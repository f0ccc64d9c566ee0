import { resolve } from 'node:path';
import type { Command } from 'commander';
import { usageError } from '../../../src-shared/core/errors/index.ts';
import type { FrameRange } from '../../engine/edit-job.ts';
import { matteClip } from '../../engine/export/matte-clip.ts';
import { checkClip } from '../../engine/run-edit.ts';
import { rangeIn } from '../../engine/scan/clip-range.ts';
import { findShadows } from '../../engine/track/find-shadows.ts';
import { createMedia } from '../../media/index.ts';
import { openCameraTracker } from '../../vision/index.ts';
import type { CliContext } from '../context.ts';
import { frameRange, requireReadable } from './edit.ts';

interface ShadowFlags {
  of: string;
  range?: FrameRange;
  out: string;
}

async function shadow(clipPath: string, flags: ShadowFlags, context: CliContext): Promise<void> {
  const { signal } = context;
  const started = performance.now();
  const [path, objectPath, out] = [clipPath, flags.of, flags.out].map((one) => resolve(one));
  await requireReadable([
    ['clip', path],
    ['mask', objectPath],
  ]);
  if (!/\.mkv$/i.test(out)) {
    throw usageError('track-output', `--out ${out} is not an .mkv.`, 'The mask is written as FFV1 in .mkv.');
  }
  if (out === path || out === objectPath) {
    throw usageError('output-is-input', `The output names an input (${out}).`, 'Choose another name.');
  }
  const media = await createMedia();
  const source = await media.openClip(path, signal);
  const { info } = source;
  checkClip(info);
  const range = rangeIn(info, flags.range);
  const matte = { quality: 'lossless', grey: true } as const;
  await media.checkExport(out, { ...info, audio: [] }, matte);
  const object = await media.openMask(objectPath, info, signal);
  const masks = new Map<number, Uint8Array>();
  let index = range.startFrame;
  for await (const mask of object.masks(range.startFrame, range.endFrame, signal))
    masks.set(index++, Uint8Array.from(mask));
  const found = new Map<number, Uint8Array>();
  const confidence = new Array<number>(range.endFrame - range.startFrame).fill(0);
  await findShadows({
    source,
    masks,
    range,
    openCamera: openCameraTracker,
    signal,
    onFrame: (step, steps) => context.onProgress({ stage: 'track', step, steps, unit: 'frames' }),
    onMask: (frame, mask, sure) => {
      found.set(frame, mask);
      confidence[frame - range.startFrame] = Math.round(sure * 1000) / 1000;
    },
  });
  const none = new Uint8Array(info.width * info.height);
  const whole = { startFrame: 0, endFrame: info.ptsSec.length };
  const maskAt = (frame: number): Uint8Array => found.get(frame) ?? none;
  const written = matteClip(info, [{ maskAt }], 'painted', whole);
  const sink = await media.openSink(out, written.info, matte, signal);
  try {
    for await (const frame of written.frames(signal)) await sink.write(frame);
    await sink.close();
  } catch (error) {
    await sink.abort();
    throw error;
  }
  const seconds = (performance.now() - started) / 1000;
  const frames = range.endFrame - range.startFrame;
  context.answer(
    { output: out, frames, found: found.size, range, confidence, seconds },
    `${out}\na shadow in ${found.size} of ${frames} frames, in ${seconds.toFixed(1)} s`,
  );
}

export function registerMaskShadow(mask: Command, context: CliContext): void {
  mask
    .command('shadow')
    .description('Finds the shadow of an object: what touches it and is the background with less light.')
    .argument('<clip>', 'the video')
    .requiredOption('--of <mask>', 'the object: a mask of the whole clip, as of hetcut mask track')
    .option('--range <start:end>', 'only these frames of the clip, from 0, END not included', frameRange)
    .requiredOption('--out <file>', 'the shadow: one frame for each of the clip’s, .mkv')
    .action((clip: string, flags: ShadowFlags) => shadow(clip, flags, context));
}
