export { planeFreedoms, type PlaneFreedom } from './plane-motion.ts';
export {
  PlaneTracker,
  type FeatureMotion,
  type PlaneLoss,
  type PlanePicture,
  type PlanePose,
} from './plane-tracker.ts';
