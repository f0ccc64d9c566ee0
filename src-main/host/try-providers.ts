import type { ExecutionProvider } from '../engine/network/session.ts';
import type { ProviderReport } from '../ort/index.ts';
import { errorOf, type StartHost } from './message-loop.ts';

/** What ONNX Runtime can run on, and what it does run on. */
export interface ProvidersFound {
  /** Of ONNX Runtime. */
  readonly version: string;
  readonly provider: ExecutionProvider;
  readonly reports: readonly ProviderReport[];
  /** How the process ended over it, where trying one ended it: jobs would end so too. */
  readonly crash?: string;
}

/** What is said of a process that ended over a provider. */
function afterEnd(how: string): ProvidersFound {
  const reason = `trying it ended its process (${how})`;
  return {
    crash: how,
    version: 'unknown',
    provider: 'cpu',
    reports: [
      { provider: 'cuda', usable: false, reason },
      { provider: 'cpu', usable: true },
    ],
  };
}

/**
 * Tries the execution providers in a process of its own: what they load stays out of this one, a library that ends its
 * process ends only that one, and folders of libraries that `useProvider` has found are known to it.
 */
export async function tryProviders(startHost: StartHost, home: string): Promise<ProvidersFound> {
  const host = startHost('estimates');
  const kill = (): void => host.kill();
  process.once('exit', kill);
  try {
    return await new Promise<ProvidersFound>((resolve, reject) => {
      host.onReply((reply) => {
        // A host answers what it was asked.
        if (reply.type === 'answer') resolve(reply.answer as ProvidersFound);
        else if (reply.type === 'refused') reject(errorOf(reply.failure));
      });
      host.onError(reject);
      host.onEnd((how) => resolve(afterEnd(how)));
      host.send({ type: 'ask', id: 1, question: { about: 'providers' }, home });
    });
  } finally {
    process.off('exit', kill);
    host.kill();
  }
}
