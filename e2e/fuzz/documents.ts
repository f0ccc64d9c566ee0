import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { openProjectStore, readProject } from '../../src-main/backend/project-store.ts';
import { openProgramSettings } from '../../src-main/backend/program-settings.ts';
import { RecentProjects } from '../../src-main/backend/recent-projects.ts';
import { loadCosts, saveCosts } from '../../src-main/jobs/machine-costs.ts';
import { openPromptHistory } from '../../src-main/jobs/prompt-history.ts';
import { readQueue, writeQueue } from '../../src-main/jobs/queue-file.ts';
import { readStepsFile, writeStepsFile } from '../../src-main/jobs/steps-file.ts';
import { readPartState } from '../../src-main/storage/download-state.ts';
import { readMaskDocument } from '../../src-main/media/mask-source.ts';
import { canonicalJson } from '../../src-shared/core/json/index.ts';
import { encodeMask } from '../../src-shared/core/mask/index.ts';
import { parseProjectFile, toProject, toProjectFile, usualSettings } from '../../src-shared/project/index.ts';
import { isStillAt, parseProjectMask, rasteriseMask } from '../../src-shared/project/mask/index.ts';
import type { ClipInfo } from '../../src-main/engine/frames.ts';
import type { SampleState } from '../../src-main/engine/generate/sampling-loop.ts';
import { root } from '../hetcut.ts';
import { mutatedBytes } from './mutate-bytes.ts';
import { mutatedJson, mutatedJsonText } from './mutate-json.ts';
import { require, subject, type Subject } from './subject.ts';

const text = encodeMask(
  Uint8Array.from({ length: 64 * 48 }, (_, i) => (i % 64 > 20 && i % 64 < 40 ? 255 : 0)),
);
const grey = encodeMask(
  Uint8Array.from({ length: 64 * 48 }, (_, i) => (i % 64 > 20 && i % 64 < 40 ? i % 200 : 0)),
);

/** One shape of each kind. */
const shapes = [
  {
    kind: 'box',
    effect: 'remove',
    keyframes: [
      { frame: 0, from: [4, 4], to: [20, 20] },
      { frame: 5, from: [8, 8], to: [30, 30], easing: 'smooth' },
    ],
  },
  {
    kind: 'ellipse',
    effect: 'keep',
    holdOut: true,
    keyframes: [{ frame: 2, centre: [30, 20], radii: [5, 8], angleDeg: 30 }],
  },
  {
    kind: 'stroke',
    effect: 'remove',
    softness: 0.5,
    startFrame: 1,
    endFrame: 6,
    keyframes: [
      {
        frame: 1,
        points: [
          [5, 5],
          [20, 30],
        ],
        radius: 4,
      },
    ],
  },
  {
    kind: 'polygon',
    effect: 'remove',
    colour: '#e5484d',
    keyframes: [
      {
        frame: 0,
        points: [
          [1, 1],
          [30, 2],
          [20, 30],
        ],
        handles: [
          null,
          [
            [1, 1],
            [2, 2],
          ],
          null,
        ],
      },
    ],
  },
  {
    kind: 'track',
    effect: 'remove',
    keyframes: [{ frame: 3, mask: text }],
    tracked: [{ frame: 4, mask: grey, confidence: 0.5 }],
  },
];
const maskSeed = {
  format: 'hetcut-mask',
  version: 1,
  width: 64,
  height: 48,
  frames: 8,
  grow: 2,
  invert: false,
  box: false,
  shapes,
};

const masks = subject('mask', 10, async (place) => {
  const path = join(place, 'mask.json');
  const clip = {
    width: 64,
    height: 48,
    rotation: 0,
    ptsSec: Array.from({ length: 8 }, (_, i) => i / 25),
  } as unknown as ClipInfo;
  const seeds = [maskSeed, ...shapes.map((shape) => ({ ...maskSeed, grow: 0, shapes: [shape] }))];
  return {
    arbitrary: fc.oneof(
      mutatedJson(seeds).map((document) => ({ document })),
      mutatedJsonText(seeds).map((written) => ({ written })),
    ),
    async read(one: { document: unknown } | { written: string }) {
      if ('document' in one) {
        // A size that no clip has is refused once the clip is known, and costs nothing before.
        const mask = parseProjectMask(one.document, 'mask.json');
        require(canonicalJson(parseProjectMask(JSON.parse(JSON.stringify(mask)), 'again')) ===
          canonicalJson(mask), 'read again it is another mask');
        return;
      }
      await writeFile(path, one.written);
      const mask = await readMaskDocument(path, clip);
      for (const index of [0, 3, 4, 7]) {
        require(rasteriseMask(mask, index).length === 64 * 48, 'the picture has another size');
        isStillAt(mask, index);
      }
    },
  };
});

