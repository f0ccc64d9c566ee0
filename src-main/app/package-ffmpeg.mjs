/**
 * Which ffmpeg and ffprobe a package carries: those of a folder that is named, else the system's, where they are whole by
 * themselves and current; the ones of npm packages, of 2018, are the last resort.
 */
import { spawnSync } from 'node:child_process';
import { chmodSync, copyFileSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';

const tools = ['ffmpeg', 'ffprobe'];
/** libavutil 57 came with ffmpeg 5.0: as `src-main/media/binaries.ts` has it. */
const oldestAvutil = 57;
const neededEncoders = ['libx264', 'libx265', 'prores_ks', 'ffv1', 'png'];
/** What every glibc system has under the same name. */
const everywhere =
  /^\s*(?:linux-(?:vdso|gate)|ld-linux|\/lib\S*\/ld-linux|lib(?:c|m|dl|rt|pthread|util)\.so)/;

function ask(path, ...args) {
  const {
    stdout = '',
    stderr = '',
    status,
    error,
  } = spawnSync(path, args, { encoding: 'utf8', timeout: 20_000 });
  if (error !== undefined || status !== 0)
    throw new Error(`it does not run (${error?.message ?? `code ${status}`})`);
  return `${stderr}\n${stdout}`;
}

/** Libraries that a program needs and another machine may not have. */
function foreignLibraries(path, platform) {
  const [command, ...args] = platform === 'darwin' ? ['otool', '-L', path] : ['ldd', path];
  if (platform === 'win32') return [];
  const { stdout = '', status } = spawnSync(command, args, { encoding: 'utf8' });
  // ldd fails for what is no dynamic executable.
  if (status !== 0) return [];
  const names = stdout
    .split('\n')
    .map((line) => line.trim())
    .filter(Boolean);
  return platform === 'darwin'
    ? names.slice(1).filter((line) => !/^\/(?:usr\/lib|System)\//.test(line))
    : names.filter((line) => !everywhere.test(line) && line !== 'statically linked');
}

/**
 * What is to be known of a binary before it is given to others.
 * @returns {{ version: string, licence: string, configuration: string }} throws with the reason where it cannot be
 */
export function inspectForPackage(tool, path, platform = process.platform) {
  const said = ask(path, '-version');
  const version = new RegExp(`^${tool} version (\\S+)`, 'm').exec(said)?.[1];
  const avutil = Number(/^\s*libavutil\s+(\d+)\./m.exec(said)?.[1]);
  if (version === undefined || Number.isNaN(avutil)) throw new Error(`it is not ${tool}`);
  if (avutil < oldestAvutil) throw new Error(`version ${version} is older than 5.0`);
  const configuration = /^\s*configuration: (.*)$/m.exec(said)?.[1] ?? '';
  if (configuration.includes('--enable-nonfree'))
    throw new Error('it was built --enable-nonfree and may not be given to others');
  const foreign = foreignLibraries(path, platform);
  if (foreign.length > 0) {
    throw new Error(`it needs ${foreign.length} libraries of this machine; a static build runs everywhere`);
  }
  if (tool === 'ffmpeg') {
    const names = new Set(
      ask(path, '-encoders')
        .split('\n')
        .map((line) => line.trim().split(/\s+/)[1]),
    );
    const missing = neededEncoders.filter((name) => !names.has(name));
    if (missing.length > 0) throw new Error(`it lacks the encoders ${missing.join(', ')}`);
  }
  const gpl = configuration.includes('--enable-gpl');
  const third = configuration.includes('--enable-version3');
  return {
    version,
    configuration,
    licence: `${gpl ? 'GPL' : 'LGPL'}-${third ? '3.0' : gpl ? '2.0' : '2.1'}-or-later`,
  };
}

const nameOf = (tool, platform) => (platform === 'win32' ? `${tool}.exe` : tool);

/** Puts both into `target`, with what they are and under which licence. */
function stage(folder, target, platform) {
  const found = tools.map((tool) => {
    const path = join(folder, nameOf(tool, platform));
    return { tool, path, ...inspectForPackage(tool, path, platform) };
  });
  rmSync(target, { recursive: true, force: true });
  mkdirSync(target, { recursive: true });
  for (const { tool, path } of found) {
    const copy = join(target, nameOf(tool, platform));
    copyFileSync(path, copy);
    chmodSync(copy, 0o755);
  }
  const lines = found.map(
    ({ tool, version, licence, configuration }) => `${tool} ${version}, ${licence}\n  ${configuration}\n`,
  );
  writeFileSync(
    join(target, 'LICENCE.txt'),
    `Run as programs of their own; sources: https://ffmpeg.org/download.html\n\n${lines.join('\n')}`,
  );
  return found[0].version;
}

/**
 * Stages what a package carries in `target`; without any, `target` is not there.
 * @param {{ folder?: string, target: string, env?: NodeJS.ProcessEnv, platform?: string }} options `folder` was named:
 *   what is wrong with it is an error
 * @returns {string} what was taken, and why
 */
export function stageFfmpeg({ folder, target, env = process.env, platform = process.platform }) {
  if (folder !== undefined) {
    try {
      return `ffmpeg ${stage(folder, target, platform)} of ${folder}`;
    } catch (error) {
      throw new Error(`--ffmpeg ${folder}: ${error.message}`, { cause: error });
    }
  }
  const reasons = [];
  for (const place of (env.PATH ?? '').split(delimiter).filter(Boolean)) {
    try {
      return `ffmpeg ${stage(place, target, platform)} of ${place}`;
    } catch (error) {
      if (!/ENOENT/.test(error.message)) reasons.push(`${place}: ${error.message}`);
    }
  }
  rmSync(target, { recursive: true, force: true });
  const why = reasons.length === 0 ? 'this system has none' : reasons.join('; ');
  return `the ffmpeg of 2018 from npm (${why}): name a current static build with --ffmpeg FOLDER`;
}
