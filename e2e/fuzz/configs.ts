import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { modelFamilies } from '../../src-shared/core/families/index.ts';
import { parseSchedulerConfig } from '../../src-shared/core/schedulers/index.ts';
import { calibrationText, readCalibration } from '../../src-main/models/calibration.ts';
import { manifestName } from '../../src-main/models/manifest.ts';
import { listModels, openModelFolder } from '../../src-main/models/model-store.ts';
import { planPart, planParts, type PartName } from '../../src-main/models/part-plan.ts';
import { readSourceFolder } from '../../src-main/models/source-folder.ts';
import {
  segmenterGraphs,
  graphShapes,
  readConstants,
} from '../../src-main/engine/segment/segmenter-folder.ts';
import { importSegmenter, listSegmenters } from '../../src-main/models/segmenters.ts';
import { loadTokenizer } from '../../src-main/engine/text/tokenizer.ts';
import { root } from '../hetcut.ts';
import { mutatedJson, mutatedJsonText, textOf } from './mutate-json.ts';
import { require, subject, writeAll, type Subject } from './subject.ts';

const golden = join(root, 'e2e/fixtures/golden');

const jsonAt = async (...parts: readonly string[]): Promise<unknown> =>
  JSON.parse(await readFile(join(golden, ...parts), 'utf8')) as unknown;

const partConfigs: Readonly<Record<string, Partial<Record<PartName, readonly string[]>>>> = {
  'wan-vace': {
    transformer: ['E_pipeline', 'transformer', 'config.json'],
    vae: ['E_pipeline', 'vae', 'config.json'],
    'text-encoder': ['C_umt5', 'text_encoder', 'config.json'],
  },
  'ltx-vace': {
    transformer: ['F_ltx', 'transformer', 'config.json'],
    vae: ['F_ltx', 'vae', 'config.json'],
    'text-encoder': ['C_umt5', 'text_encoder', 'config.json'],
  },
  'minimax-remover': {
    transformer: ['I_minimax_remover', 'transformer', 'config.json'],
    vae: ['I_minimax_remover', 'vae', 'config.json'],
  },
};

/** The sizes of each part of each family, up to the graphs that are built of them. */
function partSubjects(): Subject[] {
  return modelFamilies.map((family) =>
    subject(`config-${family.name}`, 6, async () => {
      const parts = Object.entries(partConfigs[family.name] ?? {}) as [PartName, readonly string[]][];
      require(parts.length > 0, `no configs are known of ${family.name}: add them to e2e/fuzz/configs.ts`);
      const seeds = await Promise.all(
        parts.map(async ([part, path]) => {
          const config = await jsonAt(...path);
          // LTX-Video has T5's encoder in the place of UMT5's, which has the same sizes.
          const own = family.name === 'ltx-vace' && part === 'text-encoder' ? { model_type: 't5' } : {};
          return { part, config: { ...(config as object), ...own } };
        }),
      );
      const whole = fc
        .nat({ max: seeds.length - 1 })
        .chain((at) => mutatedJson([seeds[at].config]).map((config) => ({ part: seeds[at].part, config })));
      return {
        arbitrary: whole,
        read({ part, config }: { part: PartName; config: unknown }) {
          const source = { folder: '', configPath: `${part}/config.json`, config };
          if (part === 'text-encoder' && family.textEncoder === undefined) return;
          planPart(family, part, source, 'fp16', 'int8');
        },
      };
    }),
  );
}

const schedulers = subject('scheduler-config', 3, async () => {
  const names = ['euler_ltx', 'euler_shift3', 'unipc_shift3', 'unipc_shift5'];
  const seeds = await Promise.all(names.map((name) => jsonAt('D_schedulers', name, 'scheduler_config.json')));
  const run = fc.record(
    {
      steps: fc.oneof(fc.constantFrom(1, 2, 50, 1000), fc.double()),
      flowShift: fc.oneof(fc.constantFrom(1, 3), fc.double()),
      tokenCount: fc.constantFrom(1, 1560, 32_760),
    },
    { requiredKeys: ['steps'] },
  );
  return {
    arbitrary: fc.tuple(mutatedJson(seeds), run),
    read([config, { steps, ...rest }]) {
      const scheduler = parseSchedulerConfig(config, 'scheduler_config.json').create({
        steps: Math.min(steps, 1000),
        ...rest,
      });
      require(scheduler.timesteps.length === scheduler.steps, 'it has other timesteps than steps');
      require([...scheduler.timesteps, ...scheduler.sigmas].every(
        Number.isFinite,
      ), `it has timesteps ${scheduler.timesteps.slice(0, 4).join()} and sigmas ${scheduler.sigmas.slice(0, 4).join()}`);
    },
  };
});

