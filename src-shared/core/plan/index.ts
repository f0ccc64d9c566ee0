export {
  planCrop,
  planWindows,
  modelFrameCount,
  type EditPlan,
  type EditWindow,
  type PlanLimits,
  type Rect,
} from './edit-plan.ts';
