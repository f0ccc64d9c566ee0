import { splitByMask } from '../control/index.ts';
import type { ControlLayout } from './model-family.ts';

/**
 * What VACE's control is encoded from (arXiv 2503.07598): references first, then the video away from the hole
 * ("inactive"), then inside it ("reactive").
 */
export const vaceVideos: Pick<ControlLayout, 'takesReferences' | 'passes' | 'videos'> = {
  takesReferences: true,
  passes: 2,
  videos({ video, mask, frames, height, width, references = [] }) {
    const { inactive, reactive } = splitByMask(video, mask, { channels: 3, frames, height, width });
    return [
      ...references.map((data) => ({ data, frames: 1 })),
      { data: inactive, frames },
      { data: reactive, frames },
    ];
  },
};
