export { maxDifferenceOutside } from './outside-difference.ts';
export { addErrors, maskedSquaredError, noError, psnrOf, type SquaredError } from './psnr.ts';
export { maskedSsim } from './ssim.ts';
