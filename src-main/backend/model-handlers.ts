import type { ModelRow } from '../../src-shared/ipc/index.ts';
import { importModel, listModels, removeModel, verifyModel } from '../models/index.ts';
import type { BackendParts, HandlersOf } from './backend-parts.ts';

export async function modelRows(home: string): Promise<ModelRow[]> {
  const models = await listModels(home);
  return models.map(({ id, bytes, manifest, problem }) => ({
    id,
    bytes,
    ...(manifest === undefined ? {} : { precision: manifest.precision }),
    readsPrompts: manifest?.settings.followsPrompt ?? false,
    ...(problem === undefined ? {} : { problem }),
  }));
}

export function modelHandlers({
  home,
  paths,
  emit,
  signal,
}: BackendParts): HandlersOf<'models.import' | 'models.verify' | 'models.remove'> {
  const tell = async (): Promise<readonly ModelRow[]> => {
    const rows = await modelRows(home);
    emit('models.changed', rows);
    return rows;
  };
  return {
    async 'models.import'({ path, modelId }) {
      const sourceDir = await paths.require(path);
      const { manifest } = await importModel({ sourceDir, id: modelId, precision: 'fp32', home }, { signal });
      const row = (await tell()).find(({ id }) => id === manifest.id);
      if (row === undefined) throw new Error(`the imported model ${manifest.id} is not listed`);
      return row;
    },
    async 'models.verify'({ modelId }) {
      await verifyModel(home, modelId, { signal });
      return { ok: true };
    },
    async 'models.remove'({ modelId }) {
      await removeModel(home, modelId);
      await tell();
      return null;
    },
  };
}
