import type { Tool } from './editor-store.ts';

/** The key of each tool, as it stands on the keyboard. */
export const toolKeys: Readonly<Record<Tool, string>> = {
  move: 'V',
  brush: 'B',
  eraser: 'E',
  lasso: 'F',
  box: 'R',
  ellipse: 'U',
  polygon: 'P',
};
