import { describe, expect, it } from 'vitest';
import { resolveMethod } from '../../src-shared/core/caches/index.ts';
import { wanVace } from '../../src-shared/core/families/index.ts';
import { parseSchedulerConfig } from '../../src-shared/core/schedulers/index.ts';
import type { EditJob } from './edit-job.ts';
import type { EditServices } from './edit-services.ts';
import type { ClipInfo, FrameSource, Media, VideoFrame } from './frames.ts';
import type { ModelFolder } from './network/model-folder.ts';
import type { FramePatch, PatchStore, PlateSummary } from './composite/patch-store.ts';
import { runEdit } from './run-edit.ts';

const size = { width: 20, height: 20 };
const frameCount = 10;
const hole = { x: 3, y: 3, width: 14, height: 14 };
const inHole = (pixel: number): boolean => {
  const [x, y] = [pixel % size.width, Math.floor(pixel / size.width)];
  return x >= hole.x && x < hole.x + hole.width && y >= hole.y && y < hole.y + hole.height;
};

const info = (path: string, count: number): ClipInfo => ({
  ...size,
  path,
  container: 'mp4',
  codec: 'h264',
  rotation: 0,
  sampleAspectRatio: '1:1',
  pixelFormat: { name: 'yuv420p', bitDepth: 8, chromaShiftX: 1, chromaShiftY: 1 },
  sourcePixelFormat: 'yuv420p',
  colour: { matrix: 'bt709', range: 'limited', assumed: true, tags: {} },
  ptsSec: Float64Array.from({ length: count }, (_, index) => index / 25),
  timeBase: { num: 1, den: 25 },
  startSec: 0,
  frameRate: '25/1',
  variableFrameRate: false,
  audio: [],
  durationSec: count / 25,
  warnings: [],
});

/** Luma of each clip's first frame; the next are one brighter each. */
const firstLuma: Readonly<Record<string, number>> = { clip: 100, plate: 50, truth: 50 };

function createWorld(plateFrames = frameCount) {
  const asked: string[] = [];
  const written: VideoFrame[] = [];
  const summaries: PlateSummary[] = [];
  const patches = new Map<number, FramePatch>();
  let exported: ClipInfo | undefined;
  const openClip = async (path: string): Promise<FrameSource> => ({
    info: info(path, path === 'plate' ? plateFrames : frameCount),
    damagedFrames: () => (path === 'clip' ? [1, 5] : []),
    async *frames(start, end) {
      asked.push(`${path} ${start}:${end}`);
      for (let index = start; index < end; index++) {
        const luma = new Uint8Array(400).fill(firstLuma[path] + index);
        yield { index, planes: [luma, new Uint8Array(100).fill(128), new Uint8Array(100).fill(128)] };
      }
    },
  });
  const media: Partial<Media> = {
    openClip,
    probe: async (path) => (await openClip(path)).info,
    checkExport: async () => undefined,
    openMask: async (_, clip) => ({
      frameCount: clip.ptsSec.length,
      async *masks(start, end) {
        // Outside [3, 7) nothing of the picture is left.
        for (let index = start; index < end; index++)
          yield Uint8Array.from({ length: 400 }, (__, i) => (index < 3 || index > 6 || inHole(i) ? 255 : 0));
      },
    }),
    openSink: async (_, clip) => {
      exported = clip;
      return {
        partialPath: 'partial',
        warnings: [],
        wanted: [{ startFrame: 0, endFrame: clip.ptsSec.length }],
        write: async (frame) => void written.push(frame),
        close: async () => undefined,
        abort: async () => undefined,
      };
    },
  };
  const store: Partial<PatchStore> = {
    plateDone: async () => false,
    writePlate: async (frame, patch) => void patches.set(frame, patch),
    readPlate: async (frame) => patches.get(frame) ?? null,
    markPlateDone: async (summary) => void summaries.push(summary),
    plateSummary: async () => summaries[0],
    clear: async () => undefined,
  };
  const scheduler = {
    _class_name: 'UniPCMultistepScheduler',
    num_train_timesteps: 1000,
    prediction_type: 'flow_prediction',
    solver_order: 2,
    solver_type: 'bh2',
    use_flow_sigmas: true,
    flow_shift: 3,
    predict_x0: true,
    lower_order_final: true,
  };
  const model = {
    id: 'none',
    scheduler: parseSchedulerConfig(scheduler, 'scheduler'),
    settings: { guidanceScale: 1, recommendedSteps: 4, strength: 1, followsPrompt: false, textTokens: 1 },
    weightBytes: { transformer: 0, vae: 0, textEncoder: 0 },
    family: wanVace,
    transformer: {},
    calibration: {},
  } as ModelFolder;
  const services = {
    media,
    model,
    store,
    loadCosts: async () => ({ pictureFactor: 1, votes: {}, seenKinds: {} }),
    keepCosts: async () => undefined,
    recallPlateCoverage: async () => undefined,
    memoryBudget: async () => undefined,
    fallbacks: () => [],
    clock: () => 0,
    peakMemoryMb: () => 0,
    signal: new AbortController().signal,
    onProgress: () => undefined,
    onNote: () => undefined,
    onPartialFile: () => undefined,
  } as unknown as EditServices;
  return { services, asked, written, patches, exported: () => exported };
}

const job: EditJob = {
  kind: 'remove',
  clipPath: 'clip',
  maskPath: 'mask',
  outputPath: 'out.mp4',
  range: { startFrame: 3, endFrame: 7 },
  modelId: 'none',
  prompt: '',
  negativePrompt: '',
  preset: 'balanced',
  method: resolveMethod({ name: 'full', options: {} }),
  seed: 0,
  plate: { kind: 'file', path: 'plate' },
  fill: 'auto',
  truthPath: 'truth',
  encode: { quality: 'visually-lossless' },
  fresh: false,
};

describe('runEdit with a range', () => {
  it('exports those frames alone, filled from the same frames of plate and truth', async () => {
    const { services, asked, written, patches, exported } = createWorld();
    const result = await runEdit(job, services);
    expect(result.frames).toBe(4);
    expect(exported()).toMatchObject({ durationSec: 0.28 - 0.12, excerpt: { startSec: 0.12, endSec: 0.28 } });
    expect([...patches.keys()]).toEqual([0, 1, 2, 3]);
    expect(written.map(({ index }) => index)).toEqual([0, 1, 2, 3]);
    written.forEach(({ planes: [luma] }, index) => {
      const outside = luma.filter((_, pixel) => !inHole(pixel));
      expect(new Set(outside)).toEqual(new Set([103 + index]));
      // The middle, beyond the blended edge.
      expect(luma[10 * size.width + 10]).toBe(53 + index);
    });
    // Of no file is a frame outside the range asked for.
    expect(new Set(asked)).toEqual(new Set(['clip 3:7', 'plate 3:7', 'truth 3:7']));
    expect(result.quality.outsideMaxDiff).toBe(0);
    expect(result.warnings).toEqual(['Damaged frames repeat the last good picture: 5.']);
  });

  it('is refused before any work where the clip has no such frames', async () => {
    const { services, asked } = createWorld();
    const beyond = { ...job, range: { startFrame: 3, endFrame: 11 } };
    await expect(runEdit(beyond, services)).rejects.toMatchObject({ code: 'range', exitCode: 2 });
    expect(asked).toEqual([]);
  });

  it('asks for a plate that is as long as the range reaches, before any work', async () => {
    const { services, asked } = createWorld(6);
    await expect(runEdit(job, services)).rejects.toThrow(
      /plate has 6 frames in yuv420p; 7 in yuv420p are needed/,
    );
    expect(asked).toEqual([]);
  });
});
