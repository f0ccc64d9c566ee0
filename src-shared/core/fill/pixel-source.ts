/**
 * Where a pixel of a result comes from: other frames or a plate that was given, texture, a soft gradient, the network.
 * The value is the grey that stands for it in a source map; 0 is the clip itself.
 */
export const pixelSources = { plate: 64, exemplar: 128, smooth: 192, network: 255 } as const;
export type PixelSource = keyof typeof pixelSources;
export const pixelSourceNames = Object.keys(pixelSources) as PixelSource[];
