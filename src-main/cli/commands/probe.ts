import type { Command } from 'commander';
import type { ClipInfo } from '../../engine/frames.ts';
import { createMedia } from '../../media/index.ts';
import type { CliContext } from '../context.ts';

function probeText(clip: ClipInfo, damaged: readonly number[] | undefined): string {
  const { colour, pixelFormat } = clip;
  const source = clip.sourcePixelFormat === pixelFormat.name ? '' : ` (from ${clip.sourcePixelFormat})`;
  const lines = [
    clip.path,
    `${clip.container}, ${clip.codec}, ${clip.width}×${clip.height}, turned by ${clip.rotation}°, pixels ${clip.sampleAspectRatio}`,
    `${clip.ptsSec.length} frames, ${clip.frameRate} a second${clip.variableFrameRate ? ' on average, at varying times' : ''}, ${clip.durationSec.toFixed(3)} s`,
    `${pixelFormat.name}${source}, ${colour.matrix}, ${colour.range} range${colour.assumed ? ' (the file does not say)' : ''}`,
    ...(clip.timecode === undefined ? [] : [`timecode: from ${clip.timecode.start}`]),
    ...clip.audio.map(
      ({ codec, channels, sampleRate, startSec }) =>
        `sound: ${codec}, ${channels} channels, ${sampleRate} Hz, from ${startSec.toFixed(3)} s`,
    ),
    ...clip.warnings.map((warning) => `note: ${warning}`),
  ];
  if (clip.audio.length === 0) lines.push('no sound');
  if (damaged !== undefined)
    lines.push(`damaged frames: ${damaged.length === 0 ? 'none' : damaged.join(', ')}`);
  return lines.join('\n');
}

export function registerProbe(program: Command, context: CliContext): void {
  program
    .command('probe')
    .description('Shows what the decoder sees: size, rotation, frame times, colour, sound.')
    .argument('<clip>', 'the video')
    .option('--damage', 'also decode everything and list the frames whose data is damaged')
    .action(async (path: string, { damage }: { damage?: true }) => {
      const media = await createMedia();
      const clip = await media.probe(path, context.signal);
      const damaged = damage ? await media.findDamage(path, context.signal) : undefined;
      context.answer(
        {
          ...clip,
          frames: clip.ptsSec.length,
          ptsSec: [...clip.ptsSec],
          ...(damaged === undefined ? {} : { damagedFrames: damaged }),
        },
        probeText(clip, damaged),
      );
    });
}