const place = { absolute: '/clips/a.mp4', relative: '../clips/a.mp4' };
const settings = {
  kind: 'remove',
  prompt: '',
  negativePrompt: '',
  seed: 0,
  modelId: 'starter',
  preset: 'balanced',
  plate: 'auto',
  fill: 'auto',
  feather: 4,
  steps: 4,
  method: 'hetcache',
  methodOptions: { delta: 0.1 },
};
const result = {
  path: place,
  jobId: 'j',
  range: { startFrame: 0, endFrame: 4 },
  fingerprint: 'f',
  seconds: 1,
  estimateSeconds: 1,
  filled: { plate: 'auto', share: 0.5, fill: 'exemplar' },
};
const projectSeed = {
  format: 'hetcut-project',
  version: 4,
  id: 'p',
  name: 'film',
  clips: [
    {
      id: 'c',
      path: place,
      name: 'a.mp4',
      width: 64,
      height: 48,
      frames: 8,
      frameRate: '25/1',
      durationSec: 0.32,
      range: { startFrame: 0, endFrame: 8 },
      markers: [{ frame: 1, name: 'm' }],
      edits: [
        {
          id: 'e',
          name: '',
          enabled: true,
          range: { startFrame: 0, endFrame: 4 },
          mask: { shapes, grow: 0, invert: false },
          settings,
          result,
        },
      ],
    },
  ],
};

const projects = subject('project', 8, async () => {
  const first = JSON.parse(
    await readFile(join(root, 'src-shared/project/testing/project-1.hetcut'), 'utf8'),
  ) as unknown;
  parseProjectFile(projectSeed, 'the seed');
  return {
    arbitrary: mutatedJson([projectSeed, first]),
    read(document) {
      const file = parseProjectFile(document, 'film.hetcut');
      const known = new Map<string, (typeof file)['clips'][number]['path']>();
      const project = toProject(file, (one) => (known.set(one.absolute, one), one.absolute));
      const again = toProjectFile(project, (path) => known.get(path)!);
      require(again.clips.length === file.clips.length, 'clips were lost');
      require(canonicalJson(parseProjectFile(JSON.parse(JSON.stringify(file)), 'again')) ===
        canonicalJson(file), 'read again it is another project');
    },
  };
});

/** As a file, with a store that repairs, lists and notes. */
const projectFiles = subject('project-file', 4, async (folder) => {
  const path = join(folder, 'film.hetcut');
  const home = join(folder, 'home');
  const store = openProjectStore(home, () => 1_700_000_000_000);
  return {
    arbitrary: fc.oneof(
      mutatedJsonText([projectSeed]),
      mutatedBytes([Buffer.from(JSON.stringify(projectSeed))]),
    ),
    async read(content: string | Buffer) {
      await writeFile(path, content);
      await Promise.all([readProject(path).catch((error: unknown) => void error), store.recent()]);
      const { project } = await store.open(path);
      require(project.id !== '', 'it has no id');
    },
  };
});

const machine = {
  version: 2,
  pictures: { factor: 1.2, votes: { plate: [1, 2] } },
  networks: {
    key: {
      costs: {
        call: { fixedSec: 0.1, perTokenSec: 1e-5, perTokenPairSec: 1e-9 },
        firstCallSec: 0.2,
        firstEncodeSec: 0.1,
        firstDecodeSec: 0.1,
        encode: { fixedSec: 0.1, perFlopSec: 1e-12 },
        decode: { fixedSec: 0.1, perFlopSec: 1e-12 },
        loadSec: 1,
      },
      votes: { sample: [1.1] },
      seenKinds: { a: ['full', 'partial'] },
    },
  },
};

const machines = subject('machine', 4, async (home) => ({
  arbitrary: mutatedJsonText([machine]),
  async read(content: string) {
    await writeFile(join(home, 'machine.json'), content);
    const costs = await loadCosts(home, 'key');
    if (costs === undefined) return;
    await saveCosts(home, 'key', costs);
    require((await loadCosts(home, 'key')) !== undefined, 'what was written cannot be read');
  },
}));

