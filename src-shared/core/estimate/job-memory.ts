import { mostCanvasPixels } from '../canvas/index.ts';
import type { EditWork, WindowWork } from './edit-work.ts';
import {
  cardArenaFactor,
  cardContextBytes,
  cpuArenaFactor,
  cpuWeightFactor,
  keepsPartsOpen,
  leanFactor,
  type StageMemory,
} from './part-memory.ts';

/** Node, the program and ffmpeg's pipes; the camera tracker's library; ONNX Runtime. Measured on Linux. */
const processBytes = 150e6;
const trackerBytes = 140e6;
const runtimeBytes = 60e6;

/**
 * Float32 values that a window keeps for each working pixel of each frame: the picture (3) as it was read, put
 * together, without the hole and with nothing but it, as it goes into the encoder and comes out of the decoder, and
 * masks (2).
 */
const workingFloats = 3 * 7 + 2;
/** For each pixel of the canvas that is filled by texture: what frames show of it, and the fill's own. */
const canvasBytes = 110;
/** For each pixel of each frame's crop: its colours as float32 and what is open of it, and its patch. */
const cropBytes = 3 * 4 + 1 + 3;

/** The stages that open a part of the model. */
export const memoryStages = ['text', 'encode', 'sample', 'decode'] as const;
export type MemoryStage = (typeof memoryStages)[number];

/** What a job takes: its stages, and the most of them. Without windows no stage opens anything. */
export interface JobMemory extends StageMemory {
  readonly stages: Readonly<Record<MemoryStage, StageMemory>>;
}

/**
 * An estimate of a job's peak memory. A large model's parts are open one at a time, each with what it computes; those of a
 * small one stay open, and add up (0.83 to 1.2 times what nine jobs of the starter took on the CPU).
 */
export function jobMemory(work: EditWork): JobMemory {
  const { windows, plate, weightBytes, precision, textured, framePixels, keptFrameBytes } = work;
  // The runtime is asked about the model before it is known whether anything is left to generate.
  const base =
    processBytes +
    keptFrameBytes +
    (plate === 'auto' || plate === 'only' ? trackerBytes : 0) +
    (textured.pixels === 0 ? 0 : canvasBytes * Math.min(framePixels, mostCanvasPixels)) +
    (plate === 'auto' || plate === 'off' ? runtimeBytes : 0);
  const most = (bytes: (window: WindowWork) => number): number => Math.max(0, ...windows.map(bytes));
  const pictures = most(
    (w) =>
      bytesPerFloat * workingFloats * w.modelFrames * w.workingPixels + cropBytes * w.frames * w.cropPixels,
  );
  const keeps = keepsPartsOpen(weightBytes);
  const weightFactor = keeps ? 1 : cpuWeightFactor[precision];
  const callFactor = keeps ? cpuArenaFactor : leanFactor;
  const withWindows = windows.length > 0;
  const inUse = (bytes: number): number => (withWindows ? bytes : 0);
  const parts: Record<MemoryStage, StageMemory> = {
    text: {
      // Texts that were encoded before are read from the disk.
      ramBytes:
        work.textFlops === 0 ? 0 : inUse(weightBytes.textEncoder * cpuWeightFactor[work.textPrecision]),
      vramBytes: 0,
    },
    encode: {
      ramBytes: inUse(weightBytes.vae + most((w) => w.encoder.ramBytes)),
      vramBytes: inUse(cardContextBytes + weightBytes.vae + most((w) => w.encoder.vramBytes)),
    },
    sample: {
      ramBytes: inUse(
        weightFactor * weightBytes.transformer + most((w) => callFactor * w.callCpuBytes + w.keptBytes),
      ),
      vramBytes: inUse(
        cardContextBytes + weightBytes.transformer + cardArenaFactor * most((w) => w.callCardBytes),
      ),
    },
    decode: {
      ramBytes: inUse(weightBytes.vae + most((w) => w.decoder.ramBytes)),
      vramBytes: inUse(cardContextBytes + weightBytes.vae + most((w) => w.decoder.vramBytes)),
    },
  };
  const stages = Object.fromEntries(
    memoryStages.map((stage) => {
      const { ramBytes, vramBytes } = parts[stage];
      return [stage, { ramBytes: base + (stage === 'text' ? 0 : pictures) + ramBytes, vramBytes }];
    }),
  ) as Record<MemoryStage, StageMemory>;
  const { text, encode, sample, decode } = parts;
  // The VAE's weights are read once.
  const together =
    base + pictures + encode.ramBytes + sample.ramBytes + decode.ramBytes - inUse(weightBytes.vae);
  const all = memoryStages.map((stage) => stages[stage]);
  return {
    stages,
    ramBytes: Math.max(
      ...all.map(({ ramBytes }) => ramBytes),
      keeps ? Math.max(together, base + text.ramBytes) : 0,
    ),
    vramBytes: keeps
      ? encode.vramBytes + sample.vramBytes + decode.vramBytes - inUse(2 * cardContextBytes)
      : Math.max(...all.map(({ vramBytes }) => vramBytes)),
  };
}

const bytesPerFloat = 4;
