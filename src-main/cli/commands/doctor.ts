import type { Command } from 'commander';
import { bundledIds, isBundled } from '../../../src-shared/project/index.ts';
import { examineMachine, type MachineReport } from '../../host/examine-machine.ts';
import type { CliContext } from '../context.ts';
import { cardLines } from './gpu.ts';

function doctorText(found: MachineReport): string {
  const { processor, memory, home, providers, ffmpeg, models, problems } = found;
  return [
    `Node ${found.node} on ${found.platform}, ${processor.threads} × ${processor.model}`,
    `memory  ${memory.freeGib.toFixed(1)} of ${memory.totalGib.toFixed(1)} GiB free`,
    `home    ${home.path}${home.freeDiskGib === null ? '' : `, ${home.freeDiskGib.toFixed(0)} GiB of disk free`}`,
    ...cardLines(found.gpu),
    ...providers.map(
      ({ provider, usable, reason }) =>
        `${provider.padEnd(7)} ${usable ? 'usable' : (reason ?? 'not usable')}`,
    ),
    ...(['ffmpeg', 'ffprobe'] as const).flatMap((tool) => {
      const binary = ffmpeg[tool];
      return binary === undefined
        ? []
        : [`${tool.padEnd(7)} ${binary.path} (${binary.source}, ${binary.version})`];
    }),
    ...found.hardwareEncoders.flatMap(({ name, listed, usable, reason }) =>
      listed
        ? [`encoder ${name} ${usable ? 'works' : `does not work here: ${reason ?? 'no reason given'}`}`]
        : [],
    ),
    ...ffmpeg.skipped.map(({ tool, path, reason }) => `${tool.padEnd(7)} ${path} is passed over: ${reason}`),
    `models  ${models.length === 0 ? `none yet: ${bundledIds.join(' and ')} are imported on first use` : models.map(({ id }) => (isBundled(id) ? `${id} (comes with HetCut)` : id)).join(', ')}`,
    ...(found.segmenters.length === 0
      ? []
      : [`segmenters  ${found.segmenters.map(({ id }) => id).join(', ')}`]),
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
      const found = await examineMachine(context.home, context.startHost);
      context.answer(found, doctorText(found));
    });
}
