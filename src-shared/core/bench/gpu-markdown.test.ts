import { describe, expect, it } from 'vitest';
import { gpuMarkdown, type GpuBenchReport } from './index.ts';

const report: GpuBenchReport = {
  date: '2026-11-30',
  toy: false,
  machine: {
    cpu: 'EPYC',
    cores: 16,
    memoryGb: 128,
    os: 'linux x64',
    onnxRuntime: '1.30.0',
    provider: 'cuda',
    card: { name: 'NVIDIA L4', driver: '580.82', memoryGb: 22.5 },
  },
  model: { id: 'synthetic-wan2.1-vace-1.3b', synthetic: true, precision: 'fp16' },
  peakGflops: 90_000,
  peakType: 'float16',
  parity: [
    { set: 'B_wan_vae', precision: 'fp16', comparisons: 55, failed: 1, worst: 'z', worstShare: 1.5 },
    { set: 'X', precision: 'fp16', comparisons: 1, failed: 1, worst: 'run: no', worstShare: null },
  ],
  calls: [
    { name: '33×480×832', seconds: 2, gflop: 60_000, shareOfPeak: 1 / 3, peakBytes: 6e9, plannedBytes: 7e9 },
    { name: '81×480×832', problem: 'There is not enough memory.' },
  ],
  vae: [],
  text: [],
  methodSize: { frames: 33, height: 480, width: 832 },
  streams: 2,
  methods: [
    {
      name: 'full',
      steps: 20,
      seconds: 40,
      gflop: 1000,
      calls: { full: 20, partial: 0, reuse: 0 },
      maskPsnr: null,
    },
    {
      name: 'magcache',
      steps: 20,
      seconds: 10,
      gflop: 250,
      calls: { full: 5, partial: 0, reuse: 15 },
      maskPsnr: 30,
    },
    {
      name: 'full',
      steps: 50,
      seconds: 100,
      gflop: 2500,
      calls: { full: 50, partial: 0, reuse: 0 },
      maskPsnr: null,
    },
    { name: 'magcache', steps: 50, problem: 'There is not enough memory.' },
  ],
};

/** Cells of the table row that begins with these. */
const row = (text: string, ...first: string[]): string[] | undefined =>
  text
    .split('\n')
    .map((line) => line.split('|').map((cell) => cell.trim()))
    .find((cells) => first.every((cell, i) => cells[i + 1] === cell))
    ?.slice(1, -1);

describe('gpuMarkdown', () => {
  it('says on what, and each figure against its own uncached run', () => {
    const text = gpuMarkdown(report);
    expect(text).toMatch(/^# NVIDIA L4\n/);
    expect(text).toContain('- Card: NVIDIA L4, 23 GB, driver 580.82');
    expect(row(text, 'B_wan_vae')).toEqual(['B_wan_vae', 'fp16', '55', '1', 'z', '150.0 %']);
    expect(row(text, 'X')?.at(-1)).toBe('–');
    expect(row(text, '33×480×832')).toEqual(['33×480×832', '2.00', '60.0 T', '33.3 %', '6.00 GB', '7.00 GB']);
    expect(row(text, '81×480×832')?.[1]).toBe('There is not enough memory.');
    expect(row(text, '20', 'magcache')).toEqual([
      '20',
      'magcache',
      '10.0',
      '4.00×',
      '75.0 %',
      '5/0/15',
      '30.00',
      '–',
    ]);
    expect(row(text, '50', 'full')?.slice(3, 7)).toEqual(['1.00×', '0.0 %', '50/0/0', '–']);
    expect(row(text, '50', 'magcache')?.slice(2, 4)).toEqual(['There is not enough memory.', '–']);
    expect(text).toContain('| VACE-Benchmark, inpainting');
    expect(text).toContain('random');
  });

  it('says in its head what a toy run is worth, and that no vectors were given', () => {
    const { card, ...machine } = report.machine;
    const text = gpuMarkdown({ ...report, toy: true, parity: [], machine });
    expect(card).toBeDefined();
    expect(text.split('\n\n')[1]).toContain('say nothing about a graphics card');
    expect(text).toContain('- Card: none');
    expect(text).toContain('no folder of reference vectors');
  });
});
