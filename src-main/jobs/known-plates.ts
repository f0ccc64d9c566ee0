import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { deserialize, serialize } from 'node:v8';
import { gunzipSync, gzipSync } from 'node:zlib';
import type { MaskCoverage } from '../../src-shared/core/estimate/index.ts';
import { fileStamp } from './file-stamp.ts';
import { writeHomeFile } from './whole-file.ts';

/** Raise when the plate stage comes to leave something else open, or the format changes. */
const plateVersion = 1;
/** Clips whose plate is remembered: the newest. Some kilobytes each. */
const mostPlates = 64;

/**
 * What earlier jobs found that other frames show of a clip's holes, so that the next estimate need not guess. Valid
 * for one clip and one mask, neither changed since.
 */
export interface KnownPlates {
  recall(clipPath: string, maskPath: string): Promise<MaskCoverage | undefined>;
  remember(clipPath: string, maskPath: string, open: MaskCoverage): Promise<void>;
}

export function openKnownPlates(home: string): KnownPlates {
  const folder = join(home, 'plates');
  const pathOf = async (clipPath: string, maskPath: string): Promise<string> => {
    const stamps = await Promise.all([clipPath, maskPath].map(fileStamp));
    const text = JSON.stringify([plateVersion, process.versions.v8, stamps]);
    return join(folder, `${createHash('sha256').update(text).digest('hex').slice(0, 24)}.open`);
  };
  return {
    async recall(clipPath, maskPath) {
      const bytes = await readFile(await pathOf(clipPath, maskPath)).catch(() => undefined);
      if (bytes === undefined) return undefined;
      try {
        return deserialize(gunzipSync(bytes)) as MaskCoverage;
      } catch {
        // It only sharpens an estimate: damaged is as good as not there.
        return undefined;
      }
    },
    async remember(clipPath, maskPath, open) {
      await mkdir(folder, { recursive: true });
      await writeHomeFile(await pathOf(clipPath, maskPath), gzipSync(serialize(open)));
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
