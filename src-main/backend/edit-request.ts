import { createHash } from 'node:crypto';
import { mkdir, readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { canonicalJson } from '../../src-shared/core/json/index.ts';
import { parseProjectMask, plainShapes } from '../../src-shared/project/mask/index.ts';
import type { EditMask, EditSettings, FrameRange } from '../../src-shared/project/index.ts';
import type { EditRequest } from '../engine/edit-job.ts';
import type { ClipInfo } from '../engine/frames.ts';
import { resolveOptions } from '../engine/resolve-options.ts';
import { writeHomeFile } from '../jobs/atomic-write.ts';

/** Masks of estimates that are kept; those of jobs in the queue are kept in any case. */
const keptMasks = 64;

/** An edit as the window asks for it. */
export interface EditInput {
  readonly clipPath: string;
  readonly mask: EditMask;
  readonly settings: EditSettings;
  readonly range?: FrameRange | undefined;
}

/** Names an edit: a result of another fingerprint was made by one that has changed since. */
export function editFingerprint({ mask, settings, range }: Omit<EditInput, 'clipPath'>): string {
  return createHash('sha256')
    .update(
      canonicalJson({
        mask: { ...mask, shapes: plainShapes(mask.shapes) },
        settings,
        ...(range === undefined ? {} : { range }),
      }),
    )
    .digest('hex');
}

/** What the window asks for, as the engine understands it. Throws `cache-method` or `cache-option`. */
export function editRequest(
  clipPath: string,
  maskPath: string,
  { settings, range }: Pick<EditInput, 'settings' | 'range'>,
): EditRequest {
  return {
    ...resolveOptions(settings),
    clipPath,
    maskPath,
    ...(range === undefined ? {} : { range }),
    encode: { quality: 'lossless' },
  };
}

/** An edit's mask as a document of its own (docs/mask-format.md). */
export function maskDocument({ shapes, grow, box, invert }: EditMask, clip: ClipInfo): object {
  return {
    format: 'hetcut-mask',
    version: 1,
    width: clip.width,
    height: clip.height,
    frames: clip.ptsSec.length,
    ...(grow === 0 ? {} : { grow }),
    ...(box === true ? { box } : {}),
    ...(invert ? { invert } : {}),
    shapes: plainShapes(shapes),
  };
}

/**
 * Masks as files (docs/mask-format.md) `masks/<hash>.json` of a home. One mask is one file that is never written
 * again, so that whatever goes by the file's time (scans, plates, checkpoints) finds what it knows of it.
 */
export class MaskFiles {
  readonly #folder: string;
  /** Paths of the masks that jobs need. */
  readonly #inUse: () => readonly string[];

  constructor(home: string, inUse: () => readonly string[]) {
    this.#folder = join(home, 'masks');
    this.#inUse = inUse;
  }

  /** The path of the mask's file for this clip. Throws `mask-project`, disk-full, home-unwritable. */
  async pathOf(mask: EditMask, clip: ClipInfo): Promise<string> {
    const document = maskDocument(mask, clip);
    parseProjectMask(document, 'The mask');
    const text = canonicalJson(document);
    const name = `${createHash('sha256').update(text).digest('hex').slice(0, 32)}.json`;
    const path = join(this.#folder, name);
    const isThere = await stat(path).then(
      () => true,
      () => false,
    );
    if (!isThere) {
      await mkdir(this.#folder, { recursive: true });
      await writeHomeFile(path, text);
      await this.#removeOld(path);
    }
    return path;
  }

  async #removeOld(newest: string): Promise<void> {
    const inUse = new Set([newest, ...this.#inUse()]);
    const names = (await readdir(this.#folder)).filter((name) => name.endsWith('.json'));
    const files = await Promise.all(
      names.map(async (name) => {
        const path = join(this.#folder, name);
        return {
          path,
          mtimeMs: await stat(path).then(
            (entry) => entry.mtimeMs,
            () => 0,
          ),
        };
      }),
    );
    files.sort((a, b) => b.mtimeMs - a.mtimeMs);
    for (const { path } of files.slice(keptMasks)) if (!inUse.has(path)) await rm(path, { force: true });
  }
}
