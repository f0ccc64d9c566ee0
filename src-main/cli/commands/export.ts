import { mkdir } from 'node:fs/promises';
import { resolve } from 'node:path';
import { Option, type Command } from 'commander';
import {
  exportFormatNames,
  exportFormats,
  exportQualities,
  exportSounds,
  type ExportFormat,
  type ExportQuality,
  type ExportSound,
} from '../../../src-shared/core/export/index.ts';
import { usageError } from '../../../src-shared/core/errors/index.ts';
import { layersOf, type ExportRow } from '../../../src-shared/ipc/index.ts';
import {
  exportGaps,
  frameList,
  suggestedName,
  uniqueNames,
  type Clip,
  type Project,
} from '../../../src-shared/project/index.ts';
import { editFingerprint } from '../../backend/edit-request.ts';
import { writeExport } from '../../backend/export-handlers.ts';
import { prepareExport, type ExportParts, type ExportRequest } from '../../backend/export-plan.ts';
import { readProject } from '../../backend/project-store.ts';
import { copiedText } from '../../engine/export/write-clip.ts';
import { createHardwareProbe, createMedia, createPreviewMedia } from '../../media/index.ts';
import type { CliContext } from '../context.ts';

interface ExportFlags {
  out: string;
  clip: string[];
  what: 'picture' | 'matte' | 'patch';
  format?: ExportFormat;
  quality?: ExportQuality;
  encoder: 'software' | 'hardware';
  sound: ExportSound;
  edge: 'painted' | 'blended';
  whole?: true;
  anyway?: true;
  reencode?: true;
}

/** What a file's name says of its content, as the window suggests it. */
const kinds = { picture: 'clean', matte: 'matte', patch: 'patch' } as const;

/** The clips that are named, by their names or numbers; without any, all. Throws `export-clip`. */
function chosenClips({ clips }: Project, named: readonly string[]): readonly Clip[] {
  if (named.length === 0) return clips;
  return named.map((wanted) => {
    const found = clips.find(({ name }) => name === wanted) ?? clips[Number(wanted) - 1];
    if (found !== undefined) return found;
    throw usageError(
      'export-clip',
      `The project has no clip ${wanted}.`,
      `Name one of ${clips.map(({ name }, i) => `${i + 1} (${name})`).join(', ')}.`,
    );
  });
}

/** What would not be seen as the edits say, a line each. */
function gapLines(clip: Clip, whole: boolean): string[] {
  const all = { startFrame: 0, endFrame: clip.frames };
  const edits = clip.edits.filter(({ enabled }) => enabled);
  const hasChanged = (edit: Clip['edits'][number]): boolean =>
    edit.result?.fingerprint !== editFingerprint(edit);
  return exportGaps(clip, edits, whole ? all : (clip.range ?? all), hasChanged).map(
    ({ edit, kind, spans }) =>
      `${clip.name}, ${edit.name || `edit ${clip.edits.indexOf(edit) + 1}`}: frames ${frameList(spans)} ` +
      (kind === 'notRun' ? 'have no result' : 'hold the result of before it was changed'),
  );
}

function requestOf(clip: Clip, flags: ExportFlags, into: ExportRequest['into']): ExportRequest {
  const layers = layersOf(clip.edits.filter(({ enabled }) => enabled));
  if (layers.length === 0) {
    throw usageError(
      'nothing-to-export',
      `No edit of ${clip.name} is switched on.`,
      'Switch one on in the window, or name other clips with --clip.',
    );
  }
  const format = flags.format ?? (flags.what === 'patch' ? 'prores4444' : 'h264');
  return {
    clipPath: clip.path,
    what: flags.what,
    layers: layers as ExportRequest['layers'],
    edge: flags.edge,
    ...(flags.whole === true || clip.range === undefined ? {} : { range: clip.range }),
    format,
    quality: flags.quality ?? exportFormats[format].qualities[0],
    encoder: flags.encoder,
    sound: flags.sound,
    ...(flags.reencode === true && { reencode: true }),
    ...(clip.markers === undefined ? {} : { markers: clip.markers }),
    into,
  };
}

