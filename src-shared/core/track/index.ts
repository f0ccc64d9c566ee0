export { buildBackground, type Background, type BackgroundSample } from './background.ts';
export { ObjectTracker, type DenseFlow, type TrackedMask, type TrackFrame } from './object-tracker.ts';
export { overlap } from './start-shape.ts';
export { trackPicture, windowLuma, type TrackPicture } from './track-picture.ts';