const folders = subject('model-folder', 6, async (place) => {
  const names = [
    'model_index.json',
    'transformer/config.json',
    'vae/config.json',
    'text_encoder/config.json',
    'scheduler/scheduler_config.json',
  ];
  const files: Record<string, string> = {};
  for (const name of names) files[name] = await readFile(join(golden, 'E_pipeline', name), 'utf8');
  files['hetcut.json'] = JSON.stringify({
    description: 'x',
    fill: 'grey',
    guidanceScale: 2,
    recommendedSteps: 4,
    workingPixels: 4096,
    maxWindowFrames: 9,
    overlapFrames: 1,
    textTokens: 8,
    strength: 0.5,
    flowShift: 2,
  });
  const all = Object.keys(files);
  const arbitrary = fc
    .nat({ max: all.length - 1 })
    .chain((at) =>
      mutatedJsonText([JSON.parse(files[all[at]]) as unknown]).map((text) => ({ name: all[at], text })),
    );
  await writeAll(place, files);
  return {
    arbitrary,
    async read({ name, text }: { name: string; text: string }) {
      try {
        await writeFile(join(place, name), text);
        const source = await readSourceFolder(place);
        planParts(source, 'fp16');
        const { recommendedSteps, workingPixels, maxWindowFrames, textTokens, overlapFrames } =
          source.settings;
        const usable =
          recommendedSteps <= 1000 &&
          workingPixels <= 2 ** 26 &&
          maxWindowFrames <= 10_001 &&
          textTokens <= 65_536;
        require(usable &&
          overlapFrames <= 10_001, `it took the settings ${textOf(source.settings).slice(0, 300)}`);
      } finally {
        await writeFile(join(place, name), files[name]);
      }
    },
  };
});

const letters = `F${'r'.repeat(3)}`;
const schedule = {
  guidanceScale: 1,
  timesteps: [900, 700, 400, 100],
  sigmas: [0.9, 0.7, 0.4, 0.1, 0],
  runs: 2,
  gram: [[1], [1, 2], [1, 2, 3], [1, 2, 3, 4]],
  sensitivity: [1, 1, 1, 1],
  points: [1, 2, 3, 4].map((calls) => ({
    calls,
    letters: `${'F'.repeat(calls)}${letters.slice(1)}`.slice(0, 4),
    error: 0.1,
  })),
};

const calibrations = subject('calibration', 4, async (place) => {
  const calibration = {
    driftPolynomial: [1, 2, 3],
    driftRange: [0, 1],
    magnitudeRatios: [1, 0.9],
    schedules: [schedule],
  };
  const file = JSON.parse(calibrationText('abc', calibration as never)) as unknown;
  return {
    arbitrary: mutatedJsonText([file, { version: 1, calibration: { driftPolynomial: [1] } }]),
    async read(text: string) {
      await writeFile(join(place, 'calibration.json'), text);
      const { calibration: read, problem } = await readCalibration(place, 'abc');
      if (problem === undefined) calibrationText('abc', read);
    },
  };
});

const manifests = subject('manifest', 6, async (home) => {
  const folder = join(home, 'models', 'mine');
  const sha256 = 'a'.repeat(64);
  const files = (name: string) => [{ name, bytes: 1, sha256 }];
  const part = (name: string) => ({ name, files: files(`${name}.weights`), bytes: 1, seconds: 0.1, sha256 });
  const manifest = {
    format: 3,
    id: 'mine',
    family: 'wan-vace',
    precision: 'fp32',
    textPrecision: 'int8',
    source: { path: '/somewhere' },
    parts: [part('transformer'), part('vae'), part('text-encoder'), part('tokenizer')],
    configs: {
      transformer: await jsonAt('E_pipeline', 'transformer', 'config.json'),
      vae: await jsonAt('E_pipeline', 'vae', 'config.json'),
      textEncoder: await jsonAt('C_umt5', 'text_encoder', 'config.json'),
      scheduler: await jsonAt('D_schedulers', 'unipc_shift3', 'scheduler_config.json'),
    },
    settings: { followsPrompt: true, calibration: {} },
  };
  await writeAll(folder, Object.fromEntries(manifest.parts.map(({ files: [{ name }] }) => [name, 'x'])));
  return {
    arbitrary: mutatedJsonText([manifest]),
    async read(text: string) {
      await writeFile(join(folder, manifestName), text);
      // The list shows a damaged model, and never fails for it.
      const [row] = await listModels(home);
      require(row.id === 'mine', 'the model is not in the list');
      await openModelFolder(home, 'mine');
    },
  };
});

