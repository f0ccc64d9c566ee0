/**
 * Damages clips and pictures of many formats, and opens them as the program does: no crash, no hang over 10 s, no process or
 * file left, no memory beyond what a picture takes. Ends with 1 where anything else happens.
 *   node --import tsx e2e/fuzz-media.ts [--files 550] [--seed 1] [--only h264,…] [--tools system|npm]
 * Linux only: processes are found in /proc.
 */
import { parseArgs } from 'node:util';
import { kinds, tryMedia } from './fuzz/media.ts';

const { values } = parseArgs({
  options: {
    files: { type: 'string', default: '550' },
    seed: { type: 'string', default: '1' },
    only: { type: 'string' },
    tools: { type: 'string', default: 'system' },
  },
});
const only = values.only?.split(',');
const count = only?.length ?? kinds.length;
const own = { ...process.env, FFMPEG_PATH: '', FFPROBE_PATH: '' };
const env = values.tools === 'npm' ? { ...own, PATH: '' } : own;

process.stdout.write(
  `seed ${values.seed}, ${values.tools}'s ffmpeg\n| files | tried | slowest, s | ffmpeg's memory, MB | wrong |\n| --- | --- | --- | --- | --- |\n`,
);
const options = { perKind: Math.ceil(Number(values.files) / count), seed: Number(values.seed), only };
const rows = await tryMedia(env, options, ({ name, files, slowestMs, toolBytes, problems }) => {
  const figures = [
    name,
    files,
    (slowestMs / 1000).toFixed(1),
    Math.round(toolBytes / 2 ** 20),
    problems.length,
  ];
  process.stdout.write(`| ${figures.join(' | ')} |\n${problems.map((text) => `${text}\n`).join('')}`);
});
process.stdout.write(`${rows.reduce((sum, { files }) => sum + files, 0)} files in all\n`);
process.exitCode = rows.some(({ problems }) => problems.length > 0) ? 1 : 0;
