export { exemplarFill, type FilledPicture } from './exemplar-fill.ts';
export type { FillInput } from './fill-level.ts';
export type { FillMeans } from './fill-means.ts';
export { pixelSourceNames, pixelSources, type PixelSource } from './pixel-source.ts';
export { pushPullFill, type FillSize } from './push-pull.ts';
