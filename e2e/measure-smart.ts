import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { editFingerprint } from '../src-main/backend/edit-request.ts';
import { mediaPlace } from '../src-main/backend/project-store.ts';
import { createMedia, findBinaries } from '../src-main/media/index.ts';
import { newEdit, newProject, toProjectFile, type Clip } from '../src-shared/project/index.ts';
import { demo, root } from './hetcut.ts';

/** Seconds of the clip, and the frames of it that are edited. */
const lengthSec = 60;
const edited = { startFrame: 700, endFrame: 724 };

/**
 * Seconds of an export of a minute of 1080p H.264 with one short edit: with what is unchanged copied, and with all of it encoded.
 * `folder`: for the clip (made once) and the exports. Prints a row for each.
 */
async function measureSmart(folder: string): Promise<void> {
  const { ffmpeg } = await findBinaries();
  mkdirSync(folder, { recursive: true });
  const run = (...args: readonly string[]): Buffer =>
    execFileSync(ffmpeg.path, ['-v', 'error', '-y', ...args]);
  const path = join(folder, 'minute.mp4');
  const resultPath = join(folder, 'result.mkv');
  if (statSync(path, { throwIfNoEntry: false }) === undefined) {
    run(
      ...['-stream_loop', '-1', '-i', demo('bunny.mp4'), '-f', 'lavfi', '-i', 'sine=r=48000'],
      ...['-map', '0:v', '-map', '1:a', '-vf', 'scale=1920:1080,fps=24', '-t', String(lengthSec)],
      ...['-c:v', 'libx264', '-preset', 'veryfast', '-crf', '18', '-g', '48', '-c:a', 'aac', path],
    );
  }
  const media = await createMedia();
  const info = await media.probe(path);
  const part = `select='between(n,${edited.startFrame},${edited.endFrame - 1})',setpts=N/24/TB`;
  run(
    ...['-i', path, '-vf', `${part},drawbox=800:400:320:240:gray:fill`, '-frames:v', '24', '-an'],
    ...['-c:v', 'ffv1', resultPath],
  );
  const box = { from: [800, 400], to: [1120, 640] };
  const edit = {
    ...newEdit('e', 'Edit'),
    range: edited,
    mask: {
      ...{ grow: 0, invert: false },
      shapes: [{ kind: 'box', effect: 'remove', keyframes: [{ frame: edited.startFrame, ...box }] }],
    },
  } as unknown as Clip['edits'][number];
  const result = {
    ...{ path: resultPath, jobId: 'j', fingerprint: editFingerprint(edit), seconds: 1, estimateSeconds: 1 },
    range: edited,
  };
  const clip: Clip = {
    ...{ id: 'c', path, name: 'minute.mp4', width: info.width, height: info.height },
    ...{ frames: info.ptsSec.length, frameRate: info.frameRate, durationSec: info.durationSec },
    edits: [{ ...edit, result }],
  };
  const project = join(folder, 'minute.hetcut');
  const file = toProjectFile({ ...newProject('p', 'Minute'), clips: [clip] }, (one) =>
    mediaPlace(one, folder),
  );
  writeFileSync(project, JSON.stringify(file));
  process.stdout.write(
    '| export | seconds | frames copied | encoded | MB |\n| --- | --- | --- | --- | --- |' + '\n',
  );
  for (const [name, flags] of [
    ['unchanged frames copied', []],
    ['`--reencode`', ['--reencode']],
  ] as const) {
    const out = join(folder, 'out');
    rmSync(out, { recursive: true, force: true });
    const started = performance.now();
    const command = ['--import', 'tsx', join(root, 'src-main/cli/main.ts'), 'export', project, '--out', out];
    const said = execFileSync(process.execPath, [...command, '--json', ...flags], {
      cwd: root,
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    const seconds = (performance.now() - started) / 1000;
    const { exports } = JSON.parse(said.toString()) as {
      exports: { copied: number; encoded: number; bytes: number }[];
    };
    const { copied, encoded, bytes } = exports[0];
    process.stdout.write(
      `| ${name} | ${seconds.toFixed(1)} | ${copied} | ${encoded} | ${(bytes / 1e6).toFixed(1)} |` + '\n',
    );
  }
}

const [folder] = process.argv.slice(2);
if (folder === undefined) throw new Error('node --import tsx e2e/measure-smart.ts FOLDER');
await measureSmart(resolve(folder));
