/**
 * Kills HetCut at random moments, runs it again, and compares what it makes with an undisturbed run, bit for bit.
 * Prints the table of docs/reliability.md; ends with 1 where anything was lost or left.
 *   node --import tsx e2e/kill-at-random.ts [--rounds 30] [--seed 1] [--only remove,export,track,import,project]
 * Linux only: processes are found in /proc.
 */
import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { seededNumbers } from '../src-shared/core/testing/index.ts';
import { parseProjectFile } from '../src-shared/project/index.ts';
import { buildCommand } from './build-command.ts';
import { demo, root } from './hetcut.ts';

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '30' },
    seed: { type: 'string', default: '1' },
    only: { type: 'string' },
  },
});
const random = seededNumbers(Number(values.seed));

/** What is killed: the program that was started, the inference process, both, or an ffmpeg of theirs. */
const victims = ['host', 'program', 'both', 'ffmpeg'] as const;
type Victim = (typeof victims)[number];

interface Scenario {
  readonly name: string;
  /** Arguments of node. */
  readonly args: (out: string) => readonly string[];
  /** Who can be killed. */
  readonly victims: readonly Victim[];
  /** Folders of the home whose files belong to what is made, beside all of `out`. */
  readonly kept?: readonly string[];
  /** It runs until it is killed, and what is there must hold by itself: no second run. */
  readonly endless?: (out: string) => void;
}

const folder = mkdtempSync(join(tmpdir(), 'hetcut-kill-'));
const command = join(root, 'dist', `kill-command-${process.pid}`);
const main = join(command, 'cli/main.mjs');
const clip = join(folder, 'clip.mkv');
const mask = join(folder, 'mask.mkv');

const scenarios: readonly Scenario[] = [
  {
    name: 'remove',
    args: (out) => [
      ...[main, 'remove', clip, '--mask', mask, '--steps', '4', '--fill', 'network', '--lossless'],
      ...['--out', join(out, 'out.mkv'), '--json'],
    ],
    victims,
  },
  {
    name: 'export',
    args: (out) => [
      ...[main, 'remove', demo('campus.mp4'), '--mask', demo('campus-mask.mkv')],
      ...['--plate', demo('campus-plate.png'), '--out', join(out, 'out.mp4'), '--json'],
    ],
    victims,
  },
  {
    name: 'track',
    args: (out) => [
      ...[main, 'mask', 'track', demo('campus.mp4'), '--from', `2:${demo('campus-mask.mkv')}`],
      ...['--range', '0:8', '--out', join(out, 'mask.mkv'), '--json'],
    ],
    victims: ['program', 'ffmpeg'],
  },
  {
    name: 'import',
    args: () => [main, 'model', 'import', join(root, 'models/words'), '--id', 'copy', '--replace', '--json'],
    victims: ['program'],
    kept: ['models'],
  },
  {
    name: 'project',
    args: (out) => ['--import', 'tsx', join(root, 'e2e/fixtures/save-endlessly.ts'), join(out, 'p.hetcut')],
    victims: ['program'],
    endless: (out) => {
      const path = join(out, 'p.hetcut');
      if (existsSync(path)) parseProjectFile(JSON.parse(readFileSync(path, 'utf8')), path);
    },
  },
];

interface Process {
  readonly pid: number;
  readonly text: string;
}

/** All that a process has started, and what that has started. */
function descendants(pid: number): Process[] {
  const all = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      try {
        const [, parent] = /\) \S (\d+)/.exec(readFileSync(`/proc/${name}/stat`, 'utf8')) ?? [];
        const text = readFileSync(`/proc/${name}/cmdline`, 'utf8').replaceAll('\0', ' ');
        return [{ pid: Number(name), parent: Number(parent), text }];
      } catch {
        return [];
      }
    });
  const found: Process[] = [];
  for (let parents = [pid]; parents.length > 0;) {
    const children = all.filter(({ parent }) => parents.includes(parent));
    found.push(...children);
    parents = children.map((child) => child.pid);
  }
  return found;
}

const isAlive = ({ pid, text }: Process): boolean => {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ') === text && text !== '';
  } catch {
    return false;
  }
};

/** What of a file must be the same each time: of Matroska its pictures, as each file has an identity of its own; of a
 * model's manifest all but the seconds that its import took. */
function contentOf(path: string): string | Buffer {
  if (path.endsWith('.mkv')) {
    return execFileSync('ffmpeg', ['-nostdin', '-v', 'error', '-i', path, '-f', 'framemd5', '-']);
  }
  const content = readFileSync(path);
  return path.endsWith('hetcut-model.json')
    ? content.toString().replaceAll(/"seconds": [\d.]+/g, '')
    : content;
}

