import { basename } from 'node:path';
import { HetcutError, usageError } from '../../src-shared/core/errors/index.ts';
import type {
  ExecutionProvider,
  DescribedSession,
  SessionFactory,
  SessionOptions,
} from '../engine/network/session.ts';
import { attentionProbeFeeds, attentionProbeGraph, probeCases } from './attention-probe.ts';
import { fatalOnly, loadRuntime, type Runtime } from './runtime-library.ts';
import { checkGraphFile, openError, providerFailed, rootReason, runError } from './session-errors.ts';
import { fromFetches, toFeeds } from './tensor-conversion.ts';

/** Why a provider was passed over. */
export interface ProviderSkip {
  readonly provider: ExecutionProvider;
  readonly reason: string;
}

export interface OrtSession extends DescribedSession {
  /** The provider that runs the graph; operators it lacks run on the CPU. */
  readonly provider: ExecutionProvider;
  /** The providers before it that could not be had. */
  readonly skipped: readonly ProviderSkip[];
}

export interface ProviderReport {
  readonly provider: ExecutionProvider;
  readonly usable: boolean;
  /** Why not, where it is not usable. */
  readonly reason?: string;
}

export interface Ort extends SessionFactory {
  open(modelPath: string, options?: SessionOptions): Promise<OrtSession>;
  /** Opens a graph without external data from memory, on the first of the providers, which is the CPU if none is named. */
  openBytes(model: Uint8Array, options?: Pick<SessionOptions, 'threads' | 'providers'>): Promise<OrtSession>;
  /** All providers in order of preference, those of the default order tried on this machine: for `hetcut doctor`. */
  describeProviders(): Promise<readonly ProviderReport[]>;
  /** Version of the library, and the provider that `open` takes where it is not told another. */
  describeRuntime(): Promise<{ readonly version: string; readonly provider: ExecutionProvider }>;
}

/**
 * WebGPU only on request (`HETCUT_DEVICE`): it takes software renderers (3 GFLOP/s) for a GPU, and nothing tells them apart
 * from here.
 */
const defaultProviders = ['cuda', 'dml', 'cpu'] as const satisfies readonly ExecutionProvider[];

const providerNames: Readonly<Record<ExecutionProvider, string>> = {
  cuda: 'CUDA',
  dml: 'DirectML',
  webgpu: 'WebGPU',
  cpu: 'the CPU provider',
};

export interface OrtOptions {
  /**
   * Where a provider that works on this machine cannot take a graph, memory full included: the CPU takes it. Absent: that
   * is an error, for the CPU takes many times as long.
   */
  readonly cpuFallback?: boolean;
  /** Told of each graph that the CPU takes in the place of another provider, in a sentence. */
  readonly onFallback?: (text: string) => void;
  /** The provider that is to be used, by name, and no other; absent: what `HETCUT_DEVICE` says, else the first that works. */
  readonly device?: string;
  /** The library; absent: ONNX Runtime's own. */
  readonly load?: typeof loadRuntime;
}

/** The provider that was asked for; undefined: the first that works. Errors: device-unknown. */
function requestedProvider(device: string | undefined): ExecutionProvider | undefined {
  if (device === undefined || device === '' || device === 'auto') return undefined;
  if (Object.hasOwn(providerNames, device)) return device as ExecutionProvider;
  throw usageError(
    'device-unknown',
    `HETCUT_DEVICE is ${device}.`,
    `Set it to ${Object.keys(providerNames).join(', ')} or auto, or unset it: then the first device is used that works.`,
  );
}

