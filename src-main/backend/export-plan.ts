import { exportFormats } from '../../src-shared/core/export/index.ts';
import { realpath, stat, statfs } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { HetcutError, usageError } from '../../src-shared/core/errors/index.ts';
import type { CheckedInput, ExportPlan } from '../../src-shared/ipc/index.ts';
import type { EditMask, FrameRange } from '../../src-shared/project/index.ts';
import { mayCover, parseProjectMask, rasteriseMask } from '../../src-shared/project/mask/index.ts';
import { rangeOfClip } from '../engine/scan/clip-range.ts';
import type { ClipInfo, EncodeSettings } from '../engine/frames.ts';
import { layeredClip, type EditLayer, type WrittenFrames } from '../engine/export/layered-clip.ts';
import { matteClip, type MatteMask } from '../engine/export/matte-clip.ts';
import { patchClip, patchInfo, type PatchLayer } from '../engine/export/patch-clip.ts';
import { alphaWarning, endingFor, usualBytes, whyNotHardware, writtenCodec } from '../media/index.ts';
import type { BackendParts } from './backend-parts.ts';
import { listPathOf, patchList } from './edit-decision-list.ts';
import { maskDocument } from './edit-request.ts';
import { patchProject, projectPathOf } from './patch-project.ts';
import { requireOutside } from './path-rule.ts';

/** An export as it is asked for; without a place, for what is known before one is chosen. */
export type ExportRequest = CheckedInput<'export.check'>;

/** What of the backend an export works with. */
export type ExportParts = Pick<BackendParts, 'home' | 'paths' | 'media' | 'previews' | 'findHardware'> & {
  readonly mediaServer: Pick<BackendParts['mediaServer'], 'opened'>;
};

/** An export that has passed its checks. */
export interface PreparedExport {
  readonly plan: ExportPlan;
  /** What is going to be written, as far as it is known without opening the results. */
  readonly info: ClipInfo;
  readonly settings: EncodeSettings;
  /** The lists to lie beside a patch, by their paths; none where it is no patch. */
  readonly listsOf: (patchPath: string) => Readonly<Record<string, string>>;
  /** Opens the clip and the results. Throws `clip-changed`, and what opening them throws. */
  readonly open: (signal: AbortSignal) => Promise<WrittenFrames>;
}

/** Other than for an edit, one frame will do. */
function rangeOfExport(clip: ClipInfo, range: FrameRange | undefined): FrameRange {
  const count = clip.ptsSec.length;
  if (range === undefined) return { startFrame: 0, endFrame: count };
  if (range.endFrame <= count) return range;
  throw usageError(
    'range',
    `The range ends with frame ${range.endFrame - 1}, and the clip with frame ${count - 1}.`,
    'Set the out point again, or export the whole clip.',
  );
}

function maskAt(mask: EditMask, clip: ClipInfo): Pick<EditLayer, 'coversAt' | 'maskAt'> {
  const document = parseProjectMask(maskDocument(mask, clip), 'The mask');
  return {
    maskAt: (frame) => rasteriseMask(document, frame),
    coversAt: (frame) => mayCover(document, frame),
  };
}

/** A hardware encoder for these pictures, where one is asked for and there is one; else why not. */
async function hardwareFor(
  { findHardware }: ExportParts,
  { format, quality, encoder }: ExportRequest,
  info: ClipInfo,
): Promise<{ hardware?: NonNullable<EncodeSettings['hardware']>; note?: string }> {
  const codec = exportFormats[format].hardware;
  if (encoder === 'software' || codec === undefined) return {};
  const reason = whyNotHardware(info, { quality }, codec);
  if (reason !== undefined) return { note: `Encoded in software: ${reason}.` };
  const tried = (await findHardware()).filter(({ name, listed }) => listed && name.startsWith(codec));
  const found = tried.find(({ usable }) => usable);
  if (found !== undefined) return { hardware: found.name };
  const reasons = tried.map(({ name, reason = 'it does not work' }) => `${name} (${reason})`);
  return {
    note:
      reasons.length === 0
        ? 'Encoded in software: this ffmpeg was built without a hardware encoder for this format.'
        : `Encoded in software: no hardware encoder works here. Tried: ${reasons.join('; ')}.`,
  };
}

const isSameFile = async (one: string, other: string): Promise<boolean> =>
  one === other || (await realpath(one).catch(() => one)) === (await realpath(other).catch(() => other));

/** Throws where `path` is HetCut's own place, or a file that is open in it. */
async function checkNotOurs({ home, mediaServer }: ExportParts, path: string): Promise<void> {
  await requireOutside(home, path);
  for (const opened of mediaServer.opened()) {
    if (!(await isSameFile(path, opened))) continue;
    throw usageError(
      'output-is-open',
      `${path} is open in HetCut, as a clip or as the result of an edit.`,
      'Choose another name.',
    );
  }
}

/** Where an export goes to; undefined: it is not chosen yet. `ending`: of a name in a folder. */
async function pathOf(
  paths: BackendParts['paths'],
  { path, into }: Pick<ExportRequest, 'path' | 'into'>,
  ending: string,
): Promise<string | undefined> {
  if (path !== undefined) return paths.require(path);
  return into === undefined ? undefined : join(await paths.require(into.folder), `${into.name}${ending}`);
}

async function placeOf(path: string): Promise<Pick<ExportPlan, 'freeBytes' | 'replaces'>> {
  const { bavail, bsize } = await statfs(dirname(path));
  const there = await stat(path).catch(() => undefined);
  return { freeBytes: bavail * bsize, replaces: there?.isFile() === true };
}

