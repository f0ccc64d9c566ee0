import { describe, expect, it } from 'vitest';
import { jobMemory, keptContextBytes } from '../../../src-shared/core/estimate/index.ts';
import { wanVaceSpec, wanVaeSpec } from '../../../src-shared/core/families/index.ts';
import { parseWanVaceConfig, parseWanVaeConfig } from '../../../src-shared/core/graph/index.ts';
import { synthConfigs, transformerConfig, vaeConfig } from '../../models/synth-configs.ts';
import type { ModelFolder } from '../network/model-folder.ts';
import { chooseVaePass, passMemory } from '../network/vae-pass.ts';
import { chooseMemory, plentyMemory, type MemoryBudget } from './memory-choice.ts';

const gib = 2 ** 30;
const sizes = synthConfigs['wan2.1-vace-1.3b'];
const spec = wanVaceSpec(parseWanVaceConfig(transformerConfig(sizes), 'transformer'));
const vae = wanVaeSpec(parseWanVaeConfig(vaeConfig(sizes), 'vae'));
/** Wan2.1-VACE-1.3B imported in fp16: 2.154 and 0.127 thousand million parameters, and UMT5-xxl. */
const model = {
  weightBytes: { transformer: 2.154e9 * 2, vae: 0.127e9 * 2, textEncoder: 13.4e9 },
  precision: 'fp16',
  type: 'float16',
  transformer: { spec },
} as unknown as ModelFolder;

/** What a window of `frames` of 480 × 832 takes within a budget, by stage, and how it is run. */
function need(frames: number, budget: MemoryBudget | undefined, height = 480, width = 832) {
  const size = { frames, height, width };
  const tokens = ((1 + (frames - 1) / 4) * height * width) / 256;
  const choice = chooseMemory(model, { tokens, streams: 2 }, budget);
  const pass = (part: 'encoder' | 'decoder') =>
    passMemory(vae, part, size, chooseVaePass(vae, part, size, choice.passBytes));
  const streams = Math.min(2, choice.streamsPerCall);
  const memory = jobMemory({
    frames,
    framePixels: height * width,
    keptFrameBytes: 0,
    maskedPixels: 1,
    boxPixels: 1,
    plate: 'auto',
    textured: { pixels: 0, mostInFrame: 0 },
    windows: [
      {
        frames,
        freshFrames: frames,
        cropPixels: height * width,
        workingPixels: height * width,
        modelFrames: frames,
        tokens,
        encodePasses: 2,
        encodeFlops: 1,
        decodeFlops: 1,
        steps: [],
        encoder: pass('encoder'),
        decoder: pass('decoder'),
        callCpuBytes: spec.liveBytes({ tokens, streams }, 'float32'),
        callCardBytes: spec.liveBytes({ tokens, streams }, 'float16'),
        keptBytes: 0,
      },
    ],
    textFlops: 1,
    weightBytes: model.weightBytes,
    precision: 'fp16',
    textPrecision: 'fp16',
    checkedFrames: 0,
    hasTruth: false,
  });
  return { ...memory, choice };
}

const card = (gibibytes: number, ram = 32): MemoryBudget => ({
  device: 'card',
  bytes: gibibytes * gib,
  ramBytes: ram * gib,
});
const cpu = (gibibytes: number): MemoryBudget => ({
  device: 'cpu',
  bytes: gibibytes * gib,
  ramBytes: gibibytes * gib,
});

describe('a job at 1.3B in fp16', () => {
  it.each([
    [8, 33, 480, 832],
    [12, 81, 480, 832],
    [16, 81, 480, 832],
    [24, 81, 480, 832],
    [12, 25, 720, 1280],
    [16, 49, 720, 1280],
  ])('fits a card of %i GB: %i frames of %i × %i', (gibibytes, frames, height, width) => {
    const { vramBytes, stages } = need(frames, card(gibibytes), height, width);
    expect(vramBytes).toBeLessThanOrEqual(gibibytes * gib);
    // One part at a time: the most is that of a single stage, and the text encoder takes nothing of the card.
    expect(vramBytes).toBe(Math.max(...Object.values(stages).map((stage) => stage.vramBytes)));
    expect(stages.text.vramBytes).toBe(0);
    expect(
      Math.min(stages.encode.vramBytes, stages.sample.vramBytes, stages.decode.vramBytes),
    ).toBeGreaterThan(0.5e9);
  });

  it('is guided in one call where that fits, and in two where it does not', () => {
    expect(need(33, card(8)).choice.streamsPerCall).toBe(1);
    expect(need(33, card(24)).choice.streamsPerCall).toBe(2);
    expect(need(33, undefined).choice).toEqual(plentyMemory);
  });

  it('decodes in more and smaller tiles the less memory there is', () => {
    const decode = [4, 6, 8].map((size) => need(33, card(size)).stages.decode.vramBytes);
    expect(decode[0]).toBeLessThan(decode[1]);
    expect(decode[1]).toBeLessThan(decode[2]);
  });

  it('keeps the context of steps in the machine’s memory where there is room, in eight bits where only that fits', () => {
    // 45 blocks × 2 streams × 2 steps × 14,040 tokens × 1536: 7.8 GB in float16, 3.9 GB in eight bits.
    const whole = keptContextBytes(spec, { context: 14_040, streams: 2 }, 'float', 'float16');
    const small = keptContextBytes(spec, { context: 14_040, streams: 2 }, 'int8', 'float16');
    expect(whole / 1e9).toBeCloseTo(7.76, 2);
    expect(small / whole).toBeCloseTo(0.5 + 2 / 1536, 5);
    // A card’s own memory does not matter to it.
    for (const size of [8, 80]) {
      expect(need(33, card(size, 32)).choice.keptForms).toEqual(['float', 'int8']);
      expect(need(33, card(size, 6)).choice.keptForms).toEqual(['int8']);
      expect(need(33, card(size, 3)).choice.keptForms).toEqual([]);
    }
    // The CPU needs the rest of it for the model: 12.9 GB of weights in float32.
    expect(need(33, cpu(24)).choice.keptForms).toEqual(['int8']);
    expect(need(33, cpu(16)).choice.keptForms).toEqual([]);
  });

  it('takes what the whole would take only where that is there', () => {
    const whole = passMemory(vae, 'decoder', { frames: 33, height: 480, width: 832 }, 'full');
    expect(whole.ramBytes).toBeGreaterThan(20 * gib);
    expect(need(33, cpu(16)).stages.decode.ramBytes).toBeLessThan(6 * gib);
  });
});
