import type { ModelGraph } from '../graph/index.ts';

/** A network of this width and more takes long to open, and to run on the tokens of a window. */
const largeWidth = 1024;
/** Blocks that are timed in the place of all. */
export const probeLayers = 2;

/** Whether a network is so large that a few of its blocks are timed instead of all. */
export function wantsProbe({ width, layers }: { readonly width: number; readonly layers: number }): boolean {
  return width >= largeWidth && layers > 2 * probeLayers;
}

/** A graph under the name of the probe; its weights are those of the whole network. */
export function asProbe(graph: ModelGraph): ModelGraph {
  return { ...graph, name: 'transformer-probe' };
}
