export { maskedSsim } from './picture-quality.ts';
