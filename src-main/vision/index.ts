export { openCameraTracker } from './camera-motion.ts';
export { openMotionOutside } from './motion-outside.ts';
