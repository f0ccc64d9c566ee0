import { readFile, rename } from 'node:fs/promises';
import { dirname, extname, join } from 'node:path';
import { usageError } from '../../src-shared/core/errors/index.ts';
import {
  programSettingsSchema,
  usualSettings,
  type ProgramSettings,
} from '../../src-shared/project/index.ts';
import { writeHomeFile } from '../jobs/atomic-write.ts';
import { describeBinaries } from '../media/index.ts';

type Environment = Record<string, string | undefined>;

/** The variables by which settings reach the processes that compute; one that was set from outside holds. */
const variables = {
  device: 'HETCUT_DEVICE',
  memoryGb: 'HETCUT_MEMORY_GB',
  ffmpegPath: 'FFMPEG_PATH',
} as const;
type Handed = keyof typeof variables;

export interface SettingsStore {
  readonly current: ProgramSettings;
  /** The settings that a variable of the environment decides, and its name. */
  readonly fixed: Readonly<Partial<Record<Handed, string>>>;
  /**
   * Keeps new settings; processes that are started from now on have them. Errors: binary-unusable, disk-full,
   * home-unwritable.
   */
  change(next: ProgramSettings): Promise<void>;
}

/** The ffprobe beside an ffmpeg. */
const probeBeside = (ffmpeg: string): string => join(dirname(ffmpeg), `ffprobe${extname(ffmpeg)}`);

const toolsAt = (path: string): Environment => ({ FFMPEG_PATH: path, FFPROBE_PATH: probeBeside(path) });

async function whyUnusable(env: Environment, path: string): Promise<string | undefined> {
  const { problems } = await describeBinaries({ ...env, ...toolsAt(path) });
  return problems[0];
}

/**
 * The settings of a home, handed on in `env`. A file that cannot be read is set aside and named by `onNote`, as is an
 * ffmpeg that no longer works: the program starts without.
 */
export async function openProgramSettings(
  home: string,
  env: Environment,
  onNote: (text: string) => void,
): Promise<SettingsStore> {
  const path = join(home, 'settings.json');
  let current = await readSettings(path, onNote);
  const fixed = Object.fromEntries(
    Object.entries(variables).filter(([, variable]) => env[variable]),
  ) as SettingsStore['fixed'];

  function handOn(settings: ProgramSettings): void {
    const { device, memoryGb, ffmpegPath } = settings;
    const set = (name: Handed, values: Environment): void => {
      if (fixed[name] !== undefined) return;
      for (const [variable, value] of Object.entries(values)) {
        if (value === undefined) Reflect.deleteProperty(env, variable);
        else env[variable] = value;
      }
    };
    set('device', { HETCUT_DEVICE: device === 'auto' ? undefined : device });
    set('memoryGb', { HETCUT_MEMORY_GB: memoryGb === null ? undefined : String(memoryGb) });
    const tools =
      ffmpegPath === null ? { FFMPEG_PATH: undefined, FFPROBE_PATH: undefined } : toolsAt(ffmpegPath);
    set('ffmpegPath', tools);
  }

  if (current.ffmpegPath !== null && fixed.ffmpegPath === undefined) {
    const reason = await whyUnusable(env, current.ffmpegPath);
    if (reason !== undefined) {
      onNote(`The ffmpeg of the settings, ${current.ffmpegPath}, is not used: ${reason}`);
      current = { ...current, ffmpegPath: null };
    }
  }
  handOn(current);
  return {
    get current() {
      return current;
    },
    fixed,
    async change(next) {
      if (next.ffmpegPath !== null && next.ffmpegPath !== current.ffmpegPath) {
        const reason = await whyUnusable(env, next.ffmpegPath);
        if (reason !== undefined) {
          throw usageError(
            'binary-unusable',
            `${next.ffmpegPath} cannot be used: ${reason}`,
            'Choose an ffmpeg that has its ffprobe beside it, or use the one that HetCut finds.',
          );
        }
      }
      await writeHomeFile(path, `${JSON.stringify(next, null, 2)}\n`);
      current = next;
      handOn(next);
    },
  };
}

async function readSettings(path: string, onNote: (text: string) => void): Promise<ProgramSettings> {
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  if (text === undefined) return usualSettings;
  try {
    // What an older version did not know is as usual, what a newer one added is left out.
    const known = programSettingsSchema.partial().strip().parse(JSON.parse(text));
    return { ...usualSettings, ...known } as ProgramSettings;
  } catch {
    const aside = `${path}.damaged`;
    await rename(path, aside);
    onNote(`The settings could not be read. They were set aside as ${aside}; the usual ones hold.`);
    return usualSettings;
  }
}
