import { useEffect } from 'react';
import { create } from 'zustand';
import { HetcutError } from '../../src-shared/core/errors/index.ts';
import { backend } from '../state/backend.ts';
import { activeClip, activeEdit, activeMedia, useEditor } from '../state/editor-store.ts';
import { questionOf, rememberFingerprint } from '../state/fingerprints.ts';
import { useProgramSettings } from '../state/program-settings.ts';
import { hasMask, modelProblem, modelRow } from '../state/run-edit.ts';
import { createEstimator, noEstimate, type EstimateState } from './estimator.ts';

/** The active edit's estimate. */
export const useEstimate = create<EstimateState>()(() => noEstimate);

/** Short enough that a figure is there within 100 ms, long enough that a drag does not ask for every pixel. */
const delayMs = 60;

const estimate = createEstimator({
  ask: async (question) => {
    const answer = await backend().call('edit.estimate', question);
    rememberFingerprint({ ...questionOf(question), fingerprint: answer.fingerprint });
    return answer;
  },
  publish: (state) => {
    useEstimate.setState(state);
  },
  describe: (error) =>
    error instanceof HetcutError
      ? { code: error.code, message: error.message, hint: error.hint }
      : { code: 'unexpected', message: String(error), hint: '' },
  delayMs,
});

/** Keeps `useEstimate` at the active edit while the component that calls it is shown. */
export function useEstimating(): void {
  const clipPath = useEditor((state) => activeClip(state)?.path);
  const range = useEditor((state) => activeEdit(state)?.range);
  const mask = useEditor((state) => activeEdit(state)?.mask);
  const settings = useEditor((state) => activeEdit(state)?.settings);
  const asks = useEditor((state) => {
    const edit = activeEdit(state);
    // What a clip that was not found is asked about is said where it is looked for.
    const opened = activeMedia(state) !== undefined;
    return edit !== undefined && opened && hasMask(edit) && modelProblem(edit, state.models) === null;
  });
  // Another model of that id is asked about again.
  const model = useEditor((state) => {
    const asked = activeEdit(state)?.settings;
    return asked && modelRow(asked, state.models);
  });
  // Where it runs, and in how much memory.
  const { device, memoryGb } = useProgramSettings((state) => state.settings);
  useEffect(() => {
    const known = clipPath !== undefined && mask !== undefined && settings !== undefined && asks;
    estimate(known ? { clipPath, mask, settings, ...(range === undefined ? {} : { range }) } : null);
  }, [clipPath, range, mask, settings, asks, model, device, memoryGb]);
}
