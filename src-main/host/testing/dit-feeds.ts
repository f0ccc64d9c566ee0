import { readFile } from 'node:fs/promises';
import { patchify } from '../../../src-shared/core/control/index.ts';
import {
  parseWanVaceConfig,
  ropeTables,
  type Precision,
  type RopeTables,
  type WanVaceConfig,
} from '../../../src-shared/core/graph/index.ts';
import type { TensorMap } from '../../engine/network/session.ts';
import { floatTensor } from '../../engine/network/tensors.ts';
import type { TensorStore } from '../../models/safetensors.ts';

/** One stream's inputs, float32. */
export interface DitStream {
  readonly tokens: Float32Array;
  readonly control: Float32Array;
  readonly rope: RopeTables;
  readonly timestep: number;
  readonly text: Float32Array;
  readonly controlScale: readonly number[];
}

/** The configuration of the transformer in `folder`. */
export async function readDitConfig(folder: string): Promise<WanVaceConfig> {
  const path = `${folder}/config.json`;
  return parseWanVaceConfig(JSON.parse(await readFile(path, 'utf8')), path);
}

/** Streams of equal lengths as one batch. */
export function ditFeeds(
  config: WanVaceConfig,
  precision: Precision,
  streams: readonly DitStream[],
): TensorMap {
  const type = precision === 'fp16' ? 'float16' : 'float32';
  const [{ rope, controlScale }] = streams;
  const batch = streams.length;
  const tensor = (part: 'tokens' | 'control' | 'text', width: number): ReturnType<typeof floatTensor> => {
    const data = Float32Array.from(streams.flatMap((stream) => [...stream[part]]));
    return floatTensor(data, [batch, data.length / batch / width, width], type);
  };
  return {
    tokens: tensor('tokens', 64),
    control: tensor('control', 384),
    text: tensor('text', config.textDim),
    ropeCos: floatTensor(rope.cos, [rope.tokens, rope.columns], 'float32'),
    ropeSin: floatTensor(rope.sin, [rope.tokens, rope.columns], 'float32'),
    timestep: floatTensor(
      Float32Array.from(streams, (stream) => stream.timestep),
      [batch],
      'float32',
    ),
    controlScale: floatTensor(Float32Array.from(controlScale), [controlScale.length], 'float32'),
  };
}

/** The golden transformer: its folder below e2e/fixtures/golden and its latents' frames, rows and columns. */
export const goldenDit = {
  folder: 'e2e/fixtures/golden/A_wan_vace_dit',
  grid: { frames: 3, height: 8, width: 10 },
};

/** The inputs that its stored velocities were made with. */
export async function goldenStream(reference: TensorStore, config: WanVaceConfig): Promise<DitStream> {
  const { frames, height, width } = goldenDit.grid;
  return {
    tokens: patchify(await reference.float32('hidden_states'), { channels: 16, ...goldenDit.grid }),
    control: patchify(await reference.float32('control_hidden_states'), { channels: 96, ...goldenDit.grid }),
    rope: ropeTables(frames, height / 2, width / 2, config.headDim),
    timestep: (await reference.int32('timestep'))[0],
    text: await reference.float32('encoder_hidden_states'),
    controlScale: [1, 1],
  };
}
