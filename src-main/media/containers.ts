import { extname } from 'node:path';
import { usageError } from '../../src-shared/core/errors/index.ts';
import { exportFormats, type ExportFormat } from '../../src-shared/core/export/index.ts';
import type { AudioInfo, ClipInfo, EncodeSettings } from '../engine/frames.ts';

/** A file kind that can be exported to. */
export interface Container {
  /** ffmpeg's muxer. */
  readonly format: 'mp4' | 'mov' | 'matroska';
  readonly label: string;
  /** Whether sound of this codec can be kept as it is, in a way that players know. */
  readonly holds: (audioCodec: string) => boolean;
}

/** PCM of 24 bits: whatever a lossy codec is decoded to, and every usual lossless one, goes into it. */
const pcmCodec = 'pcm_s24le';

/** The codec of a track as it is written. */
export const writtenCodec = ({ codec }: AudioInfo, sound?: EncodeSettings['sound']): string =>
  sound === undefined || codec.startsWith('pcm_') ? codec : pcmCodec;

const isoCodecs = new Set(['aac', 'mp3', 'mp2', 'ac3', 'eac3', 'alac', 'dts']);
const mp4: Container = {
  format: 'mp4',
  label: 'MP4',
  holds: (codec) => isoCodecs.has(codec) || codec === 'opus' || codec === 'flac',
};
const mov: Container = {
  format: 'mov',
  label: 'MOV',
  holds: (codec) => isoCodecs.has(codec) || codec.startsWith('pcm_') || codec.startsWith('adpcm_ima'),
};
const mkv: Container = { format: 'matroska', label: 'MKV', holds: () => true };

const byExtension: Readonly<Record<string, Container>> = {
  '.mp4': mp4,
  '.m4v': mp4,
  '.mov': mov,
  '.mkv': mkv,
};

/** The container that the output's name asks for; one that holds `format`, where that is given. */
export function containerOf(path: string, format?: ExportFormat): Container {
  const ending = extname(path).toLowerCase();
  const found = byExtension[ending];
  if (format !== undefined && !exportFormats[format].endings.includes(ending)) {
    throw usageError(
      'output-format',
      `The output ${path} has an ending that does not fit what is to be written.`,
      `Let its name end in ${exportFormats[format].endings.join(' or ')}.`,
    );
  }
  if (found === undefined) {
    throw usageError(
      'output-format',
      `The output ${path} is of no kind that can be written.`,
      `Let its name end in one of ${Object.keys(byExtension).join(', ')}.`,
    );
  }
  return found;
}

/**
 * The ending of a file of `format` that can hold the clip's sound, the usual one first; empty for a folder of pictures.
 * Throws `sound-not-copyable` where none does.
 */
export function endingFor(format: ExportFormat, clip: ClipInfo, sound?: EncodeSettings['sound']): string {
  const { endings } = exportFormats[format];
  const [usual = ''] = endings;
  const holding = endings.find((ending) =>
    clip.audio.every((track) => byExtension[ending].holds(writtenCodec(track, sound))),
  );
  if (holding === undefined && usual !== '') checkSound(usual, clip, format, sound);
  return holding ?? usual;
}

/** Sound is copied or made PCM; where the container cannot hold that, the user chooses another one. */
export function checkSound(
  path: string,
  clip: ClipInfo,
  format?: ExportFormat,
  sound?: EncodeSettings['sound'],
): void {
  const container = containerOf(path, format);
  const codecOf = (track: AudioInfo): string => writtenCodec(track, sound);
  const refused = clip.audio.filter((track) => !container.holds(codecOf(track)));
  if (refused.length === 0) return;
  const codecs = [...new Set(refused.map(codecOf))].join(', ');
  const endings = format === undefined ? ['.mov', '.mkv'] : exportFormats[format].endings;
  const takers = endings.filter((ending) =>
    clip.audio.every((track) => byExtension[ending].holds(codecOf(track))),
  );
  const name = takers.length > 0 ? `Name the output ${takers.join(' or ')}` : 'Choose another format';
  throw usageError(
    'sound-not-copyable',
    sound === 'pcm'
      ? `${container.label} cannot hold sound as PCM (${codecs}).`
      : `The sound of ${clip.path} is ${codecs}, which ${container.label} cannot hold, and HetCut copies sound unchanged.`,
    takers.length > 0 ? `${name}.` : `${name}, or export without sound.`,
  );
}
