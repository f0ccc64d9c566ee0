export type { AffineMotion } from './hole-look.ts';
export { createHoleMeter, type HoleMeter, type HoleQuality, type MotionOutside } from './hole-meter.ts';
export { maxDifferenceOutside } from './outside-difference.ts';
export { addErrors, maskedSquaredError, noError, psnrOf, type SquaredError } from './psnr.ts';
export { maskedMsSsim, maskedSsim } from './ssim.ts';
