export { buildBackground, foregroundOdds, type Background, type BackgroundSample } from './background.ts';
export { blendMasks, enlargeMask, reduceMask } from './blend-masks.ts';
export { packMask, unpackMask, type MaskRuns } from './mask-runs.ts';
export { bandPx, ObjectTracker, type DenseFlow, type TrackFrame } from './object-tracker.ts';
export { ownMotion, type FrameBeside } from './own-motion.ts';
export { overlap } from './start-shape.ts';
export { selectObject, type Selected, type SelectFrame } from './select-object.ts';
export type { Place, SelectHints } from './select-seeds.ts';
export { trackPicture, uncropMask, type TrackPicture } from './track-picture.ts';
