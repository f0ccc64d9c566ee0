import type { TimeDrift } from '../../src-shared/core/caches/index.ts';
import { keepsPartsOpen } from '../../src-shared/core/estimate/index.ts';
import { keptFormsOf } from '../engine/network/denoiser.ts';
import { measureTimeDrift } from '../engine/network/drift-probe.ts';
import type { LoadedModel } from '../engine/edit-services.ts';
import { lazySessions, takeTurns, type LazySessions } from '../engine/network/lazy-sessions.ts';
import type { ModelFolder, TransformerGraph } from '../engine/network/model-folder.ts';
import type { SessionFactory } from '../engine/network/session.ts';
import { createVaeCodec, vaeSessionOptions, type VaeSessions } from '../engine/network/vae-codec.ts';
import type { MemoryChoice } from '../engine/plan/memory-choice.ts';

/**
 * A model's transformer and VAE; each graph is opened when it is first used. Encoder, transformer and decoder of a large
 * model take turns: one closes as the next is opened. `choice`: how they are run; absent: as if memory were plenty.
 */
export function loadModel(sessions: SessionFactory, model: ModelFolder, choice?: MemoryChoice): LoadedModel {
  const keeps = keepsPartsOpen(model.weightBytes);
  const each: LazySessions<string>[] = [
    lazySessions(sessions, model.vae.graphs, vaeSessionOptions),
    lazySessions(sessions, model.vae.graphs, vaeSessionOptions),
    lazySessions(sessions, model.transformer.graphs, { lean: !keeps }),
  ];
  const [encoder, decoder, transformer] = keeps ? each : takeTurns(each);
  const vae: VaeSessions = {
    session: (graph) => (graph.startsWith('encoder') ? encoder : decoder).session(graph),
    async release() {
      await encoder.release();
      await decoder.release();
    },
  };
  const { spec } = model.transformer;
  const turn: LazySessions<TransformerGraph> = transformer;
  return {
    family: model.family,
    codec: createVaeCodec(vae, model.vae.spec, choice === undefined ? {} : { memoryBytes: choice.passBytes }),
    transformer: {
      sessions: turn,
      spec,
      type: model.type,
      keptForms: keptFormsOf(model.transformer.graphs).filter(
        (form) => choice?.keptForms.includes(form) ?? true,
      ),
      ...(choice !== undefined && { streamsPerCall: choice.streamsPerCall }),
    },
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
