export { openCameraTracker } from './camera-motion.ts';
export { openDenseFlow } from './dense-flow.ts';
