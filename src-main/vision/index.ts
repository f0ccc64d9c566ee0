export { openCameraTracker } from './camera-motion.ts';
