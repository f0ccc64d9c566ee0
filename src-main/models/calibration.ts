import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { ModelCalibration } from '../../src-shared/core/caches/index.ts';
import { calibrationSchema } from './settings.ts';

const fileSchema = z.object({ version: z.literal(1), calibration: calibrationSchema });

/** In a model's folder, next to its manifest: what this machine measured of it. */
export function calibrationPath(modelFolder: string): string {
  return join(modelFolder, 'calibration.json');
}

/** What `calibrationText` wrote; undefined where there is none, or it is damaged: it can be measured again. */
export async function readCalibration(modelFolder: string): Promise<ModelCalibration | undefined> {
  const text = await readFile(calibrationPath(modelFolder), 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  try {
    return fileSchema.parse(JSON.parse(text)).calibration;
  } catch {
    return undefined;
  }
}

/** The file's contents. */
export function calibrationText(calibration: ModelCalibration): string {
  return `${JSON.stringify({ version: 1, calibration }, null, 2)}\n`;
}
