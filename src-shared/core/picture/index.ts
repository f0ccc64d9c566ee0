export {
  planesToRgb,
  rgbToPlanes,
  type PictureLayout,
  type PicturePlanes,
  type SamplePlane,
} from './colour.ts';
export { compositePlanes, harmonise } from './composite.ts';
export { resizeMask, resizePlanar } from './resize.ts';
