export { pushPullFill, type FillSize } from './push-pull.ts';
