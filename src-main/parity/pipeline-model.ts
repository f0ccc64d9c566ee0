import { lazySessions, type LazySessions } from '../engine/network/lazy-sessions.ts';
import type { ModelFolder, TransformerGraph } from '../engine/network/model-folder.ts';
import { encodeText } from '../engine/text/text-encoder.ts';
import { createVaeCodec, type VaeCodec } from '../engine/network/vae-codec.ts';
import { importModel, openModelFolder, type TensorStore } from '../models/index.ts';
import { openCase, type GoldenFolder } from './golden-folder.ts';
import { onCpu, type ParityContext } from './golden-kind.ts';
import { storedNumber } from './pipeline-inputs.ts';

/** A golden pipeline's model, imported and opened, with its vectors. */
export interface OpenPipeline {
  readonly store: TensorStore;
  readonly model: ModelFolder;
  readonly codec: VaeCodec;
  readonly transformer: LazySessions<TransformerGraph>;
  release(): Promise<void>;
}

/**
 * Imports and opens the whole model in `folder`, a pipeline in the diffusers layout with a case next to it.
 */
export async function openPipeline(
  folder: Pick<GoldenFolder, 'path' | 'name'>,
  context: ParityContext,
): Promise<OpenPipeline> {
  const { home, precision, sessions } = context;
  const id = `case-${folder.name.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-')}`;
  // In no fewer bits than what is compared: the vectors are of the network, not of rounded words.
  // Nobody's weights are published with vectors: there is no licence to be accepted.
  await importModel({
    sourceDir: folder.path,
    id,
    precision,
    textPrecision: precision,
    home,
    acceptLicence: true,
  });
  const model = await openModelFolder(home, id);
  const store = await openCase(folder);
  const vae = lazySessions(sessions, model.vae.graphs, onCpu);
  const transformer = lazySessions(sessions, model.transformer.graphs, onCpu);
  return {
    store,
    model,
    codec: createVaeCodec(vae, model.vae.spec),
    transformer,
    async release() {
      await Promise.all([transformer.release(), vae.release(), store.close()]);
    },
  };
}

/** Embeddings of the stored ids of the prompt and the negative prompt, each [textTokens, textDim]. */
export async function encodePrompts(
  { store, model }: OpenPipeline,
  context: ParityContext,
): Promise<[prompt: Float32Array, negative: Float32Array]> {
  if (model.textEncoder === undefined) throw new Error('the model has no text encoder');
  const encoder = await context.sessions.open(model.textEncoder.graph, onCpu);
  const encode = async (prefix: string, embeds: string): Promise<Float32Array> => {
    const length = await storedNumber(store, `${prefix}_len`);
    const ids = [...(await store.int32(`${prefix}_ids`))].slice(0, length);
    return encodeText(encoder, ids, store.shape(embeds)[1]);
  };
  try {
    return [await encode('prompt', 'prompt_embeds'), await encode('negative', 'negative_prompt_embeds')];
  } finally {
    await encoder.release();
  }
}
