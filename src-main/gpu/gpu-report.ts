import type { GpuProblemCode } from '../../src-shared/ipc/index.ts';
import { cudaFolder, type LibraryFinding } from './cuda-libraries.ts';
import { findProviderLibraries, readProvider, type ProviderState } from './installed-provider.ts';
import { surveyCards, type CardSurvey } from './nvidia-cards.ts';

/** Why a card is not used; texts are in `gpu-problem-text.ts` and, for the window, in `src-renderer/i18n`. */
export interface GpuProblem {
  readonly code: GpuProblemCode;
  /** What the text names. */
  readonly values: Readonly<Record<string, string>>;
}

/** What was tried of the runtime, in a process of its own. */
export interface ProviderTrial {
  readonly provider: 'cuda' | 'dml' | 'webgpu' | 'cpu';
  readonly reports: readonly {
    readonly provider: string;
    readonly usable: boolean;
    readonly reason?: string;
  }[];
  /** How the process ended over a provider. */
  readonly crash?: string;
}

export interface GpuReport extends CardSurvey {
  /** What networks run on. */
  readonly inUse: ProviderTrial['provider'];
  readonly provider?: ProviderState;
  /** Libraries that the installed provider needs. */
  readonly libraries: readonly LibraryFinding[];
  /** Why a card that is there is not used; none where there is no card, or one is used; a provider that ends its process always. */
  readonly problems: readonly GpuProblem[];
}

/** Oldest drivers for Linux by CUDA's major version (NVIDIA's release notes), and the oldest cards of its libraries. */
const cudaNeeds: Readonly<Record<number, { readonly driver: number; readonly capability: number }>> = {
  12: { driver: 525.6, capability: 5 },
  13: { driver: 580, capability: 7.5 },
};

function libraryProblems(libraries: readonly LibraryFinding[], home: string): GpuProblem[] {
  const absent = libraries.filter(({ path, unusable }) => path === undefined && unusable === undefined);
  const list = (items: readonly (string | undefined)[]): string =>
    [...new Set(items.filter((item) => item !== undefined))].join(' ');
  const problems = libraries.flatMap(({ name, path, unusable }): GpuProblem[] =>
    path === undefined && unusable !== undefined
      ? [{ code: 'library-unusable', values: { name, path: unusable } }]
      : [],
  );
  if (absent.length === 0) return problems;
  const each = absent.map(({ name, get }) => `${name} (${get.apt ?? get.other ?? ''})`).join(', ');
  const pip = list(absent.map(({ get }) => get.pip));
  const values = {
    libraries: each,
    apt: list(absent.map(({ get }) => get.apt)),
    command: pip === '' ? '' : `pip install --no-deps --target "${cudaFolder(home)}" ${pip}`,
  };
  return [...problems, { code: 'libraries-missing', values }];
}

function findProblems(
  survey: CardSurvey,
  trial: ProviderTrial,
  provider: ProviderState | undefined,
  libraries: readonly LibraryFinding[],
  { home, platform }: { readonly home: string; readonly platform: string },
): GpuProblem[] {
  const { cards, onBus, problem } = survey;
  if (trial.crash !== undefined) return [{ code: 'provider-crashes', values: { reason: trial.crash } }];
  if ((cards.length === 0 && onBus === 0) || trial.provider === 'cuda' || trial.provider === 'dml') return [];
  const card = cards[0]?.name ?? 'NVIDIA';
  const refused = (name: string): GpuProblem => ({
    code: 'provider-refused',
    values: { card, reason: trial.reports.find((one) => one.provider === name)?.reason ?? 'no reason given' },
  });
  const problems: GpuProblem[] = [];
  if (problem?.kind === 'no-tool') problems.push({ code: 'driver-missing', values: {} });
  else if (problem !== undefined)
    problems.push({ code: 'driver-broken', values: { reason: problem.reason } });
  if (platform.startsWith('win32')) return problems.length > 0 ? problems : [refused('dml')];
  if (platform !== 'linux x64') return [{ code: 'platform', values: { card, platform } }];
  if (provider === undefined) return [...problems, { code: 'provider-missing', values: { card } }];
  if (provider.problem !== undefined) {
    const { kind, reason } = provider.problem;
    return [...problems, { code: `provider-${kind}`, values: { reason } }];
  }
  const { cuda } = provider.installed;
  const needs = cudaNeeds[cuda];
  for (const { name, driver, capability } of cards.slice(0, 1)) {
    if (needs === undefined) continue;
    if (driver !== undefined && Number.parseFloat(driver) < needs.driver) {
      problems.push({
        code: 'driver-old',
        values: { driver, needed: String(needs.driver), cuda: String(cuda) },
      });
    }
    if (capability !== undefined && capability < needs.capability) {
      const needed = needs.capability.toFixed(1);
      problems.push({
        code: 'card-old',
        values: { card: name, capability: String(capability), needed, cuda: String(cuda) },
      });
    }
  }
  problems.push(...libraryProblems(libraries, home));
  return problems.length > 0 ? problems : [refused('cuda')];
}

export interface GpuQuestion {
  readonly home: string;
  readonly trial: ProviderTrial;
  readonly environment?: NodeJS.ProcessEnv;
  readonly busFolder?: string;
  /** Of this machine, such as `linux x64`. */
  readonly platform?: string;
}

/** NVIDIA cards, driver, provider and CUDA's libraries on this machine, and why a card is not used. */
export async function describeGpu(question: GpuQuestion): Promise<GpuReport> {
  const {
    home,
    trial,
    environment = process.env,
    platform = `${process.platform} ${process.arch}`,
  } = question;
  const survey = await surveyCards(environment, question.busFolder);
  const provider = await readProvider(home);
  const libraries =
    provider === undefined || provider.problem !== undefined
      ? []
      : await findProviderLibraries(provider, home, environment);
  return {
    ...survey,
    inUse: trial.provider,
    ...(provider === undefined ? {} : { provider }),
    libraries,
    problems: findProblems(survey, trial, provider, libraries, { home, platform }),
  };
}
