/**
 * Fills the disk at random moments of HetCut's work, makes room, runs it again, and compares what it makes with an undisturbed
 * run, bit for bit. The first run must end with an error that has a code, or have been done before; nothing may be torn.
 * Prints the table of docs/reliability.md; ends with 1 where anything was lost, left or not said.
 *   node --import tsx e2e/fill-disk-at-random.ts [--rounds 2] [--seed 1] [--only remove,export,track,import,project]
 * Linux, as root: home, output and temporary files are on a small disk in memory (tmpfs).
 */
import { execFileSync } from 'node:child_process';
import { appendFileSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { seededNumbers } from '../src-shared/core/testing/index.ts';
import {
  checkpointsLeft,
  differences,
  openStage,
  type Place,
  type Scenario,
  type Stage,
} from './scenarios.ts';

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '2' },
    seed: { type: 'string', default: '1' },
    only: { type: 'string' },
  },
});
const random = seededNumbers(Number(values.seed));

/** Room for a home, a copy of a model and what a job writes. */
const diskMegabytes = 700;
const pieces = [2 ** 24, 2 ** 16, 4096, 1].map((bytes) => Buffer.alloc(bytes));

/** Takes all room that there is, also what is given free meanwhile, until it is told to stop. */
async function keepFull(file: string, stopped: () => boolean): Promise<void> {
  while (!stopped()) {
    for (const piece of pieces) {
      try {
        for (;;) appendFileSync(file, piece);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
      }
    }
    await pause(2);
  }
}

interface Outcome {
  /** The disk was full before the work was done. */
  hit: number;
  rounds: number;
  readonly codes: Set<string>;
  readonly lost: string[];
}

/** What a run said on the full disk: its error's code, if it is one. */
function failureIn(said: string): { code?: string; message?: string; hint?: string } {
  try {
    return JSON.parse(said.trim().split('\n').at(-1) ?? '') as object;
  } catch {
    return {};
  }
}

async function attack(stage: Stage, disk: string, scenario: Scenario, rounds: number): Promise<Outcome> {
  const outcome: Outcome = { hit: 0, rounds: 0, codes: new Set(), lost: [] };
  const env = { TMPDIR: join(disk, 'tmp') };
  const place = (): Place => {
    for (const name of ['run', 'tmp', 'filler']) rmSync(join(disk, name), { recursive: true, force: true });
    mkdirSync(env.TMPDIR);
    return stage.newPlace('run', disk);
  };
  const began = performance.now();
  let usualMs = 4000;
  let expected = new Map<string, string>();
  if (scenario.endless === undefined) {
    const first = place();
    const { ended, said } = stage.start(scenario, first, env);
    if ((await ended) !== 0) throw new Error(`${scenario.name} does not run at all: ${said()}`);
    usualMs = performance.now() - began;
    expected = stage.madeIn(scenario, first);
  }
  for (let round = 0; round < rounds; round++) {
    const used = place();
    const { ended, said } = stage.start(scenario, used, env);
    const atMs = Math.round(random() * usualMs);
    const say = (text: string): void =>
      void outcome.lost.push(`${scenario.name}, full after ${atMs} ms: ${text}`);
    let over = false;
    void ended.then(() => (over = true));
    await pause(atMs);
    outcome.rounds++;
    await keepFull(join(disk, 'filler'), () => over);
    const code = await ended;
    if (code !== 0) {
      outcome.hit++;
      const failure = failureIn(said());
      outcome.codes.add(failure.code ?? 'none');
      if (failure.code !== 'disk-full' && failure.code !== 'project-unsaved')
        say(`it ended with ${code} and said ${said().slice(-500)}`);
      if (!failure.message || !failure.hint) say('its error has no message or hint');
    }
    rmSync(join(disk, 'filler'), { force: true });
    if (scenario.endless !== undefined) {
      try {
        scenario.endless(used.out);
      } catch (error) {
        say(String(error));
      }
      continue;
    }
    const again = stage.start(scenario, used, env);
    const second = await again.ended;
    if (second !== 0) say(`the second run ended with ${second}: ${again.said().slice(0, 300)}`);
    for (const text of differences(stage.madeIn(scenario, used), expected)) say(text);
    const work = checkpointsLeft(used);
    if (work.length > 0) say(`left in the checkpoints' folder: ${work.join(', ')}`);
  }
  return outcome;
}

let failed = false;
const stage = await openStage('disk');
const disk = join(stage.folder, 'disk');
mkdirSync(disk);
execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${diskMegabytes}m`, 'hetcut-disk', disk]);
try {
  const wanted = values.only?.split(',');
  const rows: string[] = [];
  for (const scenario of stage.scenarios.filter(({ name }) => wanted?.includes(name) ?? true)) {
    const { rounds, hit, codes, lost } = await attack(stage, disk, scenario, Number(values.rounds));
    failed ||= lost.length > 0;
    rows.push(`| ${scenario.name} | ${rounds} | ${hit} | ${[...codes].join(', ')} | ${lost.length} |`);
    process.stdout.write(`${[rows.at(-1), ...lost].join('\n')}\n`);
  }
  process.stdout.write(
    `| what | fills | while at work | said | lost or left |\n| --- | --- | --- | --- | --- |\n${rows.join('\n')}\n`,
  );
} finally {
  execFileSync('umount', [disk]);
  stage.close();
}
process.exitCode = failed ? 1 : 0;
