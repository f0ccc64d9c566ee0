/**
 * A model of real size on the CPU, from a folder to a finished clip, beside what the plan foretold: seconds and the most
 * resident memory of each stage, as Markdown. Takes a quiet machine.
 *   node --import tsx e2e/measure-real-size.ts FOLDER [--layers 30] [--text-layers 2] [--steps 4] [--working-size 512]
 *     [--frames 9] [--decode 33x480x832,25x720x1280] [--vae-base 96]
 * FOLDER holds the random model and its home (about 16 GB at the full size) and is used again where it is there already.
 */
import { spawn } from 'node:child_process';
import { cp, mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { passSeconds } from '../src-shared/core/estimate/index.ts';
import { gaussianNoise } from '../src-shared/core/random/index.ts';
import type { EditResult } from '../src-main/engine/edit-job.ts';
import { chooseVaePass, latentFramesOf, passMemory } from '../src-main/engine/network/vae-pass.ts';
import { chooseMemory } from '../src-main/engine/plan/memory-choice.ts';
import type { EditEstimate } from '../src-main/engine/plan/edit-estimate.ts';
import { watchProcess } from '../src-main/host/bench/memory-watch.ts';
import { loadModel } from '../src-main/host/load-model.ts';
import { machineCosts } from '../src-main/host/machine-costs.ts';
import { memoryBudget } from '../src-main/host/memory-budget.ts';
import { openModel } from '../src-main/models/index.ts';
import { createOrt } from '../src-main/ort/index.ts';
import { demo, root } from './hetcut.ts';

const print = (line: string): void => void process.stdout.write(`${line}\n`);
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    layers: { type: 'string', default: '30' },
    'text-layers': { type: 'string', default: '2' },
    steps: { type: 'string', default: '4' },
    'working-size': { type: 'string', default: '512' },
    frames: { type: 'string', default: '9' },
    decode: { type: 'string', default: '33x480x832,25x720x1280' },
    'vae-base': { type: 'string', default: '96' },
    only: { type: 'string' },
  },
});
const [folder] = positionals;
if (folder === undefined) throw new Error('usage: measure-real-size.ts FOLDER [options]');
const home = join(folder, 'home');
const modelId = 'real-size';

const gigabytes = (bytes: number): string => (bytes / 1e9).toFixed(2);
const kib = 1024;

/** Resident bytes of a process and of all that it has started. */
async function residentBytes(pid: number): Promise<number> {
  const read = (path: string): Promise<string> => readFile(path, 'utf8').catch(() => '');
  const own = Number(/^VmRSS:\s+(\d+)/m.exec(await read(`/proc/${pid}/status`))?.[1] ?? 0) * kib;
  const tasks = await readdir(`/proc/${pid}/task`).catch(() => []);
  const children = (await Promise.all(tasks.map((task) => read(`/proc/${pid}/task/${task}/children`))))
    .flatMap((text) => text.split(' '))
    .filter((text) => text !== '')
    .map(Number);
  const below = await Promise.all([...new Set(children)].map(residentBytes));
  return below.reduce((sum, bytes) => sum + bytes, own);
}

interface Watched<T> {
  readonly answer: T;
  readonly seconds: number;
  /**
   * Most resident bytes while the command said that it was in that stage, from where they were fewest: a stage begins with what
   * the one before still holds.
   */
  readonly peaks: ReadonlyMap<string, number>;
}

/** Runs a command of hetcut with --json and watches its memory by the stage that its progress names. */
async function watched<T>(args: readonly string[]): Promise<Watched<T>> {
  const start = performance.now();
  const command = ['--import', 'tsx', join(root, 'src-main/cli/main.ts'), ...args, '--json'];
  const child = spawn(process.execPath, command, {
    cwd: root,
    env: { ...process.env, HETCUT_HOME: home },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const samples = new Map<string, number[]>();
  let stage = 'start';
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr = (stderr + text).slice(-4000);
    for (const found of text.matchAll(/"stage":"(\w+)"/g)) stage = found[1];
  });
  const timer = setInterval(() => {
    const during = stage;
    void residentBytes(child.pid ?? 0).then((bytes) =>
      samples.set(during, [...(samples.get(during) ?? []), bytes]),
    );
  }, 100);
  const code = await new Promise<number | null>((resolve) => child.on('close', resolve));
  clearInterval(timer);
  if (code !== 0) throw new Error(`hetcut ${args.join(' ')}: ${stdout}${stderr}`);
  const peaks = new Map(
    [...samples].map(([name, list]) => [name, Math.max(...list.slice(list.indexOf(Math.min(...list))))]),
  );
  return { answer: JSON.parse(stdout) as T, seconds: (performance.now() - start) / 1000, peaks };
}

const exists = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  );

async function makeModel(): Promise<void> {
  if (await exists(join(home, 'models', modelId))) return;
  await mkdir(folder, { recursive: true });
  const source = join(folder, 'source');
  if (!(await exists(source))) {
    const sizes = [
      '--layers',
      values.layers,
      '--text-layers',
      values['text-layers'],
      '--vae-base',
      values['vae-base'],
    ];
    const made = await watched<{ bytes: number }>([
      ...['model', 'synth', 'wan2.1-vace-1.3b', '--text', 'full', '--dtype', 'fp16', '--out', source],
      ...sizes,
    ]);
    print(`synth: ${gigabytes(made.answer.bytes)} GB in ${made.seconds.toFixed(0)} s`);
    // Random weights have no tokenizer; this one's tokens are among the encoder's.
    await mkdir(join(source, 'tokenizer'));
    await cp(
      join(root, 'e2e/fixtures/golden/H_tokenizer/tokenizer.json'),
      join(source, 'tokenizer/tokenizer.json'),
    );
    const index = join(source, 'model_index.json');
    const written = JSON.parse(await readFile(index, 'utf8')) as object;
    await writeFile(index, JSON.stringify({ ...written, tokenizer: ['transformers', 'T5TokenizerFast'] }));
  }
  const imported = await watched(['model', 'import', source, '--id', modelId, '--precision', 'fp16']);
  const peak = Math.max(...imported.peaks.values());
  print(
    `import in fp16, text encoder in int8: ${imported.seconds.toFixed(0)} s, ${gigabytes(peak)} GB resident`,
  );
}

