import { usageError } from '../../src-shared/core/errors/index.ts';
import type { RecentProject } from '../../src-shared/ipc/index.ts';
import { examineMachine } from '../host/examine-machine.ts';
import { tryProviders } from '../host/try-providers.ts';
import { watchDevice } from '../host/watch-device.ts';
import { installProvider, removeProvider, useProvider } from '../gpu/index.ts';
import { describeProgress } from '../jobs/job-progress.ts';
import { programVersion } from '../jobs/program-version.ts';
import type { BackendParts, HandlersOf } from './backend-parts.ts';
import { doctorFindings } from './doctor-findings.ts';
import { modelRows } from './model-handlers.ts';

type GpuRequest = 'gpu.install' | 'gpu.stop' | 'gpu.remove';

export function appHandlers({
  home,
  dialogs,
  projects,
  findHardware,
  paths,
  startHost,
  emit,
  onLanguage,
  signal,
}: BackendParts): HandlersOf<'app.info' | 'app.doctor' | 'app.device' | 'app.language' | GpuRequest> {
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
    async 'app.language'({ language }) {
      onLanguage?.(language);
      return null;
    },
    'app.device': () => device.read(),
    'app.doctor': async () => doctorFindings(await examineMachine(home, startHost, findHardware)),
  };
}
