import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { ModelCalibration } from '../../src-shared/core/caches/index.ts';
import type { CalibrationProblem } from '../engine/network/model-folder.ts';
import { calibrationSchema } from './settings.ts';

const version = 3;

/**
 * `model`: fingerprint of the model that was measured; version 1 did not say. Version 2 has no schedules with partial
 * steps.
 */
const fileSchema = z.union([
  z.strictObject({ version: z.literal(1), calibration: calibrationSchema }),
  z.strictObject({ version: z.literal([2, version]), model: z.string(), calibration: calibrationSchema }),
]);
const newerSchema = z.object({ version: z.int().gt(version) });

/** In a model's folder, next to its manifest: what this machine measured of it. */
export function calibrationPath(modelFolder: string): string {
  return join(modelFolder, 'calibration.json');
}

/** What a calibration file holds, and why it is not used where it cannot be. */
export interface ReadCalibration {
  readonly calibration: ModelCalibration;
  readonly problem?: CalibrationProblem;
}

/**
 * What `calibrationText` wrote for the model of this fingerprint. A file that cannot be used is none: it can be measured
 * again, and `problem` says so.
 */
export async function readCalibration(modelFolder: string, fingerprint: string): Promise<ReadCalibration> {
  const text = await readFile(calibrationPath(modelFolder), 'utf8').catch(() => undefined);
  if (text === undefined) return { calibration: {} };
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch {
    return { calibration: {}, problem: 'damaged' };
  }
  if (newerSchema.safeParse(content).success) return { calibration: {}, problem: 'newer' };
  const file = fileSchema.safeParse(content);
  if (!file.success) return { calibration: {}, problem: 'damaged' };
  if ('model' in file.data && file.data.model !== fingerprint) {
    return { calibration: {}, problem: 'other-model' };
  }
  return { calibration: file.data.calibration };
}

/** The file's contents. */
export function calibrationText(model: string, calibration: ModelCalibration): string {
  return `${JSON.stringify({ version, model, calibration })}\n`;
}
