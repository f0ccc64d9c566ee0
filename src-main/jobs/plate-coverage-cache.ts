import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { deserialize, serialize } from 'node:v8';
import { gunzipSync, gzipSync } from 'node:zlib';
import type { MaskCoverage } from '../../src-shared/core/estimate/index.ts';
import type { FrameRange } from '../engine/edit-job.ts';
import { fileStamp } from './file-stamp.ts';
import { writeHomeFile } from './atomic-write.ts';

/** Raise when the plate stage comes to leave something else open, or the format changes. */
const plateVersion = 1;
/** Clips whose plate is remembered: the newest. Some kilobytes each. */
const mostPlates = 64;

/** What a plate was made of; a job is one. */
export interface PlatePlace {
  readonly clipPath: string;
  readonly maskPath: string;
  readonly range?: FrameRange;
}

/**
 * What earlier jobs found that other frames show of a clip's holes, so that the next estimate need not guess. Valid
 * for one clip and one mask, neither changed since, and one range: another range has other donors.
 */
export interface PlateCoverageCache {
  recall(place: PlatePlace): Promise<MaskCoverage | undefined>;
  remember(place: PlatePlace, open: MaskCoverage): Promise<void>;
}

export function openPlateCoverageCache(home: string): PlateCoverageCache {
  const folder = join(home, 'plates');
  const pathOf = async ({ clipPath, maskPath, range }: PlatePlace): Promise<string> => {
    const stamps = await Promise.all([clipPath, maskPath].map(fileStamp));
    const text = JSON.stringify([
      plateVersion,
      process.versions.v8,
      stamps,
      range?.startFrame,
      range?.endFrame,
    ]);
    return join(folder, `${createHash('sha256').update(text).digest('hex').slice(0, 24)}.open`);
  };
  return {
    async recall(place) {
      const bytes = await readFile(await pathOf(place)).catch(() => undefined);
      if (bytes === undefined) return undefined;
      try {
        return deserialize(gunzipSync(bytes)) as MaskCoverage;
      } catch {
        // It only sharpens an estimate: damaged is as good as not there.
        return undefined;
      }
    },
    async remember(place, open) {
      await mkdir(folder, { recursive: true });
      await writeHomeFile(await pathOf(place), gzipSync(serialize(open)));
      const entries = await Promise.all(
        (await readdir(folder)).map(async (name) => {
          const path = join(folder, name);
          return { path, mtimeMs: (await stat(path)).mtimeMs };
        }),
      );
      entries.sort((a, b) => b.mtimeMs - a.mtimeMs);
      for (const { path } of entries.slice(mostPlates)) await rm(path, { force: true });
    },
  };
}
