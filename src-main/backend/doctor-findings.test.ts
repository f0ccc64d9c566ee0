import { describe, expect, it } from 'vitest';
import type { MachineReport } from '../host/examine-machine.ts';
import { doctorFindings } from './doctor-findings.ts';

const report = (change: Partial<MachineReport>): MachineReport =>
  ({
    platform: 'linux x64',
    processor: { threads: 2, model: 'CPU' },
    memory: { freeGib: 1, totalGib: 2 },
    home: { path: '/home', freeDiskGib: 3 },
    gpu: { cards: [], problems: [] },
    providers: [{ provider: 'cpu', usable: true }],
    ffmpeg: { skipped: [], problems: [] },
    hardwareEncoders: [],
    models: [],
    problems: [],
    ...change,
  }) as unknown as MachineReport;

describe('what is found of a machine', () => {
  it('has no tick beside what cannot be used', () => {
    const works = { name: 'h264_nvenc', listed: true, usable: true } as const;
    const fails = { name: 'h264_qsv', listed: true, usable: false, reason: 'no device' } as const;
    const rows = doctorFindings(
      report({
        providers: [
          { provider: 'cpu', usable: true },
          { provider: 'cuda', usable: false, reason: 'CUDA cannot be started: no driver' },
        ],
        hardwareEncoders: [works, fails],
      }),
    );
    const ticked = rows.filter(({ state }) => state === 'ok').map(({ text }) => text);
    expect(ticked).toContain('h264_nvenc');
    for (const text of ticked) expect(text).not.toMatch(/cannot|not (?:usable|work)/);
    expect(rows).toContainEqual(
      expect.objectContaining({
        part: 'encoders',
        state: 'unused',
        text: 'do not work here: h264_qsv (no device)',
      }),
    );
    expect(rows).toContainEqual(expect.objectContaining({ part: 'cuda', state: 'unused' }));
  });

  it('says that software encodes where nothing else does', () => {
    expect(doctorFindings(report({}))).toContainEqual(
      expect.objectContaining({ part: 'encoders', state: 'unused', say: { code: 'software', values: {} } }),
    );
  });
});
