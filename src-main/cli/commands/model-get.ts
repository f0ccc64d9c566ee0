import { Option, type Command } from 'commander';
import type { Precision } from '../../../src-shared/core/graph/index.ts';
import { catalogue, getModel, halfBytes, listModels, networkBytes } from '../../models/index.ts';
import type { CliContext } from '../context.ts';

const inGb = (bytes: number): string => `${(bytes / 1e9).toFixed(1)} GB`;

interface GetFlags {
  readonly id?: string;
  readonly precision: Precision;
  readonly source?: string;
  readonly acceptLicence?: boolean;
  readonly keep?: boolean;
  readonly replace?: boolean;
}

async function listCatalogue(context: CliContext): Promise<void> {
  const there = new Set((await listModels(context.home)).map(({ id }) => id));
  const rows = catalogue.map((row) => ({
    ...row,
    halfBytes: halfBytes(row),
    networkBytes: networkBytes(row),
    imported: there.has(row.id),
  }));
  const lines = rows.flatMap((row) => [
    `${row.id}${row.imported ? '  (imported)' : ''}`,
    `  ${row.purpose}`,
    `  about ${inGb(row.halfBytes)} to download, as much again once imported; its network alone takes ${inGb(row.networkBytes)} in fp16`,
    `  licence ${row.licence}, from ${row.repository}`,
  ]);
  context.answer({ models: rows }, lines.join('\n'));
}

/** `model get`: downloads and imports a model, or shows which there are. */
export function registerGet(model: Command, context: CliContext): void {
  model
    .command('get')
    .description('Downloads a model and imports it; without a name, shows which there are.')
    .argument('[name]', 'a model of the list, or owner/name of a repository in the diffusers layout')
    .option('--id <id>', 'its name in HetCut')
    .addOption(
      new Option('--precision <p>', 'fp16 is half the size and meant for GPUs; fp32 is exact')
        .choices(['fp32', 'fp16'])
        .default('fp16'),
    )
    .option('--source <url>', 'address of a mirror; default: HETCUT_MODEL_SOURCE, else huggingface.co')
    .option(
      '--accept-licence',
      'the licence, which restricts the use or is not stated, was read and is accepted',
    )
    .option('--keep', 'keep the download, under HETCUT_HOME/downloads')
    .option('--replace', 'replace an imported model of that id')
    .action(async (name: string | undefined, flags: GetFlags) => {
      if (name === undefined) return listCatalogue(context);
      const { home, signal, onProgress, note } = context;
      const source = flags.source ?? process.env['HETCUT_MODEL_SOURCE'];
      const { manifest, path, warnings, repository, revision, downloadedBytes, unchecked } = await getModel(
        {
          home,
          name,
          precision: flags.precision,
          replace: flags.replace === true,
          keep: flags.keep === true,
          acceptLicence: flags.acceptLicence === true,
          ...(flags.id === undefined ? {} : { id: flags.id }),
          ...(source === undefined ? {} : { source }),
        },
        { signal, onProgress, onNote: note },
      );
      warnings.forEach((warning) => note(warning));
      if (unchecked.length > 0) note(`The server states no checksum of ${unchecked.join(', ')}.`);
      const { id, precision } = manifest;
      context.answer(
        { id, precision, path, repository, revision, downloadedBytes, unchecked, warnings },
        `${id} (${precision}) in ${path}, from ${repository}, revision ${revision.slice(0, 12)}`,
      );
    });
}
