import type { TimeDrift } from '../../src-shared/core/caches/index.ts';
import { measureTimeDrift } from '../engine/network/drift-probe.ts';
import type { LoadedModel } from '../engine/edit-services.ts';
import { lazySessions } from '../engine/network/lazy-sessions.ts';
import type { ModelFolder } from '../engine/network/model-folder.ts';
import type { SessionFactory } from '../engine/network/session.ts';
import { createVaeCodec } from '../engine/network/vae-codec.ts';

/** A model's transformer and VAE; each graph is opened when it is first used. */
export function loadModel(sessions: SessionFactory, model: ModelFolder): LoadedModel {
  const vae = lazySessions(sessions, model.vae.graphs);
  const transformer = lazySessions(sessions, model.transformer.graphs);
  return {
    family: model.family,
    codec: createVaeCodec(vae, model.vae.spec),
    transformer: { sessions: transformer, spec: model.transformer.spec, type: model.type },
    async release() {
      await transformer.release();
      await vae.release();
    },
  };
}

/** How far the model's time embedding moves over these timesteps: one small graph, opened for this alone. */
export async function driftOf(
  sessions: SessionFactory,
  model: ModelFolder,
  timesteps: Float32Array,
): Promise<TimeDrift> {
  const { transformer, release } = loadModel(sessions, model);
  try {
    return await measureTimeDrift(transformer, timesteps);
  } finally {
    await release();
  }
}
