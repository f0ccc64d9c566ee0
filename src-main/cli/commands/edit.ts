import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { InvalidArgumentError, Option, type Command } from 'commander';
import { z } from 'zod';
import { readOptionValue, type OptionValue } from '../../../src-shared/core/caches/index.ts';
import { usageError } from '../../../src-shared/core/errors/index.ts';
import type { FillMeans } from '../../../src-shared/core/fill/index.ts';
import { editOptions, type EditOptions, type OptionFlag } from '../../../src-shared/project/index.ts';
import type { EditJob, EditRequest, EditResult, FrameRange } from '../../engine/edit-job.ts';
import { resolveOptions } from '../../engine/resolve-options.ts';
import { copiedText } from '../../engine/export/write-clip.ts';
import { runMessageLoop } from '../../host/message-loop.ts';
import type { CliContext } from '../context.ts';
import { clockText } from '../terminal.ts';

/** Flags that `addJobOptions` adds beside those of `editOptions`. */
export interface JobFlags {
  mask: string;
  range?: FrameRange;
  delta?: OptionValue;
  keep?: OptionValue;
  clusters?: OptionValue;
  margin?: OptionValue;
  option: Record<string, OptionValue>;
  plate: string;
}

interface EditFlags extends JobFlags {
  out: string;
  truth?: string;
  lossless?: boolean;
  reencode?: boolean;
  sheet?: string;
  sources?: string;
  fresh?: boolean;
}

/** Parses a whole number of [min, max]. */
export function wholeNumber(name: string, min: number, max: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (!Number.isInteger(value) || value < min || value > max) {
      throw new InvalidArgumentError(`${name} is a whole number from ${min} to ${max}, not "${text}".`);
    }
    return value;
  };
}

export function decimal(name: string, min: number, max: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (text.trim() === '' || !(value >= min && value <= max)) {
      throw new InvalidArgumentError(`${name} is a number from ${min} to ${max}, not "${text}".`);
    }
    return value;
  };
}

/** Parses START:END. What the clip has of it is the job's to say. */
export function frameRange(text: string): FrameRange {
  const [, start, end] = /^(\d{1,9}):(\d{1,9})$/.exec(text.trim()) ?? [];
  if (start === undefined) {
    throw new InvalidArgumentError(
      `--range is START:END in frames counted from 0, END not included, not "${text}".`,
    );
  }
  return { startFrame: Number(start), endFrame: Number(end) };
}

/** Adds `name=value` to the options before it; a value that reads as a number is one. */
function methodOption(text: string, before: Record<string, OptionValue>): Record<string, OptionValue> {
  const [, name, value] = /^([A-Za-z]+)=(.+)$/.exec(text) ?? [];
  if (name === undefined) throw new InvalidArgumentError(`--option is name=value, not "${text}".`);
  return { ...before, [name]: readOptionValue(value) };
}

/** The options that were given by flags of their own, and the others. */
function methodOptions(flags: JobFlags): Record<string, OptionValue> {
  const { delta, keep, clusters, margin, option } = flags;
  const named = Object.entries({ delta, keep, clusters, margin });
  const given = named.filter((entry): entry is [string, OptionValue] => entry[1] !== undefined);
  return { ...option, ...Object.fromEntries(given) };
}

/** `--plate` stands for two options. */
function plateOptions(text: string): Pick<EditOptions, 'plate' | 'platePath'> {
  if (text === 'auto' || text === 'off' || text === 'only') return { plate: text };
  return { plate: 'auto', platePath: resolve(text) };
}

/** The options that have a flag of their own, by name. */
const flagged = Object.entries<{ readonly schema: z.ZodType; readonly flag?: OptionFlag }>(
  editOptions,
).flatMap(([name, { schema, flag }]) => (flag === undefined ? [] : [{ name, schema, flag }]));

/** Reads a flag's value as its schema asks: numbers within their limits, files from the folder one is in. */
function flagParser(
  schema: z.ZodType,
  { usage, isPath }: OptionFlag,
): ((text: string) => unknown) | undefined {
  const [name] = usage.split(' ');
  const inner = schema instanceof z.ZodOptional ? schema.unwrap() : schema;
  if (isPath === true) return (text) => resolve(text);
  if (!(inner instanceof z.ZodNumber)) return undefined;
  const [min, max] = [inner.minValue ?? -Infinity, inner.maxValue ?? Infinity];
  return inner.isInt ? wholeNumber(name, min, max) : decimal(name, min, max);
}

