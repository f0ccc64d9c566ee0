import type { GpuBenchReport, ParityRow, TimedRow } from '../../../src-shared/core/bench/index.ts';
import {
  cardArenaFactor,
  cardContextBytes,
  cpuArenaFactor,
  cpuWeightFactor,
  keepsPartsOpen,
  leanFactor,
} from '../../../src-shared/core/estimate/index.ts';
import type { Precision } from '../../../src-shared/core/graph/index.ts';
import { gaussianNoise } from '../../../src-shared/core/random/index.ts';
import type { ModelFolder } from '../../engine/network/model-folder.ts';
import type { SessionFactory } from '../../engine/network/session.ts';
import { chooseVaePass, latentFramesOf, passMemory } from '../../engine/network/vae-pass.ts';
import { encodeTokens } from '../../engine/text/text-encoder.ts';
import { matmulPeak } from '../../ort/index.ts';
import { runParity } from '../../parity/index.ts';
import { loadModel } from '../load-model.ts';
import { benchGpuMethods } from './bench-gpu-methods.ts';
import { benchNetwork } from './bench-network.ts';
import {
  attempt,
  choiceFor,
  gridOf,
  sizeName,
  tokensOf,
  type GpuBenchParts,
  type GpuBenchPlan,
} from './bench-gpu-parts.ts';

export type GpuBenchResult = Pick<
  GpuBenchReport,
  'peakGflops' | 'peakType' | 'parity' | 'calls' | 'vae' | 'text' | 'methods' | 'streams'
>;

/** Every golden folder in both precisions; whatever a kind asks for, the provider that is measured takes it. */
async function benchParity(root: string, parts: GpuBenchParts): Promise<ParityRow[]> {
  const { sessions, provider, signal, onNote } = parts;
  const onProvider: SessionFactory = {
    open: (path, options) => sessions.open(path, { ...options, providers: [provider] }),
  };
  const rows: ParityRow[] = [];
  for (const precision of ['fp32', 'fp16'] as const satisfies readonly Precision[]) {
    onNote(`parity in ${precision}`);
    const { cases } = await runParity({ root, precision, sessions: onProvider, signal });
    const setOf = ({ name }: (typeof cases)[number]): string => name.slice(0, name.lastIndexOf('/'));
    for (const set of new Set(cases.map(setOf))) {
      const compared = cases.filter((one) => setOf(one) === set);
      const share = ({ maxAbs, tolerance }: (typeof cases)[number]): number =>
        maxAbs === 0 ? 0 : maxAbs / tolerance;
      const worst = compared.reduce((most, one) => (share(one) > share(most) || !one.ok ? one : most));
      const worstShare = share(worst);
      rows.push({
        set,
        precision,
        comparisons: compared.length,
        failed: compared.filter(({ ok }) => !ok).length,
        worst: worst.name.slice(set.length + 1) + (worst.error === undefined ? '' : `: ${worst.error}`),
        worstShare: Number.isFinite(worstShare) ? worstShare : null,
      });
    }
  }
  return rows;
}

/** As the plan counts it: see `jobMemory`. */
function plannedCallBytes(model: ModelFolder, tokens: number, onCard: boolean): number {
  const { weightBytes, precision, type } = model;
  const { spec } = model.transformer;
  const live = spec.liveBytes({ tokens, streams: 1 }, onCard ? type : 'float32');
  if (onCard) return cardContextBytes + weightBytes.transformer + cardArenaFactor * live;
  return keepsPartsOpen(weightBytes)
    ? weightBytes.transformer + cpuArenaFactor * live
    : cpuWeightFactor[precision] * weightBytes.transformer + leanFactor * live;
}

async function benchCalls(plan: GpuBenchPlan, parts: GpuBenchParts, peak: number): Promise<TimedRow[]> {
  const { sessions, model, signal, provider } = parts;
  const rows: TimedRow[] = [];
  for (const size of plan.sizes) {
    const grid = gridOf(model, size);
    const tokens = tokensOf(model, size);
    const row = await attempt(`${sizeName(size)}, ${tokens} tokens`, parts, async () => {
      const bench = await benchNetwork({
        sessions,
        peak: async () => peak,
        model,
        grids: [grid],
        runs: plan.runs,
        signal,
        onRun: () => undefined,
      });
      const [{ seconds, gflop, shareOfPeak }] = bench.rows;
      return {
        seconds,
        gflop,
        shareOfPeak,
        plannedBytes: plannedCallBytes(model, tokens, provider !== 'cpu'),
      };
    });
    rows.push(row);
  }
  return rows;
}

