import { usageError } from '../../src-shared/core/errors/index.ts';
import type { DoctorFinding, RecentProject } from '../../src-shared/ipc/index.ts';
import { examineMachine, type MachineReport } from '../host/examine-machine.ts';
import { tryProviders } from '../host/try-providers.ts';
import { watchDevice } from '../host/watch-device.ts';
import { gpuProblemText, installProvider, removeProvider, useProvider } from '../gpu/index.ts';
import { describeProgress } from '../jobs/job-progress.ts';
import { programVersion } from '../jobs/program-version.ts';
import type { BackendParts, HandlersOf } from './backend-parts.ts';
import { modelRows } from './model-handlers.ts';

type GpuRequest = 'gpu.install' | 'gpu.stop' | 'gpu.remove';

const inGib = (value: number): string => `${value.toFixed(1)} GiB`;

/** Hardware encoders in a line: none of them is needed. Those that fail alike are named together. */
function encodersText(found: MachineReport['hardwareEncoders']): string {
  const usable = found.flatMap((encoder) => (encoder.usable ? [encoder.name] : []));
  const failing = new Map<string, string[]>();
  for (const { name, listed, usable: works, reason = 'no reason given' } of found) {
    if (!listed || works) continue;
    // ffmpeg says first which part of it speaks.
    const said = reason.replace(/^\w+: /, '').replace(/\.$/, '');
    failing.set(said, [...(failing.get(said) ?? []), name]);
  }
  const broken = [...failing].map(([said, names]) => `${names.join(', ')} (${said})`);
  const works = usable.length === 0 ? 'software only' : usable.join(', ');
  return broken.length === 0 ? works : `${works}; do not work here: ${broken.join(', ')}`;
}

/** The report as rows: what is there, then each problem. */
function findings(report: MachineReport): DoctorFinding[] {
  const { processor, memory, home, gpu, providers, ffmpeg, hardwareEncoders, models } = report;
  const ofCards = new Set(gpu.problems.map(gpuProblemText));
  const problems = report.problems.filter((text) => !ofCards.has(text));
  const disk = home.freeDiskGib === null ? '' : `, ${inGib(home.freeDiskGib)} of disk free`;
  return [
    { part: 'processor', ok: true, text: `${processor.threads} × ${processor.model}, ${report.platform}` },
    { part: 'memory', ok: true, text: `${inGib(memory.freeGib)} of ${inGib(memory.totalGib)} free` },
    { part: 'home', ok: true, text: `${home.path}${disk}` },
    ...gpu.cards.map(({ name, driver, memoryBytes }) => ({
      part: 'card' as const,
      ok: true,
      text: [
        name,
        ...(memoryBytes === undefined ? [] : [inGib(memoryBytes / 2 ** 30)]),
        ...(driver === undefined ? [] : [`driver ${driver}`]),
      ].join(', '),
    })),
    ...providers.map(({ provider, usable, reason }) => ({
      part: provider,
      // Only a machine on which nothing runs is in trouble, and the CPU always does.
      ok: usable || provider !== 'cpu',
      text: usable ? 'usable' : (reason ?? 'not usable'),
    })),
    ...(['ffmpeg', 'ffprobe'] as const).flatMap((part): DoctorFinding[] => {
      const program = ffmpeg[part];
      if (program === undefined) return [];
      const { path, source, version } = program;
      return [{ part, ok: true, text: `${path} (${source}, ${version})` }];
    }),
    { part: 'encoders', ok: true, text: encodersText(hardwareEncoders) },
    { part: 'models', ok: true, text: models.map(({ id }) => id).join(', ') || 'none yet' },
    ...problems.map((text) => ({ part: 'problem' as const, ok: false, text })),
    ...gpu.problems.map((problem) => ({
      part: 'problem' as const,
      ok: false,
      text: gpuProblemText(problem),
      gpu: problem,
    })),
  ];
}

export function appHandlers({
  home,
  dialogs,
  projects,
  findHardware,
  paths,
  startHost,
  emit,
  signal,
}: BackendParts): HandlersOf<'app.info' | 'app.doctor' | 'app.device' | GpuRequest> {
  let installing: AbortController | undefined;
  const device = watchDevice(() => tryProviders(startHost, home));
  /** From now on jobs start with what is installed; those that run keep what they have. */
  async function changeProvider(): Promise<void> {
    await useProvider(home);
    device.forget();
  }
  /** A browser may have been started with a folder that some are not in. */
  async function mayOpen(recent: readonly RecentProject[]): Promise<readonly RecentProject[]> {
    const found = await Promise.all(
      recent.map((project) =>
        paths.require(project.path).then(
          () => [project],
          () => [],
        ),
      ),
    );
    return found.flat();
  }
  return {
    async 'app.info'(_input, page) {
      return {
        version: await programVersion(),
        platform: process.platform,
        models: await modelRows(home),
        recentProjects: await mayOpen(await projects.recent(page)),
        nativeDialogs: dialogs !== undefined,
      };
    },
    async 'gpu.install'({ path }) {
      if (installing !== undefined) {
        throw usageError('gpu-busy', 'A provider is being installed.', 'Wait until that is done.');
      }
      installing = new AbortController();
      try {
        const source = process.env['HETCUT_GPU_SOURCE'];
        await installProvider(
          {
            home,
            ...(path === undefined ? {} : { from: await paths.require(path) }),
            ...(source === undefined ? {} : { source }),
          },
          {
            signal: AbortSignal.any([signal, installing.signal]),
            onProgress: (event) => {
              const { share, text } = describeProgress(event);
              emit('gpu.progress', { share, text });
            },
          },
        );
        await changeProvider();
      } finally {
        installing = undefined;
      }
      return null;
    },
    'gpu.stop': async () => {
      installing?.abort();
      return null;
    },
    async 'gpu.remove'() {
      await removeProvider(home);
      await changeProvider();
      return null;
    },
    'app.device': () => device.read(),
    'app.doctor': async () => findings(await examineMachine(home, startHost, findHardware)),
  };
}
