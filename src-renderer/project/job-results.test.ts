import { describe, expect, it, vi } from 'vitest';
import type { JobRow } from '../../src-shared/ipc/index.ts';
import { usualSettings } from '../../src-shared/project/index.ts';
import { activeEdit, undoStep, useEditor } from '../state/editor-store.ts';
import { useProgramSettings } from '../state/program-settings.ts';
import { begin, freshSession, media, paint } from './fake-program.ts';
import { openClip } from './open-project.ts';

function finished(id: string, createdAt: number, path: string): JobRow {
  const { history, clipId, editId } = useEditor.getState();
  return {
    id,
    projectId: history?.present.id ?? '',
    clipId: clipId ?? '',
    editId: editId ?? '',
    name: 'street.mov · Remove',
    state: 'done',
    createdAt,
    result: {
      path,
      fingerprint: 'f',
      seconds: 43,
      estimateSeconds: 41,
      calls: { full: 1, partial: 0, reuse: 0 },
      flopsSaved: 0.5,
      filled: { plate: 'auto', share: 0.7 },
      warnings: [],
    },
  };
}

freshSession();

describe('results of jobs', () => {
  it('gives a finished job to its edit, shows it, and keeps it through an undo', async () => {
    const result = { ...media, mediaId: 'r', path: '/results/1.mkv' };
    const program = await begin({ [media.path]: media, [result.path]: result });
    await openClip(media.path);
    paint();
    program.emit('jobs.changed', [finished('j1', 1, result.path)]);
    await vi.advanceTimersByTimeAsync(0);
    expect(activeEdit(useEditor.getState())?.result).toMatchObject({
      jobId: 'j1',
      seconds: 43,
      filled: { plate: 'auto', share: 0.7 },
    });
    expect(useEditor.getState().openedResults[result.path]).toEqual(result);
    expect(useEditor.getState().compare).toBe('wipe');
    undoStep();
    expect(activeEdit(useEditor.getState())?.mask.invert).toBe(false);
    expect(activeEdit(useEditor.getState())?.result?.jobId).toBe('j1');
  });

  it('sounds once when a job ends that ran, if the settings say so', async () => {
    const started = vi.fn();
    const node = { gain: { setValueAtTime: vi.fn(), exponentialRampToValueAtTime: vi.fn() }, frequency: {} };
    const tone = { ...node, connect: () => tone, start: started, stop: vi.fn(), addEventListener: vi.fn() };
    vi.stubGlobal(
      'AudioContext',
      class {
        readonly currentTime = 0;
        readonly destination = {};
        readonly createOscillator = () => tone;
        readonly createGain = () => tone;
      },
    );
    const result = { ...media, path: '/results/1.mkv' };
    const program = await begin({ [media.path]: media, [result.path]: result });
    const done = finished('j1', 1, result.path);
    const tell = (...states: JobRow['state'][]): void => {
      for (const state of states) program.emit('jobs.changed', [{ ...done, state }]);
    };
    tell('running', 'done');
    expect(started).not.toHaveBeenCalled();
    useProgramSettings.setState({ settings: { ...usualSettings, sound: true } });
    tell('running', 'running', 'done', 'done', 'paused', 'cancelled');
    expect(started).toHaveBeenCalledTimes(2);
    tell('running', 'failed');
    expect(started).toHaveBeenCalledTimes(4);
    vi.unstubAllGlobals();
  });

  it('takes the newest of several finished jobs, and none of another project', async () => {
    const result = { ...media, path: '/results/2.mkv' };
    const program = await begin({ [media.path]: media, [result.path]: result });
    await openClip(media.path);
    const foreign = { ...finished('j9', 9, '/results/9.mkv'), projectId: 'another' };
    program.emit('jobs.changed', [
      finished('j2', 2, result.path),
      finished('j1', 1, '/results/1.mkv'),
      foreign,
    ]);
    await vi.advanceTimersByTimeAsync(0);
    expect(activeEdit(useEditor.getState())?.result?.jobId).toBe('j2');
    expect(program.calls.filter(([name]) => name === 'clip.open').map(([, input]) => input)).toEqual([
      { path: media.path },
      { path: result.path },
    ]);
  });
});