async function benchVae(plan: GpuBenchPlan, parts: GpuBenchParts): Promise<TimedRow[]> {
  const { sessions, model, budget, signal, provider } = parts;
  const { spec } = model.vae;
  const onCard = provider !== 'cpu';
  const rows: TimedRow[] = [];
  for (const size of plan.sizes) {
    const choice = choiceFor(model, size, budget);
    for (const part of ['encoder', 'decoder'] as const) {
      const pass = chooseVaePass(spec, part, size, choice.passBytes);
      const way =
        pass === 'full' ? 'whole' : 'tiles' in pass ? `${pass.tiles} tiles` : `chunks of ${pass.chunkFrames}`;
      const loaded = loadModel(sessions, model, choice);
      try {
        const row = await attempt(`${part}, ${sizeName(size)}, ${way}`, parts, async () => {
          const latent = {
            frames: latentFramesOf(spec, size.frames),
            height: size.height / spec.spatialFactor,
            width: size.width / spec.spatialFactor,
          };
          const cells = latent.frames * latent.height * latent.width;
          const video = new Float32Array(part === 'encoder' ? 3 * size.frames * size.height * size.width : 0);
          const latents = gaussianNoise(4, size.frames, part === 'decoder' ? spec.latentChannels * cells : 0);
          const start = performance.now();
          await (part === 'encoder'
            ? loaded.codec.encode(video, size, { signal })
            : loaded.codec.decode(latents, latent, { signal }));
          const flops = part === 'encoder' ? spec.encodeFlops(size, pass) : spec.decodeFlops(size, pass);
          const { ramBytes, vramBytes } = passMemory(spec, part, size, pass);
          return {
            seconds: (performance.now() - start) / 1000,
            gflop: flops / 1e9,
            plannedBytes: model.weightBytes.vae + (onCard ? cardContextBytes + vramBytes : ramBytes),
          };
        });
        rows.push(row);
      } finally {
        await loaded.release();
      }
    }
  }
  return rows;
}

/** Tokens of a short prompt, and of the released model's negative one. */
const textLengths = [24, 126];

async function benchText(parts: GpuBenchParts): Promise<TimedRow[]> {
  const { sessions, model } = parts;
  const { textEncoder } = model;
  if (textEncoder === undefined) return [];
  const open = () => sessions.open(textEncoder.graph, { providers: ['cpu'], lean: true });
  let session: Awaited<ReturnType<typeof open>> | undefined;
  try {
    const rows = [
      await attempt(`opening the encoder (${model.textPrecision})`, parts, async () => {
        const start = performance.now();
        session = await open();
        return { seconds: (performance.now() - start) / 1000 };
      }),
    ];
    for (const length of textLengths) {
      const row = await attempt(`a text of ${length} tokens`, parts, async () => {
        session ??= await open();
        const start = performance.now();
        const ids = Array.from({ length }, (_, i) => 2 + i);
        await encodeTokens(session, ids, model.settings.textTokens);
        return {
          seconds: (performance.now() - start) / 1000,
          gflop: textEncoder.spec.flops(length) / 1e9,
        };
      });
      rows.push(row);
    }
    return rows;
  } finally {
    await session?.release();
  }
}

/** Runs all of it, one part of the model open at a time. */
export async function benchGpu(plan: GpuBenchPlan, parts: GpuBenchParts): Promise<GpuBenchResult> {
  const { sessions, provider, model, golden, onNote } = parts;
  const peakType = provider === 'cpu' ? 'float32' : model.type;
  onNote('peak of matrix products');
  const { gflopPerSec } = await matmulPeak(sessions, { provider, type: peakType });
  const parity = golden === undefined ? [] : await benchParity(golden, parts);
  const calls = await benchCalls(plan, parts, gflopPerSec);
  const vae = await benchVae(plan, parts);
  const text = await benchText(parts);
  const { methods, streams } = await benchGpuMethods(plan, parts);
  return { peakGflops: gflopPerSec, peakType, parity, calls, vae, text, methods, streams };
}
