export { fitLatentColours, latentPicture, type LatentColours } from './latent-colours.ts';
export { latentPixels } from './latent-pixels.ts';
export { predictClean } from './predict-clean.ts';
