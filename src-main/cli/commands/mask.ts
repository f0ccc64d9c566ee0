import { resolve } from 'node:path';
import { InvalidArgumentError, Option, type Command } from 'commander';
import { usageError } from '../../../src-shared/core/errors/index.ts';
import type { FrameRange } from '../../engine/edit-job.ts';
import { matteClip } from '../../engine/export/matte-clip.ts';
import type { ClipInfo, Media } from '../../engine/frames.ts';
import { checkClip } from '../../engine/run-edit.ts';
import { rangeIn } from '../../engine/scan/clip-range.ts';
import { trackClip } from '../../engine/track/track-clip.ts';
import type { TrackDirection } from '../../../src-shared/project/mask/index.ts';
import type { TrackKey } from '../../engine/track/track-input.ts';
import { networkSegmenter } from '../../engine/segment/network-segmenter.ts';
import { openImported } from '../../host/open-imported.ts';
import { createMedia } from '../../media/index.ts';
import { openCameraTracker, openDenseFlow } from '../../vision/index.ts';
import type { CliContext } from '../context.ts';
import { frameRange, requireReadable, wholeNumber } from './edit.ts';
import { registerMaskFollow } from './mask-follow.ts';
import { registerMaskSelect } from './mask-select.ts';
import { registerMaskShadow } from './mask-shadow.ts';
import { noteText } from './track-notes.ts';

interface PaintedFrame {
  readonly frame: number;
  readonly path: string;
}

interface TrackFlags {
  from: PaintedFrame[];
  absent: number[];
  range?: FrameRange;
  direction: TrackDirection;
  segmenter?: string;
  out: string;
}

/** Adds FRAME:MASK to those before it. */
function paintedFrame(text: string, before: PaintedFrame[]): PaintedFrame[] {
  const [, frame, path] = /^(\d{1,9}):(.+)$/.exec(text) ?? [];
  if (frame === undefined) {
    throw new InvalidArgumentError(`--from is FRAME:MASK, frames counted from 0, not "${text}".`);
  }
  return [...before, { frame: Number(frame), path: resolve(path) }];
}

/** The masks of the named frames. Throws mask-*, track-frame, track-key, track-mask-empty. */
async function readKeys(
  media: Media,
  clip: ClipInfo,
  range: FrameRange,
  { from, absent }: TrackFlags,
  signal: AbortSignal,
): Promise<TrackKey[]> {
  const keys = new Map<number, TrackKey>();
  const add = (key: TrackKey, name: string): void => {
    if (key.frame < range.startFrame || key.frame >= range.endFrame) {
      throw usageError(
        'track-frame',
        `${name} names frame ${key.frame}; tracked are frames ${range.startFrame} to ${range.endFrame - 1}.`,
        'Frames are counted from 0; name one of those, or another --range.',
      );
    }
    if (keys.has(key.frame)) {
      throw usageError(
        'track-key',
        `Frame ${key.frame} is named twice.`,
        'Give one --from or one --absent for each frame.',
      );
    }
    keys.set(key.frame, key);
  };
  for (const { frame, path } of from) {
    const masks = await media.openMask(path, clip, signal);
    add({ frame, mask: null }, `--from ${frame}:${path}`);
    for await (const mask of masks.masks(frame, frame + 1, signal)) {
      if (!mask.some((value) => value !== 0)) {
        throw usageError(
          'track-mask-empty',
          `The mask ${path} is empty in frame ${frame}.`,
          `Paint the object in white; where it is not in the picture, say --absent ${frame}.`,
        );
      }
      keys.set(frame, { frame, mask });
    }
  }
  for (const frame of absent) add({ frame, mask: null }, `--absent ${frame}`);
  return [...keys.values()];
}

async function track(clipPath: string, flags: TrackFlags, context: CliContext): Promise<void> {
  const { signal } = context;
  const started = performance.now();
  const path = resolve(clipPath);
  await requireReadable([['clip', path], ...flags.from.map((key) => ['mask', key.path] as const)]);
  const out = resolve(flags.out);
  if (!/\.mkv$/i.test(out)) {
    throw usageError('track-output', `--out ${out} is not an .mkv.`, 'The mask is written as FFV1 in .mkv.');
  }
  if ([path, ...flags.from.map((key) => key.path)].includes(out)) {
    throw usageError('output-is-input', `The output names an input (${out}).`, 'Choose another name.');
  }
  const media = await createMedia();
  const source = await media.openClip(path, signal);
  checkClip(source.info);
  const range = rangeIn(source.info, flags.range);
  const keys = await readKeys(media, source.info, range, flags, signal);
  const matte = { quality: 'lossless', grey: true } as const;
  await media.checkExport(out, { ...source.info, audio: [] }, matte);
  const network = await openImported(context.home, flags.segmenter, (text) => context.note(text));
  const result = await trackClip({
    source,
    ...(network && { openSegmenter: (clip, size) => networkSegmenter(network, clip, size) }),
    keys,
    range,
    direction: flags.direction,
    openCamera: openCameraTracker,
    flow: await openDenseFlow(),
    signal,
    onFrame: (step, steps) => context.onProgress({ stage: 'track', step, steps, unit: 'frames' }),
  }).finally(() => network?.release());
  const whole = { startFrame: 0, endFrame: source.info.ptsSec.length };
  const { info, frames } = matteClip(
    source.info,
    [{ maskAt: (frame) => result.maskAt(frame) }],
    'painted',
    whole,
  );
  const sink = await media.openSink(out, info, matte, signal);
  try {
    for await (const frame of frames(signal)) await sink.write(frame);
    await sink.close();
  } catch (error) {
    await sink.abort();
    throw error;
  }
  const seconds = (performance.now() - started) / 1000;
  const confidence = Array.from(result.confidence, (value) => Math.round(value * 1000) / 1000);
  const notes = result.notes.map(noteText);
  const mean = confidence.reduce((sum, value) => sum + value, 0) / confidence.length;
  context.answer(
    {
      output: out,
      frames: confidence.length,
      range,
      confidence,
      seconds,
      notes,
    },
    [
      out,
      `${confidence.length} frames in ${seconds.toFixed(1)} s, mean confidence ${mean.toFixed(2)}`,
      ...notes.map((note) => `  note: ${note}`),
    ].join('\n'),
  );
}

export function registerMask(program: Command, context: CliContext): void {
  const mask = program.command('mask').description('Makes masks.');
  registerMaskSelect(mask, context);
  registerMaskShadow(mask, context);
  registerMaskFollow(mask, context);
  mask
    .command('track')
    .description('Follows an object from one painted frame, or several, through the clip.')
    .argument('<clip>', 'the video')
    .requiredOption(
      '--from <frame:mask>',
      'a frame, from 0, and the mask painted there (PNG, or a mask of the whole clip); repeatable, kept exactly',
      paintedFrame,
      [],
    )
    .option(
      '--absent <frame>',
      'a frame in which the object is not; repeatable',
      (text: string, before: number[]) => [...before, wholeNumber('--absent', 0, 999_999_999)(text)],
      [],
    )
    .option('--range <start:end>', 'only these frames of the clip, from 0, END not included', frameRange)
    .addOption(
      new Option('--direction <which>', 'from the painted frames on')
        .choices(['forward', 'backward', 'both'])
        .default('both'),
    )
    .option('--segmenter <id>', 'an imported segmenter follows the object; default: the built-in one')
    .requiredOption('--out <file>', 'the mask: one frame for each of the clip’s, .mkv')
    .action((clip: string, flags: TrackFlags) => track(clip, flags, context));
}
