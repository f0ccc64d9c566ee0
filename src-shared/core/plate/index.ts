export * from './homography.ts';
export * from './motion-model.ts';
export * from './picture.ts';
export * from './morphology.ts';
export * from './compose-plate.ts';