/** What the editor should know of the clip; what is said of its transparency is wrong where it is kept. */
function notesOf(clip: ClipInfo, keepsAlpha: boolean): readonly string[] {
  if (!keepsAlpha || clip.alpha !== true) return clip.warnings;
  const others = clip.warnings.filter((warning) => warning !== alphaWarning(true));
  return ['The clip’s transparency is kept.', ...others];
}

/**
 * Checks all that can be known before the work. Errors (exit code 2): path-refused, range, export-quality,
 * export-alpha, nothing-to-export, output-in-home, output-is-open, sound-not-copyable, and as of `Media.checkExport`.
 */
export async function prepareExport(parts: ExportParts, asked: ExportRequest): Promise<PreparedExport> {
  const { paths, previews, media } = parts;
  const { what, layers, edge, format, quality } = asked;
  const clipPath = await paths.require(asked.clipPath);
  const clip = await previews.probe(clipPath);
  const range = rangeOfExport(clip, asked.range);
  const row = exportFormats[format];
  if (!row.qualities.includes(quality)) {
    throw usageError(
      'export-quality',
      `${format} cannot be written ${quality === 'lossless' ? 'without loss' : 'with a little loss'}.`,
      'Choose the other quality.',
    );
  }
  if (what === 'patch' && row.alpha !== true) {
    throw usageError(
      'export-alpha',
      `${format} cannot hold the transparency of a patch.`,
      'Choose ProRes 4444 or a PNG sequence.',
    );
  }
  const results = layers.flatMap(({ mask, feather, result }) =>
    result === undefined ? [] : [{ mask, feather, ...result }],
  );
  if (what !== 'matte' && results.length === 0) {
    throw usageError('nothing-to-export', 'No edit of this clip has a result yet.', 'Run an edit first.');
  }
  const withSound = asked.sound !== 'none' && row.endings.length > 0;
  const written = (info: ClipInfo): ClipInfo => (withSound ? info : { ...info, audio: [] });
  const masks = (): MatteMask[] =>
    layers.map(({ mask, feather }) => ({ ...maskAt(mask, clip), featherPx: feather }));
  const infos: Readonly<Record<typeof what, () => ClipInfo>> = {
    picture: () => written(rangeOfClip(clip, range)),
    matte: () => matteClip(clip, [], edge, range).info,
    patch: () => patchInfo(rangeOfClip(clip, range)),
  };
  const info = infos[what]();
  const keepsAlpha = what === 'picture' && row.alpha === true && clip.alpha === true;
  const { hardware, note } = await hardwareFor(parts, asked, info);
  const settings: EncodeSettings = {
    format,
    quality,
    ...(hardware === undefined ? {} : { hardware }),
    ...(asked.reencode === true ? { reencode: true } : {}),
    ...(what === 'matte' ? { grey: true } : {}),
    ...(what === 'patch' || keepsAlpha ? { alpha: true } : {}),
    ...(format === 'png' ? { firstNumber: range.startFrame } : {}),
    ...(withSound && asked.sound === 'pcm' ? { sound: 'pcm' } : {}),
  };
  const ending = endingFor(format, info, settings.sound);
  const path = await pathOf(paths, asked, ending);
  const bytes = usualBytes(info, settings);
  let place: Pick<ExportPlan, 'freeBytes' | 'replaces'> = { replaces: false };
  if (path !== undefined) {
    await checkNotOurs(parts, path);
    await media.checkExport(path, info, settings);
    place = await placeOf(path);
  }
  return {
    info,
    settings,
    listsOf(patchPath) {
      if (what !== 'patch') return {};
      const { markers = [] } = asked;
      return {
        [listPathOf(patchPath)]: patchList(info, range.startFrame, patchPath, markers),
        // Its times are whole frames, and its media are files.
        ...(!clip.variableFrameRate &&
          row.endings.length > 0 && {
            [projectPathOf(patchPath)]: patchProject(clip, info, range.startFrame, patchPath, markers),
          }),
      };
    },
    plan: {
      frames: info.ptsSec.length,
      ...(path === undefined ? {} : { path }),
      bytes,
      ...place,
      encoder: hardware ?? row.encoder,
      ending,
      sound: info.audio.map((track) => writtenCodec(track, settings.sound)),
      leavesSound: what === 'picture' && clip.audio.length > 0 && !withSound,
      notes: [
        ...(note === undefined ? [] : [note]),
        ...(what === 'matte' ? [] : notesOf(clip, keepsAlpha || what === 'patch')),
      ],
    },
    async open(signal) {
      if (what === 'matte') return matteClip(clip, masks(), edge, range);
      const source = await media.openClip(clipPath, signal, { alpha: keepsAlpha || what === 'patch' });
      const edits: PatchLayer[] = [];
      for (const { path: resultPath, mask, feather, range: held } of results) {
        const result = await media.openClip(await paths.require(resultPath), signal);
        const whole = { startFrame: 0, endFrame: clip.ptsSec.length };
        edits.push({ result, range: held ?? whole, ...maskAt(mask, clip), featherPx: feather });
      }
      if (what === 'patch') return patchClip(source, edits, range);
      const layered = layeredClip(source, edits, range);
      const { changed, ...frames } = layered;
      // Others have codecs whose pictures are not copied.
      return { ...frames, info: written(layered.info), ...(row.hardware !== undefined && { changed }) };
    },
  };
}

/** Whether an encoder of the hardware, not the disk or the editor, ended an export. */
export function isEncoderFailure(error: unknown, { hardware }: EncodeSettings): error is HetcutError {
  return (
    hardware !== undefined &&
    error instanceof HetcutError &&
    ['ffmpeg-failed', 'output-check', 'export-failed'].includes(error.code)
  );
}
