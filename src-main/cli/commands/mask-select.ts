import { extname, resolve } from 'node:path';
import { InvalidArgumentError, type Command } from 'commander';
import { usageError } from '../../../src-shared/core/errors/index.ts';
import { decodeMask, usualFeatherPx } from '../../../src-shared/core/mask/index.ts';
import type { Place, Selected } from '../../../src-shared/core/track/index.ts';
import { checkClip } from '../../engine/run-edit.ts';
import { rangeIn } from '../../engine/scan/clip-range.ts';
import type { FrameRange } from '../../engine/edit-job.ts';
import type { ClipInfo, FrameSource, Media } from '../../engine/frames.ts';
import type { SelectRequest } from '../../engine/select/select-request.ts';
import { createNetworkSelector } from '../../host/network-selector.ts';
import { prepareSelect } from '../../engine/select/prepare-select.ts';
import { checkSelect, selectIn } from '../../engine/select/select-in-clip.ts';
import { createMedia } from '../../media/index.ts';
import { openCameraTracker, openDenseFlow } from '../../vision/index.ts';
import type { CliContext } from '../context.ts';
import { frameRange, requireReadable, wholeNumber } from './edit.ts';

export interface PointedAt {
  readonly frame: number;
  readonly numbers: readonly number[];
}

interface SelectFlags {
  at: PointedAt[];
  not: PointedAt[];
  box?: PointedAt;
  size: number;
  reach: number;
  range?: FrameRange;
  segmenter?: string;
  out: string;
}

/** FRAME:A,B,… with so many numbers behind the frame; `pairs`: three pairs or more. */
export function pointedAt(flag: string, shape: string, count: number | 'pairs'): (text: string) => PointedAt {
  const fits = (found: number): boolean =>
    count === 'pairs' ? found >= 6 && found % 2 === 0 : found === count;
  return (text) => {
    const [, frame, list] = /^(\d{1,9}):([\d.,]+)$/.exec(text) ?? [];
    const numbers = (list ?? '').split(',').map((part) => (/^\d+(\.\d+)?$/.test(part) ? Number(part) : NaN));
    if (frame === undefined || !fits(numbers.length) || numbers.some(Number.isNaN))
      throw new InvalidArgumentError(`${flag} is ${shape}, frames counted from 0, not "${text}".`);
    return { frame: Number(frame), numbers };
  };
}

const placeOf = ({ numbers: [x, y] }: PointedAt): Place => [x, y];

function smallerOrLarger(text: string): number {
  const size = Number(text);
  if (/^[+-]?\d$/.test(text)) return size;
  throw new InvalidArgumentError(`--size is a whole number from -9 to 9, not "${text}".`);
}

type Answer = Pick<Selected, 'mask' | 'smaller' | 'larger'>;

async function selectBuiltIn(
  request: SelectRequest,
  source: FrameSource,
  range: FrameRange,
  { signal, onProgress }: CliContext,
): Promise<Answer> {
  const prepared = await prepareSelect({
    source,
    frame: request.frame,
    range,
    openCamera: openCameraTracker,
    flow: await openDenseFlow(),
    signal,
    onFrame: (step, steps) => onProgress({ stage: 'select', step, steps, unit: 'frames' }),
  });
  return selectIn(prepared, request, source.info);
}

async function selectImported(
  request: SelectRequest,
  segmenterId: string,
  { width, height }: ClipInfo,
  media: Media,
  { home, signal }: CliContext,
): Promise<Answer> {
  const { mask, ...more } = await createNetworkSelector(home, media, signal)({ ...request, segmenterId });
  return { ...more, mask: decodeMask(mask, width * height) };
}