function flagOption({ schema, flag }: (typeof flagged)[number]): Option {
  const option = new Option(flag.usage, flag.about).default(flag.default);
  if (flag.choices !== undefined) return option.choices(flag.choices);
  const parse = flagParser(schema, flag);
  return parse === undefined ? option : option.argParser(parse);
}

/** What the flags of `editOptions` ask for. */
function optionsFromFlags(flags: object): object {
  const given = flags as Readonly<Record<string, unknown>>;
  const entries = flagged.map(({ name, flag }) => [name, given[new Option(flag.usage).attributeName()]]);
  return Object.fromEntries(entries.filter(([, value]) => value !== undefined)) as object;
}

/** The options that `remove`, `edit` and `estimate` share: what runs, not where it goes. */
export function addJobOptions(command: Command): Command {
  command
    .argument('<clip>', 'the video')
    .requiredOption('--mask <file>', 'video, PNG, folder of PNGs or mask JSON; white = what goes')
    .option('--range <start:end>', 'only these frames of the clip, from 0, END not included', frameRange);
  for (const row of flagged) command.addOption(flagOption(row));
  return command
    .option(
      '--delta <drift>',
      'drift before something is computed: higher is faster and coarser',
      readOptionValue,
    )
    .option('--keep <share>', 'context tokens that partial steps compute (r)', readOptionValue)
    .option('--clusters <k>', 'clusters of context tokens (k)', readOptionValue)
    .option('--margin <tokens>', 'margin around the hole, in tokens', readOptionValue)
    .option(
      '--option <name=value>',
      'any option of the method, repeatable; see the methods in docs/cache-methods.md',
      methodOption,
      {},
    )
    .option('--plate <auto|off|only|FILE>', 'background that other frames show, or a clean plate', 'auto');
}

/** A file that a command is given: what it is called there, and its path; absent where it was not given. */
type InputFile = readonly [field: string, path: string | undefined];

/** Throws `file-not-found` for the first file that cannot be read. */
export async function requireReadable(inputs: readonly InputFile[]): Promise<void> {
  for (const [field, path] of inputs) {
    if (path === undefined) continue;
    await access(path, constants.R_OK).catch(() => {
      throw usageError(
        'file-not-found',
        `The ${field} ${path} is not there or cannot be read.`,
        'Check the path.',
      );
    });
  }
}

/**
 * Files are looked for before anything is loaded. What is in them, and whether the output can be written, is the
 * media layer's to say.
 */
export async function checkPaths(job: EditRequest & { readonly outputPath?: string }): Promise<void> {
  const inputs: readonly InputFile[] = [
    ['clip', job.clipPath],
    ['mask', job.maskPath],
    ['plate', job.plate.kind === 'file' ? job.plate.path : undefined],
    ['truth', job.truthPath],
    ['reference picture', job.referencePath],
  ];
  await requireReadable(inputs);
  for (const [field, path] of inputs) {
    for (const output of [job.outputPath, job.sheetPath, job.sourcesPath]) {
      if (path === undefined || path !== output) continue;
      throw usageError(
        'output-is-input',
        `The output names the ${field} itself (${path}).`,
        'Choose another name.',
      );
    }
  }
  if (job.sourcesPath !== undefined && job.sourcesPath === job.outputPath) {
    throw usageError(
      'output-twice',
      `--out and --sources name the same file (${job.sourcesPath}).`,
      'Choose another name for one of them.',
    );
  }
  if (job.sheetPath !== undefined) {
    await access(dirname(job.sheetPath), constants.W_OK).catch(() => {
      throw usageError(
        'sheet-folder',
        `--sheet ${job.sheetPath}: its folder cannot be written to.`,
        'Choose another.',
      );
    });
  }
}

/** What the shared options ask for. */
export function requestFromFlags(kind: EditJob['kind'], clip: string, flags: JobFlags): EditRequest {
  const options = {
    kind,
    prompt: '',
    negativePrompt: '',
    ...optionsFromFlags(flags),
    ...plateOptions(flags.plate),
    methodOptions: methodOptions(flags),
  };
  return {
    // Each flag has been read as its row of the table asks.
    ...resolveOptions(options as EditOptions),
    clipPath: resolve(clip),
    maskPath: resolve(flags.mask),
    ...(flags.range === undefined ? {} : { range: flags.range }),
    encode: { quality: 'visually-lossless' },
  };
}

