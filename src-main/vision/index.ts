export { openCameraTracker } from './camera-motion.ts';
export { openDenseFlow } from './dense-flow.ts';
export { openMotionOutside } from './motion-outside.ts';
export { openPlaneFeatures } from './plane-features.ts';
