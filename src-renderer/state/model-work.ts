import { create } from 'zustand';
import type { HetcutError } from '../../src-shared/core/errors/index.ts';
import { backend } from './backend.ts';
import { attempt } from './notices.ts';

/** What is being done to a model. */
export interface ModelWork {
  readonly kind: 'import' | 'get' | 'verify' | 'calibrate';
  /** 0…1; null before the first report. */
  readonly share: number | null;
  readonly text: string;
}

/** What an editor must accept before a model is imported. */
interface LicenceQuestion {
  readonly modelId: string;
  readonly text: string;
  /** Does what was refused. */
  readonly accept: () => Promise<unknown>;
}

interface ModelWorkState {
  /** What is being imported or checked, by the model's name; it goes on while the page is closed. */
  readonly works: Readonly<Record<string, ModelWork>>;
  readonly licence: LicenceQuestion | null;
}

export const useModelWork = create<ModelWorkState>()(() => ({ works: {}, licence: null }));
/** The program that is listened to. */
let listening: ReturnType<typeof backend> | undefined;

function listen(): void {
  const client = backend();
  if (listening === client) return;
  listening = client;
  client.on('models.progress', ({ modelId, share, text }) => {
    useModelWork.setState(({ works }) => {
      const work = works[modelId];
      return work === undefined ? {} : { works: { ...works, [modelId]: { ...work, share, text } } };
    });
  });
}

/**
 * Shows the work while it runs. Where a licence must be accepted first, the editor is asked, and it is done once more.
 * @returns whether it was done; false: the editor stopped it or is asked
 */
export async function whileShown(
  modelId: string,
  kind: ModelWork['kind'],
  work: (acceptLicence: boolean) => Promise<unknown>,
  acceptLicence = false,
): Promise<boolean> {
  listen();
  useModelWork.setState(({ works }) => ({ works: { ...works, [modelId]: { kind, share: null, text: '' } } }));
  try {
    await work(acceptLicence);
    return true;
  } catch (error) {
    const { code, message } = error as HetcutError;
    if (code === 'licence-not-accepted' && !acceptLicence) {
      const accept = (): Promise<unknown> => whileShown(modelId, kind, work, true);
      useModelWork.setState({ licence: { modelId, text: message, accept } });
    } else if (code !== 'cancelled') throw error;
    return false;
  } finally {
    useModelWork.setState(({ works: { [modelId]: _, ...works } }) => ({ works }));
  }
}

/** What was done so far is removed. */
export function stopWork(modelId: string): void {
  attempt(() => backend().call('models.stop', { modelId }));
}
