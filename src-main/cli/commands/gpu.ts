import type { Command } from 'commander';
import {
  describeGpu,
  gpuProblemText,
  installProvider,
  removeProvider,
  useProvider,
  type GpuReport,
} from '../../gpu/index.ts';
import { tryProviders, type ProvidersFound } from '../../host/try-providers.ts';
import type { CliContext } from '../context.ts';

/** Lines of the NVIDIA cards that were found; none on a machine without. */
export function cardLines({
  cards,
  onBus,
  problem,
}: Pick<GpuReport, 'cards' | 'onBus' | 'problem'>): string[] {
  if (cards.length === 0) {
    return onBus === 0
      ? []
      : [`card    NVIDIA, by the PCI bus; nvidia-smi: ${problem?.reason ?? 'lists none'}`];
  }
  return cards.map(({ name, driver, memoryBytes, usedBytes, capability }) => {
    const inGib = (bytes: number): string => (bytes / 2 ** 30).toFixed(1);
    const parts = [
      name,
      ...(memoryBytes === undefined || usedBytes === undefined
        ? []
        : [`${inGib(memoryBytes - usedBytes)} of ${inGib(memoryBytes)} GiB free`]),
      ...(driver === undefined ? [] : [`driver ${driver}`]),
      ...(capability === undefined ? [] : [`compute capability ${capability.toFixed(1)}`]),
    ];
    return `card    ${parts.join(', ')}`;
  });
}

const checksums: Readonly<Record<string, string>> = {
  known: 'its SHA-256 is known to HetCut',
  package: 'compared with the package’s own SHA-256',
  server: 'compared with the server’s checksum',
  given: 'compared with the SHA-256 that was given',
  none: 'not compared with a checksum: none is known for it',
};

function statusText(trial: ProvidersFound, report: GpuReport): string {
  const { cards, onBus, provider, libraries, inUse, problems } = report;
  const cuda = trial.reports.find((one) => one.provider === 'cuda');
  return [
    ...(cards.length === 0 && onBus === 0 ? ['card    no NVIDIA card was found'] : cardLines(report)),
    provider === undefined
      ? 'provider not installed'
      : `provider ONNX Runtime ${provider.installed.version} for CUDA ${provider.installed.cuda}, ${provider.problem?.reason ?? checksums[provider.installed.checksum] ?? ''}`,
    ...libraries.map(({ name, path, onLoaderPath, unusable }) => {
      if (path === undefined)
        return `library ${name} ${unusable === undefined ? 'missing' : `unusable: ${unusable}`}`;
      return `library ${path}${onLoaderPath ? '' : ' (told to the processes that compute)'}`;
    }),
    `in use  ${inUse}${inUse === 'cuda' || cuda?.reason === undefined ? '' : `; CUDA: ${cuda.reason}`}`,
    ...problems.map(gpuProblemText),
  ].join('\n');
}

async function examine(context: CliContext): Promise<{ trial: ProvidersFound; report: GpuReport }> {
  const trial = await tryProviders(context.startHost, context.home);
  return { trial, report: await describeGpu({ home: context.home, trial }) };
}

function registerInstall(gpu: Command, context: CliContext): void {
  gpu
    .command('install')
    .description(
      'Adds the CUDA provider of the bundled ONNX Runtime (Linux x64), checked, as a whole or not at all.',
    )
    .option('--from <path>', 'a wheel, .nupkg, .tgz or folder that you have, instead of a download')
    .option(
      '--source <url>',
      'address of a package, or of the index of a NuGet feed; default: HETCUT_GPU_SOURCE, else the feed of ONNX Runtime itself',
    )
    .option('--sha256 <hex>', 'what the SHA-256 of the package must be')
    .action(async (flags: { from?: string; source?: string; sha256?: string }) => {
      const { home, signal, onProgress } = context;
      const source = flags.source ?? process.env['HETCUT_GPU_SOURCE'];
      const installed = await installProvider(
        {
          home,
          ...(flags.from === undefined ? {} : { from: flags.from }),
          ...(source === undefined ? {} : { source }),
          ...(flags.sha256 === undefined ? {} : { sha256: flags.sha256 }),
        },
        { signal, onProgress },
      );
      await useProvider(home);
      const { trial, report } = await examine(context);
      context.answer({ ...installed, gpu: report, providers: trial.reports }, statusText(trial, report));
    });
}

export function registerGpu(program: Command, context: CliContext): void {
  const gpu = program
    .command('gpu')
    .description('Shows, adds and removes what makes an NVIDIA card compute.');
  gpu
    .command('status')
    .description('NVIDIA cards, driver, CUDA provider and libraries, and why a card is not used.')
    .action(async () => {
      const { trial, report } = await examine(context);
      const ok = report.problems.length === 0;
      const problems = report.problems.map((problem) => ({ ...problem, text: gpuProblemText(problem) }));
      context.answer({ ok, ...report, problems, providers: trial.reports }, statusText(trial, report));
    });
  registerInstall(gpu, context);
  gpu
    .command('remove')
    .description('Removes the CUDA provider; the CPU computes from then on.')
    .action(async () => {
      const removed = await removeProvider(context.home);
      context.answer(
        { removed },
        removed ? 'The CUDA provider is removed.' : 'No CUDA provider was installed.',
      );
    });
}
