import { modelWidth, type WanVaceConfig } from '../graph/index.ts';
import type { EditWork, WindowWork } from './edit-work.ts';

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
/** For each pixel of each frame's crop: its colours as float32 and what is open of it, and its patch. */
const cropBytes = 3 * 4 + 1 + 3;

const bytesPerFloat = 4;
/** What ONNX Runtime's arena takes of what is live at once: it grows in powers of two. */
const arenaFactor = 2;

/**
 * An estimate of the memory that one network call takes beyond the weights: tokens through a block (stream, normed,
 * queries, keys, values, attended, control stream), the hints, which all wait for the main blocks, and the
 * feed-forward's two.
 */
export function callPeakBytes(config: WanVaceConfig, call: { tokens: number; streams: number }): number {
  const width = modelWidth(config);
  const floats = (8 + config.vaceLayers.length) * width + 2 * config.ffnDim;
  return arenaFactor * bytesPerFloat * floats * call.tokens * call.streams;
}

/**
 * An estimate of a job's peak memory on the CPU, in bytes: 0.83 to 1.2 times what nine jobs of the starter took. Each graph keeps its arena until the model is released, so
 * encoder, decoder and transformer add up.
 */
export function jobMemoryBytes(work: EditWork): number {
  const { windows, plate } = work;
  // The runtime is asked about the model before it is known whether anything is left to generate.
  const base =
    processBytes +
    (plate === 'auto' || plate === 'only' ? trackerBytes : 0) +
    (plate === 'auto' || plate === 'off' ? runtimeBytes : 0);
  if (windows.length === 0) return base;
  const most = (bytes: (window: WindowWork) => number): number => Math.max(...windows.map(bytes));
  return (
    base +
    work.transformerBytes +
    work.vaeBytes +
    most((w) => w.encoderPeakBytes) +
    most((w) => w.decoderPeakBytes) +
    most((w) => w.callPeakBytes) +
    most(
      (w) =>
        bytesPerFloat * workingFloats * w.modelFrames * w.workingPixels + cropBytes * w.frames * w.cropPixels,
    )
  );
}