async function select(clipPath: string, flags: SelectFlags, context: CliContext): Promise<void> {
  const { signal } = context;
  const started = performance.now();
  const path = resolve(clipPath);
  const out = resolve(flags.out);
  await requireReadable([['clip', path]]);
  if (extname(out).toLowerCase() !== '.png')
    throw usageError(
      'select-output',
      `--out ${out} is not a .png.`,
      'The mask is written as a PNG, white = object.',
    );
  const all = [...flags.at, ...flags.not, ...(flags.box === undefined ? [] : [flags.box])];
  if (flags.at.length === 0 && flags.box === undefined)
    throw usageError(
      'select-nothing',
      'Nothing is pointed at.',
      'Give --at FRAME:X,Y, or --box FRAME:X0,Y0,X1,Y1.',
    );
  const [{ frame }] = all;
  const other = all.find((one) => one.frame !== frame);
  if (other !== undefined) {
    throw usageError(
      'select-frames',
      `Frames ${frame} and ${other.frame} are named.`,
      'Select in one frame; hetcut mask track follows from there.',
    );
  }
  const media = await createMedia();
  const source = await media.openClip(path, signal);
  const { info } = source;
  checkClip(info);
  const range = rangeIn(info, flags.range);
  const [left, top, right, bottom] = flags.box?.numbers ?? [];
  const request = {
    clipPath: path,
    frame,
    range,
    add: flags.at.map(placeOf),
    remove: flags.not.map(placeOf),
    ...(flags.box && { box: { from: [left, top] as const, to: [right, bottom] as const } }),
    size: flags.size,
    reachPx: flags.reach,
  };
  checkSelect(request, info);
  const { mask, smaller, larger } =
    flags.segmenter === undefined
      ? await selectBuiltIn(request, source, range, context)
      : await selectImported(request, flags.segmenter, info, media, context);
  let pixels = 0;
  for (const value of mask) if (value !== 0) pixels++;
  if (pixels === 0) {
    throw usageError(
      'select-empty',
      `Nothing was found in frame ${frame} there.`,
      'Point at another part of the object, or draw a box around it.',
    );
  }
  const { width, height } = info;
  const rgb = Uint8Array.from({ length: 3 * mask.length }, (_, at) => mask[Math.floor(at / 3)]);
  await media.writePicture(out, { width, height, rgb });
  const seconds = (performance.now() - started) / 1000;
  context.answer(
    { output: out, frame, pixels, share: pixels / mask.length, smaller, larger, seconds },
    `${out}\n${pixels} pixels, ${((100 * pixels) / mask.length).toFixed(1)} % of the picture, in ${seconds.toFixed(1)} s`,
  );
}

const collect =
  (read: (text: string) => PointedAt) =>
  (text: string, before: PointedAt[]): PointedAt[] => [...before, read(text)];

export function registerMaskSelect(mask: Command, context: CliContext): void {
  mask
    .command('select')
    .description('Selects the object at a click in one frame; hetcut mask track follows it from there.')
    .argument('<clip>', 'the video')
    .option(
      '--at <frame:x,y>',
      'a place on the object, in pixels; repeatable, adds',
      collect(pointedAt('--at', 'FRAME:X,Y', 2)),
      [],
    )
    .option(
      '--not <frame:x,y>',
      'a place that is not the object’s; repeatable, takes away',
      collect(pointedAt('--not', 'FRAME:X,Y', 2)),
      [],
    )
    .option(
      '--box <frame:x0,y0,x1,y1>',
      'the object lies inside; alone or with --at',
      pointedAt('--box', 'FRAME:X0,Y0,X1,Y1', 4),
    )
    .option(
      '--size <steps>',
      'so many objects larger than the likeliest one, below 0 smaller',
      smallerOrLarger,
      0,
    )
    .option(
      '--reach <px>',
      'pixels by which the mask reaches beyond the object, as the edge of a result is blended inside it',
      wholeNumber('--reach', 0, 64),
      usualFeatherPx,
    )
    .option(
      '--range <start:end>',
      'only these frames show the background, from 0, END not included',
      frameRange,
    )
    .option('--segmenter <id>', 'an imported segmenter selects; default: the built-in one')
    .requiredOption('--out <file>', 'the mask of that frame, .png')
    .action((clip: string, flags: SelectFlags) => select(clip, flags, context));
}