function jobFromFlags(kind: EditJob['kind'], clip: string, flags: EditFlags): EditJob {
  return {
    ...requestFromFlags(kind, clip, flags),
    outputPath: resolve(flags.out),
    ...(flags.truth === undefined ? {} : { truthPath: resolve(flags.truth) }),
    encode: {
      quality: flags.lossless === true ? 'lossless' : 'visually-lossless',
      ...(flags.reencode === true && { reencode: true }),
    },
    ...(flags.sheet === undefined ? {} : { sheetPath: resolve(flags.sheet) }),
    ...(flags.sources === undefined ? {} : { sourcesPath: resolve(flags.sources) }),
    fresh: flags.fresh === true,
  };
}

const meansWords: Readonly<Record<FillMeans, string>> = {
  network: 'generated',
  exemplar: 'texture from around it',
  smooth: 'filled smoothly',
};

/** What filled the hole. */
export function filledText({
  plateShare,
  fill,
  thingShare,
}: Pick<EditResult, 'plateShare' | 'fill' | 'thingShare'>): string {
  if (thingShare !== undefined) {
    const taken = Math.round(thingShare * 100);
    return `${taken} % of its place a thing generated once, ${100 - taken} % background`;
  }
  const shown = Math.round(plateShare * 100);
  return `${shown} % of the hole from other frames, ${100 - shown} % ${meansWords[fill]}`;
}

/** The answer for people. */
function editText(result: EditResult): string {
  const { seconds, calls, quality } = result;
  const lines = [
    `${result.output}`,
    `${result.frames} frames ${result.width}×${result.height}, ${clockText(seconds.total)} min`,
    `  plate ${seconds.plate.toFixed(1)} s · encode ${seconds.encode.toFixed(1)} s · sample ${seconds.sample.toFixed(1)} s` +
      ` · decode ${seconds.decode.toFixed(1)} s · media ${seconds.media.toFixed(1)} s`,
    `  ${result.model} with ${result.method}, ${result.windows} windows, ${result.steps} steps: ${calls.full} full, ${calls.partial} partial, ${calls.reuse} reused` +
      ` · ${filledText(result)}`,
    `  outside the mask: largest difference ${quality.outsideMaxDiff}`,
  ];
  const copied = copiedText(result.written);
  if (copied !== undefined) lines.push(`  ${copied}`);
  if (quality.maskPsnr !== null) {
    lines.push(
      `  against the truth, inside the mask: ${quality.maskPsnr.toFixed(2)} dB, SSIM ${quality.maskSsim?.toFixed(3)}, ` +
        `MS-SSIM ${quality.maskMsSsim?.toFixed(3)}`,
    );
  }
  if (result.sheet !== undefined) lines.push(`  before / mask / after: ${result.sheet}`);
  if (result.sources !== undefined) lines.push(`  where each pixel comes from: ${result.sources}`);
  for (const warning of result.warnings) lines.push(`  note: ${warning}`);
  return lines.join('\n');
}

function registerEditKind(kind: EditJob['kind'], description: string) {
  return (program: Command, context: CliContext): void => {
    const command = addJobOptions(program.command(kind).description(description))
      .requiredOption('--out <file>', 'the result: .mp4, .mov or .mkv')
      .option('--truth <file>', 'a clean picture or clip to measure against')
      .option('--lossless', 'export without loss: H.264 QP 0, or FFV1 in .mkv')
      .option('--reencode', 'encode every frame, also where unchanged ones could be copied from the clip')
      .option('--sheet <png>', 'also write a before / mask / after picture')
      .option(
        '--sources <file>',
        'also write a video of greys: 64 plate, 128 texture, 192 smooth, 255 generated',
      )
      .option('--fresh', 'start over instead of resuming what was interrupted');
    if (kind === 'edit') command.options.find(({ long }) => long === '--prompt')?.makeOptionMandatory();
    command.action(async (clip: string, flags: EditFlags) => {
      const job = jobFromFlags(kind, clip, flags);
      await checkPaths(job);
      const result = await runMessageLoop(context.startHost, job, context.home, {
        signal: context.signal,
        onProgress: context.onProgress,
        onNote: context.note,
      });
      context.answer(result, editText(result));
    });
  };
}

export const registerRemove = registerEditKind('remove', 'Takes what the mask covers out of the clip.');
export const registerEdit = registerEditKind('edit', 'Changes what the mask covers as the prompt says.');