const row = (...cells: readonly string[]): void => print(`| ${cells.join(' | ')} |`);

async function measureEdit(): Promise<void> {
  const first = 20;
  const job = [
    ...[demo('bunny.mp4'), '--mask', demo('bunny-mask.json'), '--model', modelId, '--plate', 'off'],
    ...['--range', `${first}:${first + Number(values.frames)}`, '--steps', values.steps],
    ...['--working-size', values['working-size'], '--prompt', 'a red ball', '--method', 'full'],
  ];
  await rm(join(home, 'machine.json'), { force: true });
  await rm(join(home, 'text'), { recursive: true, force: true });
  const estimate = await watched<EditEstimate>(['estimate', ...job, '--edit']);
  print(`first estimate: answered after ${estimate.seconds.toFixed(1)} s (at most 20)`);
  const again = await watched<EditEstimate>(['estimate', ...job, '--edit']);
  print(`second estimate: ${again.seconds.toFixed(1)} s`);
  const out = join(folder, 'out.mp4');
  const done = await watched<EditResult>(['edit', ...job, '--out', out, '--fresh']);
  const { stages, memory, seconds } = estimate.answer;
  print('');
  row('stage', 'seconds foretold', 'measured', 'memory foretold, GB', 'measured', 'foretold / measured');
  row('---', '--:', '--:', '--:', '--:', '--:');
  for (const stage of ['text', 'encode', 'sample', 'decode'] as const) {
    const foretold = memory.stages[stage].ramMb * 2 ** 20;
    const measured = done.peaks.get(stage) ?? 0;
    const share = measured === 0 ? '–' : (foretold / measured).toFixed(2);
    row(
      stage,
      stages[stage].toFixed(1),
      done.answer.seconds[stage].toFixed(1),
      gigabytes(foretold),
      gigabytes(measured),
      share,
    );
  }
  row('whole', seconds.toFixed(1), done.answer.seconds.total.toFixed(1), '', '', '');
  print('');
  print(
    `sample: foretold / measured ${(stages.sample / done.answer.seconds.sample).toFixed(2)} (0.70 to 1.30)`,
  );
  const second = await watched<EditResult>(['edit', ...job, '--out', out, '--fresh']);
  print(`the same job again: text ${second.answer.seconds.text.toFixed(2)} s`);
}

/** In a process of its own: its most resident memory is the decoder's. */
async function decode(size: string): Promise<void> {
  const [frames, height, width] = size.split('x').map(Number);
  const sessions = createOrt();
  const model = await openModel(home, modelId);
  const { spec } = model.vae;
  const { signal } = new AbortController();
  const machine = { home, sessions, model, clock: () => performance.now() / 1000, signal, onNote: print };
  const costs = await machineCosts(machine).loadCosts(true);
  const choice = chooseMemory(model, { tokens: 1, streams: 1 }, await memoryBudget(sessions));
  const video = { frames, height, width };
  const pass = chooseVaePass(spec, 'decoder', video, choice.passBytes);
  const flops = spec.decodeFlops(video, pass);
  const latent = {
    frames: latentFramesOf(spec, frames),
    height: height / spec.spatialFactor,
    width: width / spec.spatialFactor,
  };
  const count = spec.latentChannels * latent.frames * latent.height * latent.width;
  const loaded = loadModel(sessions, model, choice);
  const memory = watchProcess();
  const before = process.memoryUsage.rss();
  await memory.peakBytes();
  const start = performance.now();
  await loaded.codec.decode(gaussianNoise(4, frames, count), latent, { signal });
  const seconds = (performance.now() - start) / 1000;
  const peak = (await memory.peakBytes()) ?? 0;
  await loaded.release();
  const foretold =
    before +
    model.weightBytes.vae +
    passMemory(spec, 'decoder', video, pass).ramBytes +
    4 * 3 * frames * height * width;
  const foretoldSec = costs?.network === undefined ? NaN : passSeconds(costs.network.decode, flops);
  const way =
    pass === 'full' ? 'whole' : 'tiles' in pass ? `${pass.tiles} tiles` : `chunks of ${pass.chunkFrames}`;
  row(
    `decode ${size}, ${way}`,
    foretoldSec.toFixed(0),
    seconds.toFixed(0),
    gigabytes(foretold),
    gigabytes(peak),
    (foretold / peak).toFixed(2),
  );
}

if (values.only !== undefined) await decode(values.only);
else {
  await makeModel();
  await measureEdit();
  print('');
  row('VAE', 'seconds foretold', 'measured', 'memory foretold, GB', 'measured', 'foretold / measured');
  row('---', '--:', '--:', '--:', '--:', '--:');
  for (const size of values.decode.split(',')) {
    const args = ['--import', 'tsx', import.meta.filename, folder, '--only', size];
    const child = spawn(process.execPath, args, { stdio: 'inherit', cwd: root });
    const code = await new Promise((resolve) => child.on('close', resolve));
    if (code !== 0) throw new Error(`decode ${size} ended with ${String(code)}`);
  }
}
