/** What has a size of its own and can be drawn. */
export type Picture = ImageBitmap | HTMLCanvasElement;

/** A result's picture, and the mask outside of which what lies below is seen. */
export interface PictureLayer {
  readonly picture: ImageBitmap;
  /** At the clip's size, opaque where the mask covers. Not asked for of the lowest: it is the clip outside its mask. */
  readonly mask: () => CanvasImageSource;
}

/** Lays pictures over each other as an export does, at the size of the lowest; undefined without any. */
export function createLayering(): (layers: readonly PictureLayer[]) => Picture | undefined {
  const whole = document.createElement('canvas');
  const part = document.createElement('canvas');
  return (layers) => {
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
    for (const { picture, mask } of others) {
      scratch.globalCompositeOperation = 'copy';
      scratch.drawImage(picture, 0, 0, width, height);
      scratch.globalCompositeOperation = 'destination-in';
      scratch.drawImage(mask(), 0, 0, width, height);
      context.drawImage(part, 0, 0);
    }
    return whole;
  };
}
