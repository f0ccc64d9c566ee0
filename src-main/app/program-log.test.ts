import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { JobRow } from '../../src-shared/ipc/index.ts';
import { openLog } from './program-log.ts';

it('notes what jobs begin and how they end, and reports it with the machine', () => {
  const home = mkdtempSync(join(tmpdir(), 'hetcut-log-'));
  try {
    const log = openLog(home);
    // A job's own log may hold its prompt.
    writeFileSync(join(log.folder, 'job-1.log'), 'a red ball\n');
    const row = { id: 'a', name: 'Remove', state: 'waiting' } as JobRow;
    log.note('started');
    log.jobs([row]);
    log.jobs([{ ...row, state: 'running' }]);
    log.jobs([{ ...row, state: 'running' }]);
    const failure = { code: 'disk-full', message: 'The disk is full.', hint: '' };
    log.jobs([{ ...row, state: 'failed', failure }]);
    const lines = readFileSync(join(log.folder, 'hetcut.log'), 'utf8').trimEnd().split('\n');
    expect(lines.map((line) => line.replace(/^\[[^\]]+Z\] /, ''))).toEqual([
      'info started',
      'info Remove: running',
      'error Remove: failed: disk-full: The disk is full.',
    ]);
    const report = log.report('1.2.3', [{ part: 'ffmpeg', state: 'ok', text: '5.1' }]).split('\n');
    expect(report[0]).toBe('HetCut 1.2.3');
    expect(report[1]).toContain(process.platform);
    expect(report).toContain('ffmpeg: ok: 5.1');
    expect(report.slice(-3)).toEqual(lines);
    expect(report).not.toContain('a red ball');
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
});
