/**
 * Kills HetCut at random moments, runs it again, and compares what it makes with an undisturbed run, bit for bit.
 * Prints the table of docs/reliability.md; ends with 1 where anything was lost or left.
 *   node --import tsx e2e/kill-at-random.ts [--rounds 30] [--seed 1] [--only remove,export,track,import,project]
 * Linux only: processes are found in /proc.
 */
import type { ChildProcess } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { seededNumbers } from '../src-shared/core/testing/index.ts';
import { descendants, stillAlive, type Process } from './processes.ts';
import {
  checkpointsLeft,
  differences,
  openStage,
  type Scenario,
  type Stage,
  type Victim,
} from './scenarios.ts';

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '30' },
    seed: { type: 'string', default: '1' },
    only: { type: 'string' },
  },
});
const random = seededNumbers(Number(values.seed));

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

interface Outcome {
  kills: number;
  readonly lost: string[];
}

async function attack(stage: Stage, scenario: Scenario, rounds: number): Promise<Outcome> {
  const outcome: Outcome = { kills: 0, lost: [] };
  const first = stage.newPlace(`${scenario.name}-undisturbed`);
  const began = performance.now();
  let usualMs = 3000;
  if (scenario.endless === undefined) {
    const { ended, said } = stage.start(scenario, first);
    if ((await ended) !== 0) throw new Error(`${scenario.name} does not run at all: ${said()}`);
    usualMs = performance.now() - began;
  }
  const expected = stage.madeIn(scenario, first);
  for (let round = 0; round < rounds; round++) {
    const victim = scenario.victims[round % scenario.victims.length];
    const place = stage.newPlace(`${scenario.name}-${round}`);
    const { child, ended } = stage.start(scenario, place);
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
      const again = stage.start(scenario, place);
      const code = await again.ended;
      if (code !== 0) say(`the second run ended with ${code}: ${again.said().slice(0, 300)}`);
      for (const text of differences(stage.madeIn(scenario, place), expected)) say(text);
      const work = checkpointsLeft(place);
      if (work.length > 0) say(`left in the checkpoints' folder: ${work.join(', ')}`);
    }
    rmSync(join(stage.folder, `${scenario.name}-${round}`), { recursive: true, force: true });
  }
  return outcome;
}

let failed = false;
const stage = await openStage('kill');
try {
  const wanted = values.only?.split(',');
  const rows: string[] = [];
  for (const scenario of stage.scenarios.filter(({ name }) => wanted?.includes(name) ?? true)) {
    const { kills, lost } = await attack(stage, scenario, Number(values.rounds));
    failed ||= lost.length > 0;
    rows.push(`| ${scenario.name} | ${kills} | ${scenario.victims.join(', ')} | ${lost.length} |`);
    process.stdout.write(`${[rows.at(-1), ...lost].join('\n')}\n`);
  }
  process.stdout.write(
    `| what | kills | of | lost or left |\n| --- | --- | --- | --- |\n${rows.join('\n')}\n`,
  );
} finally {
  stage.close();
}
process.exitCode = failed ? 1 : 0;
