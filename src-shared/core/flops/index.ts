export { ditFlops, type DitCall } from './dit-flops.ts';
export { umt5Flops } from './umt5-flops.ts';
