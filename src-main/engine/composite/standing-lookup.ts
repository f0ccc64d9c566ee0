import type { EditPlan } from '../../../src-shared/core/plan/index.ts';
import type { ClipInfo } from '../frames.ts';
import type { FramePatch, PatchStore, StandingView } from './patch-store.ts';
import { cutThing, layThing, type StandingThing } from './standing-thing.ts';

/** Patches of frames in which something stands that was generated in one frame of their view. */
export interface StandingPatches {
  /** null where the frame has no hole. */
  readonly patchOf: (frame: number) => Promise<FramePatch | null>;
  /** For each key frame, the share of the place that was painted with what could be told from the background, 0…1. */
  readonly shares: () => Promise<{ readonly key: number; readonly share: number }[]>;
}

export function standingPatches(
  views: readonly StandingView[],
  plan: EditPlan,
  store: Pick<PatchStore, 'readPlate' | 'readWindow'>,
  clip: Pick<ClipInfo, 'pixelFormat'>,
): StandingPatches {
  const ofFrame = new Map(
    views.flatMap((view) => view.frames.map(({ index, toKey }) => [index, { view, toKey }] as const)),
  );
  const things = new Map<number, Promise<StandingThing>>();
  const cut = async (key: number): Promise<StandingThing> => {
    const window = plan.windows.find(({ startFrame, endFrame }) => key >= startFrame && key < endFrame);
    const [background, generated] = [
      await store.readPlate(key),
      window && (await store.readWindow(window.index, key)),
    ];
    if (!window || !background || !generated) throw new Error(`frame ${key} was not generated`);
    return cutThing(background, generated, window, clip);
  };
  const thingOf = ({ key }: StandingView): Promise<StandingThing> => {
    const thing = things.get(key) ?? cut(key);
    things.set(key, thing);
    return thing;
  };
  return {
    async patchOf(frame) {
      const patch = await store.readPlate(frame);
      const found = ofFrame.get(frame);
      if (patch === null || found === undefined) return patch;
      return layThing(await thingOf(found.view), patch, found.toKey, clip);
    },
    async shares() {
      return Promise.all(
        views.map(async (view) => {
          const { alpha, placePixels } = await thingOf(view);
          return { key: view.key, share: alpha.reduce((sum, value) => sum + value, 0) / placePixels };
        }),
      );
    },
  };
}
