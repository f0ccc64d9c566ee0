export { buildBackground, type Background, type BackgroundSample } from './background.ts';
export { blendMasks, enlargeMask, reduceMask } from './blend-masks.ts';
export { packMask, unpackMask, type MaskRuns } from './mask-runs.ts';
export { bandPx, ObjectTracker, type DenseFlow, type TrackFrame } from './object-tracker.ts';
export { overlap } from './start-shape.ts';
export { trackPicture, uncropMask, type TrackPicture } from './track-picture.ts';
