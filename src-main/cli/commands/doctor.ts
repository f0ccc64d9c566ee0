import { mkdir, statfs } from 'node:fs/promises';
import { cpus, freemem, totalmem } from 'node:os';
import type { Command } from 'commander';
import { describeBinaries } from '../../media/index.ts';
import { listModels } from '../../models/index.ts';
import { createOrt } from '../../ort/index.ts';
import type { CliContext } from '../context.ts';

const gib = 2 ** 30;
/** Below these an edit may fail; what it really needs depends on clip and model. */
const minFreeMemoryGib = 2;
const minFreeDiskGib = 2;

async function examine(home: string) {
  const problems: string[] = [];
  const providers = await createOrt().describeProviders();
  const binaries = await describeBinaries();
  problems.push(...binaries.problems);
  const models = await listModels(home);
  for (const model of models) {
    if (model.problem !== undefined) problems.push(`model ${model.id}: ${model.problem}`);
  }
  const memory = { totalGib: totalmem() / gib, freeGib: freemem() / gib };
  if (memory.freeGib < minFreeMemoryGib)
    problems.push(`only ${memory.freeGib.toFixed(1)} GiB of memory are free`);
  let freeDiskGib: number | null = null;
  try {
    await mkdir(home, { recursive: true });
    const { bavail, bsize } = await statfs(home);
    freeDiskGib = (bavail * bsize) / gib;
    if (freeDiskGib < minFreeDiskGib)
      problems.push(`only ${freeDiskGib.toFixed(1)} GiB of disk are free at ${home}`);
  } catch (error) {
    problems.push(`HETCUT_HOME ${home} cannot be written to: ${String(error)}`);
  }
  return {
    ok: problems.length === 0,
    node: process.versions.node,
    platform: `${process.platform} ${process.arch}`,
    processor: { model: cpus()[0]?.model ?? 'unknown', threads: cpus().length },
    memory,
    home: { path: home, freeDiskGib },
    providers,
    ffmpeg: binaries,
    models: models.map(({ id, bytes, path }) => ({ id, bytes, path })),
    problems,
  };
}

function doctorText(found: Awaited<ReturnType<typeof examine>>): string {
  const { processor, memory, home, providers, ffmpeg, models, problems } = found;
  return [
    `Node ${found.node} on ${found.platform}, ${processor.threads} × ${processor.model}`,
    `memory  ${memory.freeGib.toFixed(1)} of ${memory.totalGib.toFixed(1)} GiB free`,
    `home    ${home.path}${home.freeDiskGib === null ? '' : `, ${home.freeDiskGib.toFixed(0)} GiB of disk free`}`,
    ...providers.map(
      ({ provider, usable, reason }) =>
        `${provider.padEnd(7)} ${usable ? 'usable' : (reason ?? 'not usable')}`,
    ),
    ...[ffmpeg.ffmpeg, ffmpeg.ffprobe].flatMap((binary) =>
      binary === undefined ? [] : [`ffmpeg  ${binary.path} (${binary.source}, ${binary.version})`],
    ),
    ...ffmpeg.skipped.map(({ path, reason }) => `ffmpeg  ${path} is passed over: ${reason}`),
    `models  ${models.length === 0 ? 'none yet: the starter is imported on first use' : models.map(({ id }) => id).join(', ')}`,
    problems.length === 0
      ? 'Nothing is wrong.'
      : ['What is wrong:', ...problems.map((problem) => `  ${problem}`)].join('\n'),
  ].join('\n');
}

export function registerDoctor(program: Command, context: CliContext): void {
  program
    .command('doctor')
    .description('Shows what HetCut finds on this machine, and what is wrong with it.')
    .action(async () => {
      const found = await examine(context.home);
      context.answer(found, doctorText(found));
    });
}
