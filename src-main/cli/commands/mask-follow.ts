import { resolve } from 'node:path';
import { InvalidArgumentError, Option, type Command } from 'commander';
import { usageError } from '../../../src-shared/core/errors/index.ts';
import { planeFreedoms, type PlaneFreedom } from '../../../src-shared/core/plane/index.ts';
import {
  followedShape,
  isOutlined,
  rasteriseMask,
  usualTolerancePx,
  type FollowedPose,
  type MaskPoint,
  type OutlinedShape,
  type ProjectMask,
  type TrackDirection,
} from '../../../src-shared/project/mask/index.ts';
import type { FrameRange } from '../../engine/edit-job.ts';
import type { ClipInfo } from '../../engine/frames.ts';
import { checkClip } from '../../engine/run-edit.ts';
import { rangeIn } from '../../engine/scan/clip-range.ts';
import { followShape } from '../../engine/track/follow-shape.ts';
import { writeFileAtomic } from '../../jobs/atomic-write.ts';
import { createMedia, readMaskDocument } from '../../media/index.ts';
import { openCameraTracker, openPlaneFeatures } from '../../vision/index.ts';
import type { CliContext } from '../context.ts';
import { frameRange, requireReadable } from './edit.ts';
import { pointedAt, type PointedAt } from './mask-select.ts';
import { noteText } from './track-notes.ts';

interface FollowFlags {
  from?: { readonly frame: number; readonly path: string };
  box?: PointedAt;
  polygon?: PointedAt;
  shape?: string;
  motion: PlaneFreedom;
  direction: TrackDirection;
  range?: FrameRange;
  tolerance: number;
  out: string;
}

function shapeFile(text: string): { readonly frame: number; readonly path: string } {
  const [, frame, path] = /^(\d{1,9}):(.+\.json)$/i.exec(text) ?? [];
  if (frame === undefined)
    throw new InvalidArgumentError(`--from is FRAME:MASK.json, frames counted from 0, not "${text}".`);
  return { frame: Number(frame), path: resolve(path) };
}

function pixels(text: string): number {
  const value = Number(text);
  if (/^\d+(\.\d+)?$/.test(text) && value <= 100) return value;
  throw new InvalidArgumentError(`--tolerance is a number of pixels from 0 to 100, not "${text}".`);
}

/** The frame in which the shape lies on its plane, the document that it is in, and its place there. */
interface Asked {
  readonly frame: number;
  readonly document: ProjectMask;
  readonly index: number;
}

const pairsOf = (numbers: readonly number[]): MaskPoint[] =>
  Array.from({ length: numbers.length / 2 }, (_, at): MaskPoint => [numbers[2 * at], numbers[2 * at + 1]]);

async function askedShape({ from, box, polygon, shape }: FollowFlags, clip: ClipInfo): Promise<Asked> {
  const given = [from, box, polygon].filter((one) => one !== undefined);
  if (given.length !== 1) {
    throw usageError(
      'follow-shape',
      given.length === 0 ? 'No shape is given.' : 'More than one shape is given.',
      'Give one of --from FRAME:MASK.json, --box FRAME:X0,Y0,X1,Y1 and --polygon FRAME:X,Y,X,Y,X,Y.',
    );
  }
  if (from !== undefined) {
    const document = await readMaskDocument(from.path, clip);
    return { frame: from.frame, document, index: shapeIndex(document, shape, from.path) };
  }
  const drawn = drawnShape(box, polygon);
  const { width, height } = clip;
  const frames = clip.ptsSec.length;
  const common = { format: 'hetcut-mask', version: 1, grow: 0, invert: false } as const;
  const document: ProjectMask = { ...common, width, height, frames, shapes: [drawn] };
  return { frame: drawn.keyframes[0].frame, document, index: 0 };
}

function drawnShape(box: PointedAt | undefined, polygon: PointedAt | undefined): OutlinedShape {
  if (box !== undefined) {
    const [x0, y0, x1, y1] = box.numbers;
    const from: MaskPoint = [Math.min(x0, x1), Math.min(y0, y1)];
    const to: MaskPoint = [Math.max(x0, x1), Math.max(y0, y1)];
    return { kind: 'box', effect: 'remove', keyframes: [{ frame: box.frame, from, to }] };
  }
  const { frame = 0, numbers = [] } = polygon ?? {};
  return { kind: 'polygon', effect: 'remove', keyframes: [{ frame, points: pairsOf(numbers) }] };
}

/** By its name or its number, from 1; without either the only one that has an outline. */
function shapeIndex({ shapes }: ProjectMask, wanted: string | undefined, path: string): number {
  const outlined = [...shapes.keys()].filter((at) => isOutlined(shapes[at]));
  const fitting =
    wanted === undefined
      ? outlined
      : outlined.filter((at) => shapes[at].name === wanted || String(at + 1) === wanted);
  if (fitting.length === 1) return fitting[0];
  const names = outlined.map((at) => `${at + 1} (${shapes[at].name ?? shapes[at].kind})`).join(', ');
  throw usageError(
    'follow-shape',
    fitting.length === 0
      ? `${path} has no box, ellipse or polygon${wanted === undefined ? '' : ` called ${wanted}`}.`
      : `${path} has several shapes: ${names}.`,
    outlined.length === 0
      ? 'Strokes and tracked objects do not lie on a plane: draw a shape around something flat.'
      : `Name one with --shape: ${names}.`,
  );
}

