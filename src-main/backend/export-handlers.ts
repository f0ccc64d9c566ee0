import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { exportFormatNames, exportFormats } from '../../src-shared/core/export/index.ts';
import { usageError } from '../../src-shared/core/errors/index.ts';
import type { ExportChoices, ExportRow } from '../../src-shared/ipc/index.ts';
import type { Media } from '../engine/frames.ts';
import { pngFormat, type HardwareFinding } from '../media/index.ts';
import type { BackendParts, HandlersOf } from './backend-parts.ts';
import { writeFileAtomic } from '../jobs/atomic-write.ts';
import { isEncoderFailure, prepareExport, type PreparedExport } from './export-plan.ts';
import { writeFrames } from './write-frames.ts';

type Written = Omit<NonNullable<ExportRow['written']>, 'seconds'>;

function choices(found: readonly HardwareFinding[]): ExportChoices {
  const usable = found.filter((encoder) => encoder.usable);
  return {
    formats: exportFormatNames.map((id) => {
      const { endings, qualities, hardware: codec, alpha = false } = exportFormats[id];
      const hardware = codec === undefined ? undefined : usable.find(({ name }) => name.startsWith(codec));
      return {
        id,
        endings,
        qualities,
        sound: endings.length > 0,
        alpha,
        ...(hardware === undefined ? {} : { hardware: hardware.name }),
      };
    }),
  };
}

/** What is at `path`: probed, or counted where it is a folder of pictures. */
async function describe(
  media: Media,
  path: string,
  { info, settings }: PreparedExport,
  warnings: readonly string[],
  signal: AbortSignal,
): Promise<Omit<Written, 'copied' | 'encoded' | 'reason'>> {
  if (settings.format === 'png') {
    const names = await readdir(path);
    const sizes = await Promise.all(names.map(async (name) => (await stat(join(path, name))).size));
    return {
      codec: 'png',
      pixelFormat: pngFormat(info, settings),
      width: info.width,
      height: info.height,
      frames: names.length,
      durationSec: info.durationSec,
      sound: [],
      bytes: sizes.reduce((sum, size) => sum + size, 0),
      warnings,
    };
  }
  const found = await media.probe(path, signal);
  return {
    codec: found.codec,
    pixelFormat: found.sourcePixelFormat,
    width: found.width,
    height: found.height,
    frames: found.ptsSec.length,
    durationSec: found.durationSec,
    sound: found.audio.map((track) => track.codec),
    bytes: (await stat(path)).size,
    warnings,
  };
}

/** Writes the lists beside a patch. The patch stands without them: returns what an editor should know. */
async function writeLists({ listsOf }: PreparedExport, path: string): Promise<string[]> {
  const warnings: string[] = [];
  for (const [listPath, list] of Object.entries(listsOf(path))) {
    await writeFileAtomic(listPath, list).catch((error: Error) => {
      warnings.push(`${listPath} could not be written: ${error.message}.`);
    });
  }
  return warnings;
}

/** Writes an export that has passed its checks, and what lies beside it. Returns what is there then, probed. */
export async function writeExport(
  media: Media,
  prepared: PreparedExport,
  path: string,
  signal: AbortSignal,
  onFrame: (done: number) => void,
): Promise<Written> {
  const { settings } = prepared;
  try {
    const frames = await prepared.open(signal);
    const { warnings: said, ...counts } = await writeFrames(media, frames, settings, path, signal, onFrame);
    const warnings = [...said, ...(await writeLists(prepared, path))];
    return { ...(await describe(media, path, prepared, warnings, signal)), ...counts };
  } catch (error) {
    if (signal.aborted || !isEncoderFailure(error, settings)) throw error;
    // A driver may take the trial's pictures and refuse these.
    const { hardware, ...software } = settings;
    const frames = await prepared.open(signal);
    const { warnings, ...counts } = await writeFrames(media, frames, software, path, signal, onFrame);
    const fallback = `${hardware ?? ''} gave up (${error.message}); encoded in software instead.`;
    return { ...(await describe(media, path, prepared, [fallback, ...warnings], signal)), ...counts };
  }
}

export function exportHandlers(
  parts: BackendParts,
): HandlersOf<'export.formats' | 'export.check' | 'export.start' | 'export.cancel' | 'export.list'> {
  const { media, exports, findHardware, paths } = parts;
  return {
    'export.formats': async () => choices(await findHardware()),
    'export.check': async (input) => (await prepareExport(parts, input)).plan,
    async 'export.start'(input) {
      const prepared = await prepareExport(parts, input);
      const { path } = prepared.plan;
      if (path === undefined) {
        throw usageError('export-place', 'No place was chosen for the export.', 'Choose a file or a folder.');
      }
      // A file in a folder that was chosen: it may be shown.
      paths.allow(path);
      return exports.start({
        path,
        frames: prepared.plan.frames,
        write: (signal, onFrame) => writeExport(media, prepared, path, signal, onFrame),
      });
    },
    async 'export.cancel'({ exportId }) {
      await exports.cancel(exportId);
      return null;
    },
    'export.list': async () => exports.rows(),
  };
}
