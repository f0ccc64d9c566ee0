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
import { parseProjectFile } from '../src-shared/project/index.ts';
import { buildCommand } from './build-command.ts';
import { demo, root } from './hetcut.ts';

/** What is killed: the program that was started, the inference process, both, or an ffmpeg of theirs. */
export type Victim = 'host' | 'program' | 'both' | 'ffmpeg';

/** A run of the program that is disturbed, and run again. */
export interface Scenario {
  readonly name: string;
  /** Arguments of node. */
  readonly args: (out: string) => readonly string[];
  /** Who can be killed. */
  readonly victims: readonly Victim[];
  /** Folders of the home whose files belong to what is made, beside all of `out`. */
  readonly kept?: readonly string[];
  /** It runs until it is disturbed, and what is there must hold by itself: no second run. */
  readonly endless?: (out: string) => void;
}

export interface Place {
  readonly home: string;
  readonly out: string;
}

export interface Started {
  readonly child: ChildProcess;
  readonly ended: Promise<number | null>;
  /** What it wrote to standard output. */
  readonly said: () => string;
}

/** A home that has been used, clips, and the bundled command. */
export interface Stage {
  readonly folder: string;
  readonly scenarios: readonly Scenario[];
  /** Fresh folders below `folder`, or below another. */
  newPlace(name: string, below?: string): Place;
  start(scenario: Scenario, place: Place, env?: NodeJS.ProcessEnv): Started;
  /** SHA-256 of what the scenario has made, by path. */
  madeIn(scenario: Scenario, place: Place): Map<string, string>;
  close(): void;
}

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

/** SHA-256 of every file below a folder, by its path from `from`. */
function hashes(top: string, from: string): [string, string][] {
  const entries = existsSync(top) ? readdirSync(top, { recursive: true, encoding: 'utf8' }) : [];
  return entries
    .map((entry) => join(top, entry))
    .filter((path) => statSync(path).isFile())
    .map((path) => [relative(from, path), createHash('sha256').update(contentOf(path)).digest('hex')]);
}

/** What differs between what was made and what an undisturbed run makes, in words. */
export function differences(
  made: ReadonlyMap<string, string>,
  expected: ReadonlyMap<string, string>,
): string[] {
  return [...new Set([...expected.keys(), ...made.keys()])]
    .filter((path) => made.get(path) !== expected.get(path))
    .map(
      (path) => `${path} is ${made.has(path) ? (expected.has(path) ? 'different' : 'left over') : 'missing'}`,
    );
}

/** Checkpoints that are left in a home. */
export function checkpointsLeft({ home }: Place): readonly string[] {
  return existsSync(join(home, 'work')) ? readdirSync(join(home, 'work')) : [];
}

function allScenarios(main: string, clip: string, mask: string): readonly Scenario[] {
  return [
    {
      name: 'remove',
      args: (out) => [
        ...[main, 'remove', clip, '--mask', mask, '--steps', '4', '--fill', 'network', '--lossless'],
        ...['--out', join(out, 'out.mkv'), '--json'],
      ],
      victims: ['host', 'program', 'both', 'ffmpeg'],
    },
    {
      name: 'export',
      args: (out) => [
        ...[main, 'remove', demo('campus.mp4'), '--mask', demo('campus-mask.mkv')],
        ...['--plate', demo('campus-plate.png'), '--out', join(out, 'out.mp4'), '--json'],
      ],
      victims: ['host', 'program', 'both', 'ffmpeg'],
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
      args: () => [
        main,
        'model',
        'import',
        join(root, 'models/words'),
        '--id',
        'copy',
        '--replace',
        '--json',
      ],
      victims: ['program'],
      kept: ['models'],
    },
    {
      name: 'project',
      args: (out) => [
        ...['--import', 'tsx', join(root, 'e2e/fixtures/save-endlessly.ts'), join(out, 'p.hetcut')],
      ],
      victims: ['program'],
      endless: (out) => {
        const path = join(out, 'p.hetcut');
        if (existsSync(path)) parseProjectFile(JSON.parse(readFileSync(path, 'utf8')), path);
      },
    },
  ];
}

/** Builds the command, cuts the clips, and uses a home for the first time. */
export async function openStage(name: string): Promise<Stage> {
  const folder = mkdtempSync(join(tmpdir(), `hetcut-${name}-`));
  const command = join(root, 'dist', `${name}-command-${process.pid}`);
  const main = join(command, 'cli/main.mjs');
  const [clip, mask] = [join(folder, 'clip.mkv'), join(folder, 'mask.mkv')];
  const home = join(folder, 'home');
  const close = (): void => {
    for (const used of [folder, command]) rmSync(used, { recursive: true, force: true });
  };
  try {
    mkdirSync(home);
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
      const estimate = [main, 'estimate', clip, '--mask', mask, '--plate', 'off', ...kind, '--json'];
      const env = { ...process.env, HETCUT_HOME: home };
      execFileSync(process.execPath, estimate, { env, stdio: 'ignore' });
    }
  } catch (error) {
    close();
    throw error;
  }
  return {
    folder,
    scenarios: allScenarios(main, clip, mask),
    newPlace(named, below = folder) {
      const place = { home: join(below, named, 'home'), out: join(below, named, 'out') };
      mkdirSync(place.out, { recursive: true });
      cpSync(home, place.home, { recursive: true });
      return place;
    },
    start({ args }, place, env = {}) {
      const child = spawn(process.execPath, args(place.out), {
        cwd: root,
        env: { ...process.env, HETCUT_HOME: place.home, ...env },
        stdio: ['ignore', 'pipe', 'ignore'],
      });
      let said = '';
      child.stdout.setEncoding('utf8').on('data', (text: string) => (said += text));
      return { child, ended: new Promise((resolve) => child.on('close', resolve)), said: () => said };
    },
    madeIn: ({ kept = [] }, { home: used, out }) =>
      new Map([out, ...kept.map((one) => join(used, one))].flatMap((top) => hashes(top, join(out, '..')))),
    close,
  };
}