async function exportClips(projectPath: string, flags: ExportFlags, context: CliContext): Promise<void> {
  const path = resolve(projectPath);
  const project = await readProject(path);
  const clips = chosenClips(project, flags.clip);
  const gaps = flags.what === 'matte' ? [] : clips.flatMap((clip) => gapLines(clip, flags.whole === true));
  if (gaps.length > 0 && flags.anyway !== true) {
    throw usageError(
      'export-gaps',
      `What the edits say is not all there:\n  ${gaps.join('\n  ')}`,
      'Run the edits in the window first, or export as it is with --anyway.',
    );
  }
  for (const gap of gaps) context.note(gap);
  const folder = resolve(flags.out);
  await mkdir(folder, { recursive: true });
  const media = await createMedia();
  const parts: ExportParts = {
    home: context.home,
    // Whoever types a path means it.
    paths: { allow: () => undefined, require: async (named) => resolve(named) },
    media,
    previews: await createPreviewMedia(),
    findHardware: createHardwareProbe(),
    mediaServer: {
      opened: () =>
        project.clips.flatMap((clip) => [
          clip.path,
          ...clip.edits.flatMap(({ result }) => result?.path ?? []),
        ]),
    },
  };
  const names = uniqueNames(clips.map(({ name }) => suggestedName(name, kinds[flags.what], '')));
  // All are checked before the first is written.
  const prepared = [];
  for (const [i, clip] of clips.entries()) {
    prepared.push(await prepareExport(parts, requestOf(clip, flags, { folder, name: names[i] })));
  }
  const steps = prepared.reduce((sum, { plan }) => sum + plan.frames, 0);
  let before = 0;
  const written: (Omit<NonNullable<ExportRow['written']>, 'seconds'> & {
    output: string;
    notes: readonly string[];
  })[] = [];
  for (const one of prepared) {
    const { path: output = '', frames, notes } = one.plan;
    const found = await writeExport(media, one, output, context.signal, (done) =>
      context.onProgress({ stage: 'export', step: before + done, steps, unit: 'frames' }),
    );
    before += frames;
    written.push({ output, ...found, notes });
  }
  context.answer(
    { project: path, exports: written, gaps },
    written
      .map(({ output, codec, frames, sound, warnings, notes, ...counts }) =>
        [
          output,
          `  ${codec}, ${frames} frames, ${sound.length === 0 ? 'no sound' : `sound: ${sound.join(', ')}`}`,
          ...[...notes, copiedText(counts) ?? [], ...warnings].flat().map((note) => `  note: ${note}`),
        ].join('\n'),
      )
      .join('\n'),
  );
}

export function registerExport(program: Command, context: CliContext): void {
  program
    .command('export')
    .description('Writes what the edits of a project have made: all of its clips in one go, or some.')
    .argument('<project>', 'the .hetcut file')
    .requiredOption('--out <folder>', 'where the files go, one for each clip, named after it')
    .option(
      '--clip <name>',
      'only this clip, by its name or number; repeatable',
      (text: string, before: string[]) => [...before, text],
      [],
    )
    .addOption(
      new Option('--what <content>', 'the clip with its results, the masks, or the results on transparency')
        .choices(Object.keys(kinds))
        .default('picture'),
    )
    .addOption(
      new Option('--format <name>', 'default: h264; of a patch prores4444').choices(exportFormatNames),
    )
    .addOption(new Option('--quality <q>', 'default: the first the format has').choices(exportQualities))
    .addOption(new Option('--encoder <kind>').choices(['software', 'hardware']).default('software'))
    .addOption(
      new Option('--sound <how>', 'copied, as 24-bit PCM (.mov, .mkv), or none')
        .choices(exportSounds)
        .default('copy'),
    )
    .addOption(new Option('--edge <kind>', 'of a matte').choices(['painted', 'blended']).default('painted'))
    .option('--whole', 'the whole clips, not from in to out')
    .option('--reencode', 'encode every frame, also where unchanged ones could be copied from the clip')
    .option('--anyway', 'also where edits have frames without a result')
    .action((project: string, flags: ExportFlags) => exportClips(project, flags, context));
}
