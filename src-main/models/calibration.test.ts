import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { calibrateSchedule, type ModelCalibration } from '../../src-shared/core/caches/index.ts';
import { calibrationPath, calibrationText, readCalibration } from './calibration.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hetcut-calibration-'));
});
afterAll(() => rm(folder, { recursive: true }));

const conditions = {
  timesteps: Float32Array.of(999, 600, 300),
  sigmas: Float32Array.of(1, 0.6, 0.3, 0),
  guidanceScale: 5,
};
const gram = [
  [1, 0.5, 0.2],
  [0.5, 1, 0.4],
  [0.2, 0.4, 1],
];
const calibration: ModelCalibration = {
  magnitudeRatios: [1, 0.9],
  schedules: [calibrateSchedule(conditions, [gram], [1, 1, 1])],
};
const read = async (text: string) => {
  await writeFile(calibrationPath(folder), text);
  return readCalibration(folder, 'this model');
};

describe('a calibration file', () => {
  it('comes back as it was written', async () => {
    expect(await read(calibrationText('this model', calibration))).toEqual({ calibration });
    expect(await readCalibration(join(folder, 'none'), 'this model')).toEqual({ calibration: {} });
  });

  it('of version 1 is still read', async () => {
    const old = { version: 1, calibration: { magnitudeRatios: [1, 0.5] } };
    expect(await read(JSON.stringify(old))).toEqual({ calibration: old.calibration });
  });

  it.each([
    ['of another model', () => calibrationText('that model', calibration), 'other-model'],
    ['by a newer program', () => '{"version": 3, "more": []}', 'newer'],
    ['cut short', () => calibrationText('this model', calibration).slice(0, 200), 'damaged'],
    ['of no known kind', () => '{"version": 2}', 'damaged'],
    [
      'whose parts are of different numbers of steps',
      () =>
        calibrationText('this model', calibration).replace('"sensitivity":[1,1,1]', '"sensitivity":[1,1]'),
      'damaged',
    ],
    [
      'with a schedule that does not begin with a call',
      () => calibrationText('this model', calibration).replace('"FFF"', '"rFF"'),
      'damaged',
    ],
  ])('%s is not used, and says why', async (_, text, problem) => {
    expect(await read(text())).toEqual({ calibration: {}, problem });
  });
});
