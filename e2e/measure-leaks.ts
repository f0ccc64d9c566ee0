/**
 * Looks for what a program that runs for long keeps: 30 jobs one after the other, 200 edits of a mask with an estimate each, 100
 * clips that are opened. Prints the table of docs/reliability.md; ends with 1 where memory grows on, or a child, a handle or a
 * temporary file is left.
 *   node --import tsx e2e/measure-leaks.ts [--only clips,estimates,jobs] [--share 1]
 * Linux only: processes are found in /proc. `--share 0.1` runs a tenth of it.
 */
import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { framePath } from '../src-shared/ipc/index.ts';
import { newEdit } from '../src-shared/project/index.ts';
import type { MaskShape } from '../src-shared/project/mask/index.ts';
import { memoryOf, type ProcessMemory } from './processes.ts';
import { jobEnd, prepareCommand, serveFolder } from './served.ts';

const { values } = parseArgs({
  options: {
    only: { type: 'string', default: 'clips,estimates,jobs' },
    share: { type: 'string', default: '1' },
  },
});
const share = Number(values.share);
/** Memory after the last part of a group over that after the part before the last third of it. */
const mostGrowth = 0.1;

const folder = mkdtempSync(join(tmpdir(), 'hetcut-leaks-'));
const clips = join(folder, 'clips');
const home = join(folder, 'home');
const temporary = join(folder, 'tmp');
for (const made of [clips, home, temporary]) mkdirSync(made);
const clip = join(clips, 'clip.mp4');
const frames = 25;
execFileSync('ffmpeg', [
  ...['-nostdin', '-v', 'error', '-f', 'lavfi', '-i', `testsrc2=s=160x96:r=25:d=1`, '-c:v', 'libx264', clip],
]);

const box = (shift: number): MaskShape =>
  ({
    kind: 'box',
    effect: 'remove',
    keyframes: [{ frame: 0, from: [40 + (shift % 50), 30], to: [60 + (shift % 50), 50] }],
  }) as unknown as MaskShape;
const asked = (clipPath: string, shift: number) => {
  const edit = newEdit('edit');
  return { clipPath, mask: { ...edit.mask, shapes: [box(shift)] }, settings: edit.settings };
};

const removeCommand = await prepareCommand(home);
process.env['TMPDIR'] = temporary;
const served = await serveFolder(home, clips);
const { client, pid } = served;

const groups: Readonly<
  Record<string, { readonly count: number; readonly once: (turn: number) => Promise<void> }>
> = {
  clips: {
    count: 100,
    async once(turn) {
      // Another file each time: what is known of one is not asked again.
      const path = join(clips, `clip-${turn}.mp4`);
      copyFileSync(clip, path);
      const { mediaId } = await client.call('clip.open', { path });
      await served.fetch(framePath(mediaId, frames - 1, 96));
      rmSync(path);
    },
  },
  estimates: {
    count: 200,
    once: async (turn) => void (await client.call('edit.estimate', asked(clip, turn))),
  },
  jobs: {
    count: 30,
    async once(turn) {
      const ids = { projectId: 'project', clipId: 'clip', editId: 'edit', name: `Job ${turn}` };
      const range = { startFrame: 0, endFrame: 5 };
      const { id } = await client.call('jobs.add', { ...ids, ...asked(clip, turn), range });
      await jobEnd(client, id);
      await client.call('jobs.remove', { jobId: id });
    },
  },
};

/** Once what was started has ended: decoders that nobody asks wait for ten seconds. */
async function settled(): Promise<readonly ProcessMemory[]> {
  for (let waited = 0; waited < 30 && memoryOf(pid).some(({ kind }) => kind === 'ffmpeg'); waited++)
    await pause(1000);
  return memoryOf(pid);
}

const megabytes = (all: readonly ProcessMemory[], name: string): number =>
  all.find((one) => one.name === name)?.nowMb ?? 0;

let failed = false;
try {
  process.stdout.write('| what | times | process | MiB, plateau | MiB, end | handles, plateau | end |\n');
  process.stdout.write('| --- | --: | --- | --: | --: | --: | --: |\n');
  for (const name of values.only.split(',')) {
    const { count, once } = groups[name];
    const times = Math.max(3, Math.round(count * share));
    const plateauAt = Math.floor((2 * times) / 3);
    let plateau: readonly ProcessMemory[] = [];
    for (let turn = 0; turn < times; turn++) {
      if (turn === plateauAt) plateau = await settled();
      await once(turn);
    }
    const end = await settled();
    for (const { name: process_, handles, nowMb } of end) {
      const before = plateau.find((one) => one.name === process_);
      const from = megabytes(plateau, process_);
      process.stdout.write(
        `| ${name} | ${times} | ${process_} | ${from.toFixed(0)} | ${nowMb.toFixed(0)} | ${before?.handles ?? 0} | ${handles} |\n`,
      );
      if (before === undefined) continue;
      if (nowMb > (1 + mostGrowth) * from || handles > before.handles + 2) failed = true;
    }
    const children = end.filter(({ kind }) => kind === 'ffmpeg');
    if (children.length > 0 || end.length > Math.max(2, plateau.length)) {
      failed = true;
      process.stdout.write(`Still running: ${end.map((one) => one.name).join(', ')}\n`);
    }
  }
} finally {
  await served.close();
  removeCommand();
}
const left = [
  ...readdirSync(temporary).map((name) => join(temporary, name)),
  ...readdirSync(join(home, 'work')).map((name) => join(home, 'work', name)),
  ...readdirSync(clips)
    .filter((name) => name !== 'clip.mp4')
    .map((name) => join(clips, name)),
];
process.stdout.write(`Left over: ${left.length === 0 ? 'nothing' : left.join(', ')}\n`);
rmSync(folder, { recursive: true, force: true });
process.exitCode = failed || left.length > 0 ? 1 : 0;
