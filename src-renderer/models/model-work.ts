import { create } from 'zustand';
import { backend } from '../state/backend.ts';

/** What is being done to a model. */
export interface ModelWork {
  readonly kind: 'import' | 'get' | 'verify';
  /** 0…1; null before the first report. */
  readonly share: number | null;
  readonly text: string;
}

/** What is being imported or checked, by the model's name; it goes on while the page is closed. */
export const useModelWork = create<{ readonly works: Readonly<Record<string, ModelWork>> }>()(() => ({
  works: {},
}));
let listening = false;

function listen(): void {
  if (listening) return;
  listening = true;
  backend().on('models.progress', ({ modelId, share, text }) => {
    useModelWork.setState(({ works }) => {
      const work = works[modelId];
      return work === undefined ? {} : { works: { ...works, [modelId]: { ...work, share, text } } };
    });
  });
}

/**
 * Shows the work while it runs.
 * @returns whether it was done; false: the editor stopped it
 */
export async function whileShown(
  modelId: string,
  kind: ModelWork['kind'],
  work: () => Promise<unknown>,
): Promise<boolean> {
  listen();
  useModelWork.setState(({ works }) => ({ works: { ...works, [modelId]: { kind, share: null, text: '' } } }));
  try {
    await work();
    return true;
  } catch (error) {
    if ((error as { code?: unknown }).code !== 'cancelled') throw error;
    return false;
  } finally {
    useModelWork.setState(({ works: { [modelId]: _, ...works } }) => ({ works }));
  }
}
