import { fileURLToPath } from 'node:url';
import type { SampleName, SampleStart } from '../../src-shared/ipc/index.ts';
import { objectOfMasks, type MaskShape } from '../../src-shared/project/mask/index.ts';
import type { ClipInfo, Media } from '../engine/frames.ts';
import { readMatte } from '../engine/scan/read-matte.ts';

const demo = (name: string): string => fileURLToPath(new URL(`../../assets/demo/${name}`, import.meta.url));

interface Sample extends Pick<SampleStart, 'settings'> {
  readonly clipPath: string;
  /** What the edit covers. */
  readonly shapes: (media: Media, clip: ClipInfo, signal: AbortSignal) => Promise<readonly MaskShape[]>;
}

/** A place on the lawn that nobody crosses. */
const lawn: MaskShape = {
  kind: 'ellipse',
  effect: 'remove',
  keyframes: [{ frame: 0, centre: [96, 250], radii: [44, 44], angleDeg: 0 }],
};

/** What the program can be tried on: a bundled clip, and an edit that only has to be run. */
export const samples: Readonly<Record<SampleName, Sample>> = {
  /** People cross a courtyard: other frames show the ground behind each of them. */
  removal: {
    clipPath: demo('campus.mp4'),
    settings: { kind: 'remove' },
    async shapes(media, clip, signal) {
      const object = objectOfMasks(
        await readMatte(media, demo('campus-mask.mkv'), clip, signal),
        '',
        undefined,
      );
      if (object === null) return [];
      const { name: _, ...people } = object;
      return [people];
    },
  },
  /** Something is put there by words that the bundled model reads. */
  words: {
    clipPath: demo('campus.mp4'),
    // The seed is the one of three that looks best, as an editor would choose.
    settings: { kind: 'edit', prompt: 'a red ball', seed: 2 },
    shapes: async () => [lawn],
  },
};
