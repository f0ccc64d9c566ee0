export {
  cacheMethods,
  fullMethod,
  type CacheMethod,
  type StepContext,
  type StepKind,
} from './cache-method.ts';