const segmenters = subject('segmenter', 3, async (place) => {
  const constants = {
    model: 'tiny',
    image_size: 64,
    feat_size: 4,
    hidden_dim: 8,
    mem_dim: 4,
    num_maskmem: 2,
    max_object_pointers: 4,
    image_mean: [0.4, 0.4, 0.4],
    image_std: [0.2, 0.2, 0.2],
    memory_temporal_positional_encoding: [
      [1, 2, 3, 4],
      [5, 6, 7, 8],
    ],
  };
  const source = join(place, 'source');
  const home = join(place, 'home');
  await writeAll(source, Object.fromEntries(segmenterGraphs.map((name) => [`${name}.onnx`, ''])));
  return {
    arbitrary: mutatedJsonText([constants]),
    async read(text: string) {
      await writeFile(join(source, 'constants.json'), text);
      const read = await readConstants(source);
      const { sizes } = read;
      require(sizes.tokens * sizes.hidden <= 2 ** 30 &&
        sizes.frames * sizes.tokens * sizes.memory <= 2 ** 30, `its sizes are ${textOf(sizes)}`);
      require(read.deviation.every((value) => value > 0), 'it divides by nothing');
      graphShapes(read);
      await importSegmenter({ home, dir: source, id: 'mine', replace: true }, async () => undefined);
      require((await listSegmenters(home)).length === 1, 'it is not in the list');
    },
  };
});

const tokenizers = subject('tokenizer', 4, async (place) => {
  const path = join(place, 'tokenizer.json');
  const pieces: [string, number][] = [
    ['<pad>', 0],
    ['</s>', 0],
    ['<unk>', 0],
    ['▁', -2],
    ['a', -3],
    ['red', -4],
    ['▁red', -5],
    ['ball', -6],
    ['<0x41>', 0],
  ];
  const special = { single_word: false, lstrip: false, rstrip: false, normalized: false, special: true };
  const file = {
    version: '1.0',
    truncation: null,
    padding: null,
    added_tokens: [
      { id: 0, content: '<pad>', ...special },
      { id: 1, content: '</s>', ...special },
    ],
    normalizer: {
      type: 'Sequence',
      normalizers: [{ type: 'NFKC' }, { type: 'Replace', pattern: { Regex: ' {2,}' }, content: '▁' }],
    },
    pre_tokenizer: { type: 'Metaspace', replacement: '▁', prepend_scheme: 'always', split: true },
    post_processor: {
      type: 'TemplateProcessing',
      single: [{ Sequence: { id: 'A', type_id: 0 } }, { SpecialToken: { id: '</s>', type_id: 0 } }],
      pair: [{ Sequence: { id: 'A', type_id: 0 } }, { Sequence: { id: 'B', type_id: 0 } }],
      special_tokens: { '</s>': { id: '</s>', ids: [1], tokens: ['</s>'] } },
    },
    decoder: { type: 'Metaspace', replacement: '▁', prepend_scheme: 'always', split: true },
    model: { type: 'Unigram', unk_id: 2, byte_fallback: true, vocab: pieces },
  };
  await writeFile(path, JSON.stringify(file));
  const usual = await loadTokenizer(path);
  require(usual.encode('red ball').length > 1, 'the seed is no tokenizer');
  return {
    arbitrary: fc.tuple(
      mutatedJsonText([file]),
      fc.oneof(fc.constantFrom('', 'a red ball', '\ud800', '🐈'), fc.string({ unit: 'binary' })),
    ),
    async read([text, prompt]: [string, string]) {
      await writeFile(path, text);
      const tokenizer = await loadTokenizer(path);
      const ids = tokenizer.encode(prompt);
      require(ids.length <= 512, `it gave ${ids.length} tokens`);
      require(ids.every(
        (id) => Number.isInteger(id) && id >= 0 && id < tokenizer.vocabularySize,
      ), `it gave the tokens ${ids.slice(0, 8).join()} of ${tokenizer.vocabularySize}`);
    },
  };
});

export const configSubjects: readonly Subject[] = [
  ...partSubjects(),
  schedulers,
  folders,
  calibrations,
  manifests,
  segmenters,
  tokenizers,
];
