import type { ScheduleFound } from '../../src-shared/ipc/index.ts';
import { presets, type PresetName } from '../../src-shared/core/presets/index.ts';
import type { EditSettings } from '../../src-shared/project/index.ts';

/** Where the slider can stand: on a preset, or between two of a model whose curve is known. */
export interface PresetStop {
  /** The preset, or the slower one of the two. */
  readonly preset: PresetName;
  /** The δ that takes the preset's place; absent: it is the preset itself. */
  readonly delta?: number;
}

const allNames = Object.keys(presets) as PresetName[];

/** All of them, from the slowest. `found`: of the last estimate, where there is one. */
export function presetStops(found: Pick<ScheduleFound, 'presets' | 'stops'> | undefined): PresetStop[] {
  if (found?.stops !== undefined && found.presets.length > 1) {
    let preset: PresetName = found.presets[0];
    return found.stops.map(({ delta, pace }) => {
      preset = pace ?? preset;
      return pace === undefined ? { preset, delta } : { preset };
    });
  }
  // A model whose curve has no room for three has fewer.
  const names = found === undefined || found.presets.length < 2 ? allNames : found.presets;
  return names.map((preset) => ({ preset }));
}

/** Where the slider stands, as an index. `deltas`: of the stops, where they are known. */
export function stopOf(
  { preset, methodOptions: { delta } }: Pick<EditSettings, 'preset' | 'methodOptions'>,
  stops: readonly PresetStop[],
  deltas: readonly number[] = [],
): number {
  if (typeof delta === 'number' && deltas.length === stops.length) {
    return Math.max(
      0,
      deltas.findLastIndex((one) => one <= delta),
    );
  }
  // One that is not offered runs as the one before it does.
  return stops.findLastIndex(
    (stop) => stop.delta === undefined && allNames.indexOf(stop.preset) <= allNames.indexOf(preset),
  );
}

/** Moves the slider there. */
export function takeStop(settings: EditSettings, { preset, delta }: PresetStop): void {
  settings.preset = preset;
  if (delta === undefined) delete settings.methodOptions['delta'];
  else settings.methodOptions['delta'] = delta;
}