const homeSettings = subject('settings', 3, async (home) => {
  const path = join(home, 'settings.json');
  return {
    arbitrary: mutatedJsonText([usualSettings, { ...usualSettings, device: 'cpu', memoryGb: 8 }]),
    async read(content: string) {
      await writeFile(path, content);
      const env: Record<string, string | undefined> = {};
      const store = await openProgramSettings(home, env, () => undefined);
      await store.change(store.current);
      const again = await openProgramSettings(home, {}, () => undefined);
      require(canonicalJson(again.current) ===
        canonicalJson(store.current), 'what was written reads otherwise');
    },
  };
});

const recent = subject('recent', 2, async (home) => ({
  arbitrary: mutatedJsonText([
    { version: 1, open: ['/a.hetcut'], projects: [{ path: '/a.hetcut', id: 'p', name: 'film' }] },
  ]),
  async read(content: string) {
    await writeFile(join(home, 'recent.json'), content);
    const list = new RecentProjects(home);
    await list.remember({ path: '/b.hetcut', id: 'q', name: 'next' }, 'page');
    const { open, projects: listed } = await list.read();
    require(open.includes('/b.hetcut') && listed[0].path === '/b.hetcut', 'a project is not in the list');
  },
}));

const prompts = subject('prompts', 2, async (home) => ({
  arbitrary: mutatedJsonText([
    [
      { prompt: 'a ball', negativePrompt: '' },
      { prompt: 'a tree', negativePrompt: 'snow' },
    ],
  ]),
  async read(content: string) {
    await writeFile(join(home, 'prompts.json'), content);
    const history = openPromptHistory(home);
    await history.add({ prompt: 'a cat', negativePrompt: '' });
    require((await history.recent())[0].prompt === 'a cat', 'a prompt was not kept');
  },
}));

const job = {
  kind: 'remove',
  clipPath: '/a.mp4',
  maskPath: '/m.json',
  outputPath: '/o.mkv',
  modelId: 'starter',
  prompt: '',
  negativePrompt: '',
  preset: 'balanced',
  method: { name: 'hetcache', options: { delta: 1 } },
  seed: 0,
  plate: { kind: 'auto' },
  fill: 'auto',
  encode: { quality: 'lossless' },
  fresh: false,
};
const queued = {
  id: 'j',
  projectId: 'p',
  clipId: 'c',
  editId: 'e',
  name: 'n',
  state: 'waiting',
  createdAt: 1,
  fingerprint: 'f',
  job,
};

const queue = subject('queue', 4, async (home) => ({
  arbitrary: mutatedJsonText([
    {
      version: 1,
      jobs: [
        queued,
        { ...queued, id: 'k', state: 'failed', failure: { code: 'x', message: 'y', hint: 'z' }, endedAt: 2 },
      ],
    },
  ]),
  async read(content: string) {
    await writeFile(join(home, 'queue.json'), content);
    const jobs = await readQueue(home, 1, () => undefined);
    await writeQueue(home, jobs);
    require((await readQueue(home, 2, () => undefined)).length === jobs.length, 'jobs were lost');
  },
}));

const steps = subject('checkpoint-steps', 3, async (folder) => {
  const path = join(folder, 'steps');
  const state = {
    step: 3,
    sample: new Float32Array([1, 2, 3]),
    memory: { a: [1, 2] },
  } as unknown as SampleState;
  await writeStepsFile(path, 'of', state);
  const whole = await readFile(path);
  return {
    arbitrary: mutatedBytes([whole]),
    async read(bytes: Buffer) {
      await writeFile(path, bytes);
      const read = await readStepsFile(path, 'of');
      require(JSON.stringify(read) === JSON.stringify(state), 'a damaged state was taken');
    },
  };
});

const downloads = subject('download-state', 2, async (folder) => {
  const part = join(folder, 'part');
  const url = 'https://host/file';
  return {
    arbitrary: mutatedJsonText([
      { url, processId: 999_999_999, expected: 'a', total: 5, linkedBytes: 3, validator: 'v', sha256: 'b' },
    ]),
    async read(content: string) {
      await writeFile(`${part}.json`, content);
      const state = await readPartState(part, { url, sha256: 'a' });
      for (const value of [state?.total, state?.linkedBytes])
        require(value === undefined || value >= 0, `it knows a length of ${value}`);
    },
  };
});

export const documentSubjects: readonly Subject[] = [
  ...[masks, projects, projectFiles, machines, homeSettings, recent, prompts, queue, steps, downloads],
];
