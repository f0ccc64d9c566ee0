import { ObjectTracker, reduceMask, type TrackFrame } from '../../../src-shared/core/track/index.ts';
import { prepareSelect } from '../select/prepare-select.ts';
import { selectIn } from '../select/select-in-clip.ts';
import type { Survey } from '../track/survey-shots.ts';
import type { TrackInput } from '../track/track-input.ts';
import type { Segmenter } from './segmenter.ts';

interface Encoded {
  readonly index: number;
  readonly frame: TrackFrame;
}

/** The program's own: the background, flow, colours and a cut along edges; without any network. */
export function builtInSegmenter(
  input: Pick<TrackInput, 'source' | 'range' | 'openCamera' | 'flow' | 'signal'>,
  survey: Survey,
  factor: number,
): Segmenter<Encoded, ObjectTracker> {
  const { source, range, openCamera, flow, signal } = input;
  return {
    encode: async (frame) => ({ index: frame.index, frame: survey.trackFrame(frame, factor) }),
    async prompt({ index, frame }, prompt) {
      const mask =
        prompt.kind === 'mask'
          ? prompt.mask
          : selectIn(
              await prepareSelect({
                source,
                frame: index,
                range,
                openCamera,
                flow,
                signal,
                onFrame: () => undefined,
              }),
              { clipPath: source.info.path, frame: index, range, ...prompt, reachPx: 0 },
              source.info,
            ).mask;
      const painted = reduceMask(mask, source.info, factor);
      const memory = new ObjectTracker(frame, painted, survey.shotOf(index).background, flow);
      return { mask: painted, confidence: 1, memory };
    },
    propagate: async ({ frame }, tracker) => tracker.next(frame),
  };
}