/** ONNX Runtime behind the engine's interface. Loads the native library at the first call, not before. */
export function createOrt(ortOptions: OrtOptions = {}): Ort {
  const { cpuFallback = false, onFallback, load = loadRuntime } = ortOptions;
  const requested = requestedProvider(ortOptions.device ?? process.env['HETCUT_DEVICE']);
  const usual: readonly ExecutionProvider[] = requested === undefined ? defaultProviders : [requested];
  const refused = (provider: ExecutionProvider, reason: string): HetcutError =>
    new HetcutError('device-unusable', `HETCUT_DEVICE asks for ${provider}: ${reason}.`, {
      hint: '`hetcut doctor` says what works here; unset HETCUT_DEVICE to use the first that does.',
    });
  // What a provider can do does not change while the process lives.
  const verdicts = new Map<ExecutionProvider, Promise<string | undefined>>();
  const whyUnusable = (provider: ExecutionProvider): Promise<string | undefined> => {
    const verdict = verdicts.get(provider) ?? probeProvider(load, provider);
    verdicts.set(provider, verdict);
    return verdict;
  };

  return {
    async open(modelPath, options = {}) {
      await checkGraphFile(modelPath);
      const skipped: ProviderSkip[] = [];
      for (const provider of (options.providers ?? usual).filter((name) => name !== 'cpu')) {
        const reason = await whyUnusable(provider);
        if (reason !== undefined) {
          if (provider === requested) throw refused(provider, reason);
          skipped.push({ provider, reason });
          continue;
        }
        try {
          return await openOn(load, provider, modelPath, modelPath, options, skipped);
        } catch (error) {
          const reason = rootReason(error);
          if (!cpuFallback) throw providerFailed(providerNames[provider], modelPath, error, reason);
          skipped.push({ provider, reason });
          onFallback?.(
            `${basename(modelPath)} runs on the CPU: ${providerNames[provider]} cannot take it (${reason}).`,
          );
        }
      }
      return openOn(load, 'cpu', modelPath, modelPath, options, skipped);
    },
    openBytes: (model, options = {}) =>
      openOn(load, options.providers?.[0] ?? 'cpu', model, 'graph in memory', options, []),
    describeProviders: () =>
      Promise.all(
        (['cuda', 'dml', 'webgpu', 'cpu'] as const).map(async (provider): Promise<ProviderReport> => {
          const reason =
            provider === 'webgpu' && requested !== 'webgpu'
              ? 'not tried: used on request only (HETCUT_DEVICE=webgpu)'
              : await whyUnusable(provider);
          return reason === undefined ? { provider, usable: true } : { provider, usable: false, reason };
        }),
      ),
    async describeRuntime() {
      const { env } = await load();
      for (const provider of usual) {
        const reason = provider === 'cpu' ? undefined : await whyUnusable(provider);
        if (reason === undefined) return { version: env.versions.node ?? 'unknown', provider };
        if (provider === requested) throw refused(provider, reason);
      }
      throw new Error('the CPU is always usable');
    },
  };
}

/** Opens a graph with one provider; the library itself adds the CPU for operators that the provider lacks. */
async function openOn(
  load: typeof loadRuntime,
  provider: ExecutionProvider,
  model: string | Uint8Array,
  label: string,
  options: SessionOptions,
  skipped: readonly ProviderSkip[],
): Promise<OrtSession> {
  const runtime = await load();
  const native = await createNative(runtime, model, {
    executionProviders: [provider],
    logSeverityLevel: fatalOnly,
    ...(options.threads === undefined ? {} : { intraOpNumThreads: options.threads }),
    ...(options.lean === true && { enableCpuMemArena: false, enableMemPattern: false }),
  }).catch((cause: unknown) => {
    throw openError(label, cause);
  });
  return {
    provider,
    skipped,
    inputNames: native.inputNames,
    inputs: native.inputMetadata.map((port) => ({ name: port.name, shape: port.isTensor ? port.shape : [] })),
    outputNames: native.outputNames,
    async run(feeds, fetches = native.outputNames) {
      try {
        return fromFetches(
          await native.run(toFeeds(runtime, feeds), fetches, { logSeverityLevel: fatalOnly }),
        );
      } catch (cause) {
        throw runError(label, cause);
      }
    },
    release: () => native.release(),
  };
}

function createNative(
  runtime: typeof Runtime,
  model: string | Uint8Array,
  options: Runtime.InferenceSession.SessionOptions,
): Promise<Runtime.InferenceSession> {
  // Two overloads of one function: the compiler does not choose among them by a union.
  return typeof model === 'string'
    ? runtime.InferenceSession.create(model, options)
    : runtime.InferenceSession.create(model, options);
}

/** Tries a provider on a small graph of known answer; returns why it cannot be used, or undefined. */
async function probeProvider(
  load: typeof loadRuntime,
  provider: ExecutionProvider,
): Promise<string | undefined> {
  const runtime = await load();
  const name = providerNames[provider];
  if (!runtime.listSupportedBackends().some((backend) => backend.name === provider)) {
    return `this build of ONNX Runtime has no ${name}`;
  }
  try {
    const session = await openOn(load, provider, attentionProbeGraph(), 'probe graph', {}, []);
    const differences = await session.run(attentionProbeFeeds());
    await session.release();
    // Written so that NaN counts as wrong.
    const wrong = [...probeCases].filter(
      ([output, { tolerance }]) =>
        !(differences[output].data as Float32Array).every((value) => value <= tolerance),
    );
    if (wrong.length === 0) return undefined;
    return `${name} computes attention wrongly on this machine (${wrong.map(([output]) => output).join(', ')})`;
  } catch (error) {
    return `${name} cannot be started: ${rootReason(error)}`;
  }
}
