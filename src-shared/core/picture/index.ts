export { planesToRgb, rgbToPlanes, type PictureLayout, type PicturePlanes } from './colour.ts';
export { compositePlanes, harmonise } from './composite.ts';
export { layerPlanes } from './layer.ts';
export { isStillPicture } from './picture-path.ts';
export { limitedTenBits, tenBitAlpha, unmixPlanes } from './unmix.ts';
export { resizeMask, resizePlanar } from './resize.ts';