/** SHA-256 of every file below the folders, by its path. */
function hashes(folders: readonly string[]): Map<string, string> {
  const found = new Map<string, string>();
  for (const top of folders) {
    for (const entry of existsSync(top) ? readdirSync(top, { recursive: true, encoding: 'utf8' }) : []) {
      const path = join(top, entry);
      if (!statSync(path).isFile()) continue;
      const name = relative(folder, path).replace(/^[^/]+\//, '');
      found.set(name, createHash('sha256').update(contentOf(path)).digest('hex'));
    }
  }
  return found;
}

interface Place {
  readonly home: string;
  readonly out: string;
}

function start(
  { args }: Scenario,
  { home, out }: Place,
): { child: ChildProcess; ended: Promise<number | null>; said: () => string } {
  const child = spawn(process.execPath, args(out), {
    cwd: root,
    env: { ...process.env, HETCUT_HOME: home },
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  let said = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (said += text));
  return { child, ended: new Promise((resolve) => child.on('close', resolve)), said: () => said };
}

function newPlace(name: string): Place {
  const place = { home: join(folder, name, 'home'), out: join(folder, name, 'out') };
  mkdirSync(place.out, { recursive: true });
  cpSync(join(folder, 'home'), place.home, { recursive: true });
  return place;
}

const madeIn = ({ kept = [] }: Scenario, { home, out }: Place): Map<string, string> =>
  hashes([out, ...kept.map((name) => join(home, name))]);

function kill(child: ChildProcess, victim: Victim): Process[] {
  const below = descendants(child.pid!);
  const host = below.filter(({ text }) => text.includes('host/entry'));
  const tools = below.filter(({ text }) => /ffmpeg|ffprobe/.test(text));
  const program = { pid: child.pid!, text: 'program' };
  const targets = { host, program: [program], both: [program, ...host], ffmpeg: tools.slice(0, 1) }[victim];
  for (const { pid } of targets) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // It has ended in the meantime.
    }
  }
  return below;
}

/** Inference processes end after the network call that they are in. */
async function stillAlive(below: readonly Process[], waitMs = 25_000): Promise<readonly Process[]> {
  for (let waited = 0; waited < waitMs && below.some(isAlive); waited += 100) await pause(100);
  return below.filter(isAlive);
}

interface Outcome {
  kills: number;
  readonly lost: string[];
}

async function attack(scenario: Scenario, rounds: number): Promise<Outcome> {
  const outcome: Outcome = { kills: 0, lost: [] };
  const first = newPlace(`${scenario.name}-undisturbed`);
  const began = performance.now();
  let usualMs = 3000;
  if (scenario.endless === undefined) {
    const { ended, said } = start(scenario, first);
    if ((await ended) !== 0) throw new Error(`${scenario.name} does not run at all: ${said()}`);
    usualMs = performance.now() - began;
  }
  const expected = madeIn(scenario, first);
  for (let round = 0; round < rounds; round++) {
    const victim = scenario.victims[round % scenario.victims.length];
    const place = newPlace(`${scenario.name}-${round}`);
    const { child, ended } = start(scenario, place);
    const atMs = Math.round(random() * usualMs);
    const say = (text: string): void =>
      void outcome.lost.push(`${scenario.name}, round ${round} (${victim} after ${atMs} ms): ${text}`);
    await pause(atMs);
    const below = kill(child, victim);
    outcome.kills++;
    await ended;
    for (const { text } of await stillAlive(below)) say(`still running: ${text}`);
    if (scenario.endless !== undefined) {
      try {
        scenario.endless(place.out);
      } catch (error) {
        say(String(error));
      }
    } else {
      const again = start(scenario, place);
      const code = await again.ended;
      if (code !== 0) say(`the second run ended with ${code}: ${again.said().slice(0, 300)}`);
      const made = madeIn(scenario, place);
      for (const path of new Set([...expected.keys(), ...made.keys()])) {
        if (made.get(path) !== expected.get(path))
          say(`${path} is ${made.has(path) ? (expected.has(path) ? 'different' : 'left over') : 'missing'}`);
      }
      const work = existsSync(join(place.home, 'work')) ? readdirSync(join(place.home, 'work')) : [];
      if (work.length > 0) say(`left in the checkpoints' folder: ${work.join(', ')}`);
    }
    rmSync(join(folder, `${scenario.name}-${round}`), { recursive: true, force: true });
  }
  return outcome;
}

mkdirSync(join(folder, 'home'));
let failed = false;
try {
  await buildCommand(command);
  for (const [from, to] of [
    [demo('campus.mp4'), clip],
    [demo('campus-mask.mkv'), mask],
  ]) {
    const part = ['-vf', 'crop=192:160:150:60', '-c:v', 'ffv1'];
    execFileSync('ffmpeg', ['-nostdin', '-v', 'error', '-i', from, ...part, to]);
  }
  // The models imported and the machine measured, as after a first use.
  for (const kind of [[], ['--edit']]) {
    execFileSync(
      process.execPath,
      [main, 'estimate', clip, '--mask', mask, '--plate', 'off', ...kind, '--json'],
      {
        env: { ...process.env, HETCUT_HOME: join(folder, 'home') },
        stdio: 'ignore',
      },
    );
  }
  const wanted = values.only?.split(',');
  const rows: string[] = [];
  for (const scenario of scenarios.filter(({ name }) => wanted?.includes(name) ?? true)) {
    const { kills, lost } = await attack(scenario, Number(values.rounds));
    failed ||= lost.length > 0;
    rows.push(`| ${scenario.name} | ${kills} | ${scenario.victims.join(', ')} | ${lost.length} |`);
    process.stdout.write(`${[rows.at(-1), ...lost].join('\n')}\n`);
  }
  process.stdout.write(
    `| what | kills | of | lost or left |\n| --- | --- | --- | --- |\n${rows.join('\n')}\n`,
  );
} finally {
  for (const used of [folder, command]) rmSync(used, { recursive: true, force: true });
}
process.exitCode = failed ? 1 : 0;
