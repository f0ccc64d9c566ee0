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
  timesteps: Float32Array.of(999, 800, 600, 300, 200, 100),
  sigmas: Float32Array.of(1, 0.8, 0.6, 0.3, 0.2, 0.1, 0),
  guidanceScale: 5,
};
const gram = [0, 1, 2, 3, 4, 5].map((i) => [0, 1, 2, 3, 4, 5].map((j) => Math.cos(i - j)));
const probes = [
  { after: 1, age: 1, error: 0.01 },
  { after: 1, age: 2, error: 0.02 },
];
const calibration: ModelCalibration = {
  magnitudeRatios: [1, 0.9],
  schedules: [calibrateSchedule(conditions, [gram], new Array<number>(6).fill(1), probes)],
};
const read = async (text: string) => {
  await writeFile(calibrationPath(folder), text);
  return readCalibration(folder, 'this model');
};

describe('a calibration file', () => {
  it('comes back as it was written', async () => {
    expect(calibration.schedules![0].partial!.curves[0].points.length).toBeGreaterThan(0);
    expect(await read(calibrationText('this model', calibration))).toEqual({ calibration });
    expect(await readCalibration(join(folder, 'none'), 'this model')).toEqual({ calibration: {} });
  });

  it('of version 2 is still read, and its model looked at', async () => {
    const { partial: _, ...schedule } = calibration.schedules![0];
    const old = { version: 2, model: 'this model', calibration: { ...calibration, schedules: [schedule] } };
    expect(await read(JSON.stringify(old))).toEqual({ calibration: old.calibration });
    const other = await read(JSON.stringify({ ...old, model: 'that model' }));
    expect(other).toEqual({ calibration: {}, problem: 'other-model' });
  });

  it('of version 1 is still read', async () => {
    const old = { version: 1, calibration: { magnitudeRatios: [1, 0.5] } };
    expect(await read(JSON.stringify(old))).toEqual({ calibration: old.calibration });
  });

  it.each([
    ['of another model', () => calibrationText('that model', calibration), 'other-model'],
    ['by a newer program', () => '{"version": 4, "more": []}', 'newer'],
    ['cut short', () => calibrationText('this model', calibration).slice(0, 200), 'damaged'],
    ['of no known kind', () => '{"version": 3}', 'damaged'],
    [
      'whose parts are of different numbers of steps',
      () =>
        calibrationText('this model', calibration).replace('"sensitivity":[1,', '"sensitivity":['),
      'damaged',
    ],
    [
      'whose errors of partial steps are no table',
      () => calibrationText('this model', calibration).replace('"after":[1]', '"after":[1,2]'),
      'damaged',
    ],
    [
      'whose schedules with partial steps are of other steps',
      () => calibrationText('this model', calibration).replace(/"letters":"(F[^"]*P[^"]*)"/, '"letters":"$1r"'),
      'damaged',
    ],
    [
      'with a schedule that does not begin with a call',
      () => calibrationText('this model', calibration).replace('"FFFFFF"', '"rFFFFF"'),
      'damaged',
    ],
  ])('%s is not used, and says why', async (_, text, problem) => {
    expect(await read(text())).toEqual({ calibration: {}, problem });
  });
});
