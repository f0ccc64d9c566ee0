import { encodeMask } from '../../src-shared/core/mask/index.ts';
import { checkClip } from '../engine/run-edit.ts';
import { createNetworkSelector } from './network-selector.ts';
import type { ClipInfo, Media } from '../engine/frames.ts';
import { rangeIn } from '../engine/scan/clip-range.ts';
import { prepareSelect, type PreparedSelect } from '../engine/select/prepare-select.ts';
import { checkSelect, selectIn } from '../engine/select/select-in-clip.ts';
import type { SelectAnswer, SelectRequest } from '../engine/select/select-request.ts';
import { fileStamp } from '../jobs/file-stamp.ts';
import { openCameraTracker, openDenseFlow } from '../vision/index.ts';

/** Selects in a frame. Throws as `checkSelect`, `checkClip`, `rangeIn` and the opening of clips do. */
export type Selector = (request: SelectRequest) => Promise<SelectAnswer>;

interface Ready {
  readonly key: string;
  readonly frame: Promise<{ readonly prepared: PreparedSelect; readonly clip: ClipInfo }>;
}

/** Frames that are kept ready for more clicks, a few megabytes each. */
const mostReady = 4;

export function createSelector(home: string, media: Media, signal: AbortSignal): Selector {
  const withNetwork = createNetworkSelector(home, media, signal);
  let ready: readonly Ready[] = [];
  const prepare = async (request: SelectRequest) => {
    const source = await media.openClip(request.clipPath, signal);
    const { info: clip } = source;
    checkClip(clip);
    const range = rangeIn(clip, request.range);
    checkSelect({ ...request, range }, clip);
    const prepared = await prepareSelect({
      source,
      frame: request.frame,
      range,
      openCamera: openCameraTracker,
      flow: await openDenseFlow(),
      signal,
      onFrame: () => undefined,
    });
    return { prepared, clip };
  };
  return async (request) => {
    if (request.segmenterId !== undefined) return withNetwork(request);
    const key = JSON.stringify([await fileStamp(request.clipPath), request.frame, request.range]);
    const known = ready.find((one) => one.key === key) ?? { key, frame: prepare(request) };
    ready = [known, ...ready.filter((one) => one !== known)].slice(0, mostReady);
    try {
      const { prepared, clip } = await known.frame;
      if (request.add.length === 0 && request.box === undefined)
        return { mask: '', smaller: false, larger: false };
      checkSelect(request, clip);
      const { mask, ...more } = selectIn(prepared, request, clip);
      return { ...more, mask: encodeMask(mask) };
    } catch (error) {
      // What could not be prepared is tried again.
      if (
        await known.frame.then(
          () => false,
          () => true,
        )
      )
        ready = ready.filter((one) => one !== known);
      throw error;
    }
  };
}
