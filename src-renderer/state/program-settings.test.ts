import { beforeEach, expect, it } from 'vitest';
import { createClient } from '../../src-shared/ipc/index.ts';
import { usualSettings, type ProgramSettings } from '../../src-shared/project/index.ts';
import { useBackend } from './backend.ts';
import { changeSettings, useProgramSettings } from './program-settings.ts';

let stored: ProgramSettings;
let refuses: boolean;
beforeEach(() => {
  stored = usualSettings;
  refuses = false;
  useProgramSettings.setState({ settings: usualSettings });
  const client = createClient({
    async call(_, input) {
      if (refuses) return { ok: false, code: 'disk-full', message: 'Full.', hint: 'Make room.' };
      stored = (input as { settings: ProgramSettings }).settings;
      return { ok: true, value: { settings: stored, fixed: {}, segmenters: [] } };
    },
    onEvent: () => undefined,
  });
  useBackend.setState({ client });
});

it('keeps both of two changes that come at once', async () => {
  await Promise.all([changeSettings({ preset: 'fast' }), changeSettings({ memoryGb: 6 })]);
  expect(stored).toEqual({ ...usualSettings, preset: 'fast', memoryGb: 6 });
  expect(useProgramSettings.getState().settings).toEqual(stored);
});

it('is as before where a change cannot be kept, and takes the next', async () => {
  refuses = true;
  await expect(changeSettings({ preset: 'fast' })).rejects.toMatchObject({ code: 'disk-full' });
  expect(useProgramSettings.getState().settings).toEqual(usualSettings);
  refuses = false;
  await changeSettings({ memoryGb: 6 });
  expect(stored).toEqual({ ...usualSettings, memoryGb: 6 });
});
