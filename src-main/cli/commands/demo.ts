import { mkdir } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Command } from 'commander';
import { defaultPreset, presetMethod } from '../../../src-shared/core/presets/index.ts';
import type { EditJob, EditResult } from '../../engine/edit-job.ts';
import { runMessageLoop } from '../../host/message-loop.ts';
import { modelOf } from '../../../src-shared/project/index.ts';
import type { CliContext } from '../context.ts';
import { everyPreset, runWords, wordsTable, type WordsRuns } from '../demo-words.ts';
import { filledText } from './edit.ts';

const assets = fileURLToPath(new URL('../../../assets/demo', import.meta.url));

/** The bundled clips, in the order they are shown. */
const demoClips = {
  campus: {
    clip: 'campus.mp4',
    mask: 'campus-mask.mkv',
    truth: 'campus-plate.png',
    what: 'people cross a courtyard',
  },
  bunny: { clip: 'bunny.mp4', mask: 'bunny-mask.json', truth: undefined, what: 'a cartoon, with its sound' },
} as const;

type DemoName = keyof typeof demoClips;

/**
 * What is put there by a word, once the people and the stone are gone, and with which presets. The seed is the one of six that
 * looks best, as an editor would choose.
 */
const wordEdits = {
  campus: { prompt: 'a red ball', mask: 'campus-words.json', frame: 12, presets: 'all', seed: 2 },
  bunny: { prompt: 'a blue box', mask: 'bunny-mask.json', frame: 25, presets: 'default', seed: 1 },
} as const satisfies Record<DemoName, object>;

function demoJob(name: DemoName, folder: string): EditJob {
  const { clip, mask, truth } = demoClips[name];
  return {
    kind: 'remove',
    clipPath: join(assets, clip),
    maskPath: join(assets, mask),
    outputPath: join(folder, `${name}-removed.mp4`),
    sheetPath: join(folder, `${name}-before-mask-after.png`),
    ...(truth === undefined ? {} : { truthPath: join(assets, truth) }),
    modelId: 'starter',
    prompt: '',
    negativePrompt: '',
    preset: defaultPreset,
    method: presetMethod(defaultPreset),
    seed: 0,
    plate: { kind: 'auto' },
    fill: 'auto',
    encode: { quality: 'visually-lossless' },
    fresh: true,
  };
}

/** An edit by words on what the removal has left: background that is there already. */
function wordsJob(name: DemoName, removed: EditJob): EditJob {
  const { truthPath: _, ...job } = removed;
  const { prompt, mask, seed } = wordEdits[name];
  const file = (ending: string): string =>
    join(dirname(job.outputPath), `${name}-${prompt.replaceAll(' ', '-')}${ending}`);
  return {
    ...job,
    kind: 'edit',
    modelId: modelOf({ kind: 'edit', modelId: job.modelId }),
    clipPath: removed.outputPath,
    maskPath: join(assets, mask),
    outputPath: file('.mp4'),
    sheetPath: file('.png'),
    prompt,
    seed,
    plate: { kind: 'off' },
  };
}

function wordsText(name: DemoName, runs: WordsRuns): string {
  const { result } = runs[defaultPreset];
  const { prompt } = wordEdits[name];
  return [
    `${name}: “${prompt}” in the place of what is gone, generated once by the ${result.model} model and standing in the scene`,
    wordsTable(runs),
    `  video:  ${result.output}`,
    `  sheet:  ${result.sheet}`,
  ].join('\n');
}

/** Stage times as a small table. */
function stageTable(seconds: EditResult['seconds']): string {
  const { total, ...stages } = seconds;
  const rows = Object.entries({ ...stages, total });
  return rows.map(([stage, value]) => `  ${stage.padEnd(8)}${value.toFixed(1).padStart(7)} s`).join('\n');
}

function demoText(name: DemoName, result: EditResult): string {
  const { calls, quality } = result;
  const lines = [
    `${name}: ${demoClips[name].what} (${result.frames} frames, ${result.width}×${result.height})`,
    stageTable(result.seconds),
    `  ${filledText(result)}`,
  ];
  if (result.windows > 0) {
    lines.push(
      `  ${result.windows} windows × ${result.steps} steps: ${calls.full} full, ${calls.partial} partial, ${calls.reuse} reused: the network` +
        ` worked ${(1 / (1 - result.flopsSaved)).toFixed(2)} times less than without caching`,
    );
  }
  if (quality.maskPsnr !== null)
    lines.push(`  inside the mask, against the empty scene: ${quality.maskPsnr.toFixed(1)} dB`);
  lines.push(`  outside the mask: largest difference ${quality.outsideMaxDiff}`);
  lines.push(`  video:  ${result.output}`, `  sheet:  ${result.sheet}`);
  return lines.join('\n');
}

export function registerDemo(program: Command, context: CliContext): void {
  program
    .command('demo')
    .description(
      'Takes people and a stone out of bundled clips, puts things there by words, and shows what it took and saved.',
    )
    .option('--out <folder>', 'where the results go', join(dirname(dirname(assets)), 'out', 'demo'))
    .action(async (flags: { out: string }) => {
      const folder = resolve(flags.out);
      await mkdir(folder, { recursive: true });
      const results: Record<string, EditResult> = {};
      const words: Record<string, WordsRuns> = {};
      const texts: string[] = [];
      for (const name of Object.keys(demoClips) as DemoName[]) {
        context.note(`${name} …`);
        const job = demoJob(name, folder);
        const result = await runMessageLoop(context.startHost, job, context.home, {
          signal: context.signal,
          onProgress: context.onProgress,
          onNote: context.note,
        });
        results[name] = result;
        texts.push(demoText(name, result));
        const { frame, presets } = wordEdits[name];
        const of = presets === 'all' ? everyPreset(job) : [job.preset];
        words[name] = await runWords(wordsJob(name, job), { frame, of }, context);
        texts.push(wordsText(name, words[name]));
      }
      context.answer({ ...results, words }, texts.join('\n\n'));
    });
}
