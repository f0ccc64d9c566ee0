import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { HetcutError } from '../../src-shared/core/errors/index.ts';
import type { EditJob } from '../engine/edit-job.ts';
import type { TensorMap } from '../engine/network/session.ts';
import { createOrt } from '../ort/index.ts';
import { runJob } from './run-job.ts';
import { demoJob, quietHooks } from './testing/demo-job.ts';

/** What a graph asks of the memory that this test's machine does not have: by its name and inputs. */
let tooMuch: (graph: string, feeds: TensorMap) => boolean;
let opened: string[];

/** The runtime, on a machine with less memory. */
const tightRuntime: typeof createOrt = (options) => {
  const inner = createOrt(options);
  return {
    ...inner,
    async open(path, sessionOptions) {
      const graph = basename(path, '.onnx');
      opened.push(graph);
      const session = await inner.open(path, { ...sessionOptions, providers: ['cpu'] });
      return {
        ...session,
        run(feeds, fetches) {
          if (tooMuch(graph, feeds))
            return Promise.reject(new HetcutError('out-of-memory', `${graph}: bad_alloc`, { hint: 'Less.' }));
          return session.run(feeds, fetches);
        },
      };
    },
  };
};

let home: string;
beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'hetcut-memory-'));
  tooMuch = () => false;
  opened = [];
  // Large enough to be worked at in the largest picture that the model takes.
  const shapes = [{ kind: 'ellipse', keyframes: [{ frame: 0, centre: [320, 180], radii: [80, 80] }] }];
  const mask = { format: 'hetcut-mask', version: 1, width: 640, height: 360, frames: 50, shapes };
  await writeFile(join(home, 'mask.json'), JSON.stringify(mask));
});
beforeEach(() => {
  opened = [];
});
afterAll(() => rm(home, { recursive: true, force: true }));

const job = (changes: Partial<EditJob> = {}): EditJob =>
  demoJob(join(home, 'out.mp4'), {
    kind: 'edit',
    modelId: 'words',
    prompt: 'a green plant',
    maskPath: join(home, 'mask.json'),
    ...changes,
  });

/** Of a network call; the drift is measured on one. */
const tokensOf = (feeds: TensorMap): number => feeds['tokens']?.dims[1] ?? 0;

it('goes down the ladder: smaller tiles, two calls, a smaller picture; each is a note', async () => {
  const notes: string[] = [];
  const hooks = { ...quietHooks, onNote: (note: string) => void notes.push(note) };
  const whole = await runJob(job(), home, hooks, tightRuntime);
  expect(whole.warnings.filter((text) => text.includes('memory'))).toEqual([]);

  notes.length = 0;
  opened = [];
  // Neither coder takes the whole picture; no call takes two streams.
  tooMuch = (graph, feeds) =>
    graph === 'vae-encoder' || graph === 'vae-decoder' || (feeds['tokens']?.dims[0] ?? 1) > 1;
  const tight = await runJob(job(), home, hooks, tightRuntime);
  expect(notes).toEqual([
    'Not enough memory: the VAE encoder takes the picture in smaller tiles.',
    'Not enough memory: prompt and negative prompt are computed one after the other.',
  ]);
  // What was learnt with the encoder holds for the decoder.
  expect(tight.warnings).toEqual(expect.arrayContaining(notes));
  expect(opened).toEqual(expect.arrayContaining(['vae-encoder-fine', 'vae-decoder-fine']));
  expect(tight.calls).toEqual(whole.calls);
  expect(tight.quality).toMatchObject({ outsideMaxDiff: 0 });

  notes.length = 0;
  let most = 0;
  tooMuch = (graph, feeds) => {
    most = Math.max(most, tokensOf(feeds));
    return graph === 'vae-decoder' || (tokensOf(feeds) > 1 && tokensOf(feeds) > 0.75 * most);
  };
  const small = await runJob(job(), home, hooks, tightRuntime);
  expect(notes).toEqual([
    'Not enough memory: prompt and negative prompt are computed one after the other.',
    expect.stringMatching(/^Not enough memory: window 1 is generated at \d+ × \d+\.$/),
    'Not enough memory: the VAE decoder takes the picture in smaller tiles.',
  ]);
  expect(small.flops).toBeLessThan(0.75 * whole.flops);
  expect(small.quality).toMatchObject({ outsideMaxDiff: 0 });
}, 240_000);

it('ends with what was tried and what to do where nothing fits, and leaves no file', async () => {
  tooMuch = (graph) => graph.startsWith('transformer') && graph !== 'transformer-drift';
  const failure = runJob(job(), home, quietHooks, tightRuntime);
  await expect(failure).rejects.toMatchObject({
    code: 'out-of-memory',
    message: expect.stringMatching(/even for a working picture of \d+ × \d+: transformer/) as string,
    hint: expect.stringContaining('shorten the range') as string,
  });
  tooMuch = () => false;
}, 240_000);

it('works at the size that is asked for', async () => {
  const sizes = new Set<number>();
  tooMuch = (_, feeds) => {
    if (tokensOf(feeds) > 1) sizes.add(tokensOf(feeds));
    return false;
  };
  await runJob(job({ steps: 1, workingSize: 128 }), home, quietHooks, tightRuntime);
  // One frame of at most 128² pixels in tokens of 16²: what stands in the scene is generated once.
  expect(sizes.size).toBe(1);
  expect(Math.max(...sizes)).toBeLessThanOrEqual(64);
  expect(Math.max(...sizes)).toBeGreaterThan(32);
}, 240_000);
