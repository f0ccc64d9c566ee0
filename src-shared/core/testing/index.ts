export { expectClose } from './expect-close.ts';
export {
  makeScene,
  psnrWhere,
  renderView,
  seededNumbers,
  toPlanes,
  viewMatrix,
  type Scene,
  type View,
} from './synthetic-clip.ts';
export { spriteClip, type SpriteClip, type SpriteSpec } from './sprite-clip.ts';
export { shadowClip } from './shadow-clip.ts';
export { posterClip, type PosterClip, type PosterSpec } from './poster-clip.ts';