async function follow(clipPath: string, flags: FollowFlags, context: CliContext): Promise<void> {
  const { signal } = context;
  const started = performance.now();
  const path = resolve(clipPath);
  const out = resolve(flags.out);
  await requireReadable([
    ['clip', path],
    ['mask', flags.from?.path],
  ]);
  if (!/\.json$/i.test(out)) {
    throw usageError(
      'follow-output',
      `--out ${out} is not a .json.`,
      'The shape is written with its keyframes, as mask JSON; remove and edit take it as --mask.',
    );
  }
  const media = await createMedia();
  const source = await media.openClip(path, signal);
  const { info } = source;
  checkClip(info);
  const range = rangeIn(info, flags.range);
  const { frame, document, index } = await askedShape(flags, info);
  const shape = document.shapes[index];
  if (!isOutlined(shape)) throw new Error('only shapes with an outline are asked for');
  const { startFrame: _, endFrame: __, off: ___, holdOut: ____, ...bare } = shape;
  const alone = { ...document, grow: 0, invert: false, box: false };
  const inside = rasteriseMask({ ...alone, shapes: [{ ...bare, effect: 'remove' }] }, frame);
  const found: FollowedPose[] = [];
  const confidence = new Map<number, number>([[frame, 1]]);
  const remarks = await followShape({
    source,
    frame,
    inside,
    freedom: flags.motion,
    range,
    direction: flags.direction,
    openCamera: openCameraTracker,
    features: await openPlaneFeatures(),
    signal,
    onFrame: (step, steps) => context.onProgress({ stage: 'track', step, steps, unit: 'frames' }),
    onPose: ({ motion, ...pose }) => {
      found.push({ ...pose, motion: [...motion] });
      confidence.set(pose.frame, Math.round(pose.confidence * 1000) / 1000);
    },
  });
  const followed = followedShape(
    shape,
    { frame, freedom: flags.motion, range, direction: flags.direction },
    found,
    flags.tolerance,
  );
  const shapes = document.shapes.map((one, at) => (at === index ? followed : one));
  await writeFileAtomic(out, `${JSON.stringify({ ...document, shapes }, null, 2)}\n`);
  const frames = range.endFrame - range.startFrame;
  const seconds = (performance.now() - started) / 1000;
  const notes = remarks.map(noteText);
  const keys = followed.keyframes.map((key) => key.frame);
  context.answer(
    {
      output: out,
      frames,
      followed: found.length,
      range,
      keys,
      confidence: Array.from({ length: frames }, (____, at) => confidence.get(range.startFrame + at) ?? 0),
      seconds,
      notes,
    },
    [
      out,
      `followed through ${found.length} frames, ${keys.length} keyframes, in ${seconds.toFixed(1)} s`,
      ...notes.map((note) => `  note: ${note}`),
    ].join('\n'),
  );
}

export function registerMaskFollow(mask: Command, context: CliContext): void {
  mask
    .command('follow')
    .description('Follows a box, ellipse or polygon, taken for a plane, and writes it with few keyframes.')
    .argument('<clip>', 'the video')
    .option(
      '--from <frame:mask.json>',
      'a frame, from 0, and the mask JSON whose shape lies on the plane there',
      shapeFile,
    )
    .option('--shape <name>', 'which shape of the JSON, by its name or its number from 1')
    .option(
      '--box <frame:x0,y0,x1,y1>',
      'a frame, and a box in it, in pixels',
      pointedAt('--box', 'FRAME:X0,Y0,X1,Y1', 4),
    )
    .option(
      '--polygon <frame:x,y,…>',
      'a frame, and the corners of a polygon in it',
      pointedAt('--polygon', 'FRAME:X,Y,X,Y,X,Y…', 'pairs'),
    )
    .addOption(
      new Option(
        '--motion <which>',
        'how the plane moves: only its position; with its scale, its rotation, or both (similarity); or as a plane in space',
      )
        .choices(planeFreedoms)
        .default('perspective'),
    )
    .addOption(
      new Option('--direction <which>', 'from that frame on')
        .choices(['forward', 'backward', 'both'])
        .default('both'),
    )
    .option('--range <start:end>', 'only these frames of the clip, from 0, END not included', frameRange)
    .option(
      '--tolerance <px>',
      'how far the outline may pass beside what was followed, between keyframes',
      pixels,
      usualTolerancePx,
    )
    .requiredOption('--out <file>', 'the mask with the shape’s keyframes, .json')
    .action((clip: string, flags: FollowFlags) => follow(clip, flags, context));
}
