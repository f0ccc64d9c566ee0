/** What has a size of its own and can be drawn. */
export type Picture = ImageBitmap | HTMLCanvasElement;

/** A result's picture, and the mask outside of which what lies below is seen. */
export interface PictureLayer {
  readonly picture: ImageBitmap;
  /** At the clip's size, as opaque as the mask covers. Not asked for of the lowest: it is the clip outside its mask. */
  readonly mask: () => CanvasImageSource;
  /** The mask has soft strokes. */
  readonly soft: boolean;
}

/**
 * Lays pictures over each other as an export does (`layerPlanes`), at the size of the lowest; undefined without any.
 * `source`: the clip's own picture, which soft masks need; until it is there, their results show too little.
 */
export function createLayering(): (
  layers: readonly PictureLayer[],
  source: Picture | undefined,
) => Picture | undefined {
  const whole = document.createElement('canvas');
  const part = document.createElement('canvas');
  return (layers, source) => {
    if (layers.length < 2) return layers.at(0)?.picture;
    const [{ picture: lowest }, ...others] = layers;
    const { width, height } = lowest;
    for (const canvas of [whole, part]) {
      canvas.width = width;
      canvas.height = height;
    }
    const context = whole.getContext('2d') as CanvasRenderingContext2D;
    const scratch = part.getContext('2d') as CanvasRenderingContext2D;
    context.drawImage(lowest, 0, 0);
    for (const { picture, mask, soft } of others) {
      if (soft && source !== undefined) {
        // What is below in place of the source: result + (1 − c)·(below − source), as the sum of (1 − c)·below and the
        // difference of the result and (1 − c)·source, which is nowhere below 0.
        scratch.globalCompositeOperation = 'copy';
        scratch.drawImage(source, 0, 0, width, height);
        scratch.globalCompositeOperation = 'destination-out';
        scratch.drawImage(mask(), 0, 0, width, height);
        scratch.globalCompositeOperation = 'destination-over';
        scratch.fillRect(0, 0, width, height);
        scratch.globalCompositeOperation = 'difference';
        scratch.drawImage(picture, 0, 0, width, height);
        context.globalCompositeOperation = 'destination-out';
        context.drawImage(mask(), 0, 0, width, height);
        context.globalCompositeOperation = 'lighter';
        context.drawImage(part, 0, 0);
        context.globalCompositeOperation = 'source-over';
        continue;
      }
      scratch.globalCompositeOperation = 'copy';
      scratch.drawImage(picture, 0, 0, width, height);
      scratch.globalCompositeOperation = 'destination-in';
      scratch.drawImage(mask(), 0, 0, width, height);
      context.drawImage(part, 0, 0);
    }
    return whole;
  };
}
