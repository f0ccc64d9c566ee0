export { ditFlops, type DitCall } from './dit-flops.ts';
export { removerFlops } from './remover-flops.ts';
export { umt5Flops } from './umt5-flops.ts';
export {
  wanVaeDecodeFlops,
  wanVaeEncodeFlops,
  wanVaePeakBytes,
  type TiledPass,
  type VaePass,
  type VideoSize,
} from './vae-flops.ts';
export { ltxFlops, ltxVaeFlops, ltxVaePeakBytes } from './ltx-flops.ts';
