import { useLayoutEffect, useRef } from 'react';

interface RgbCanvasProps {
  /** RGB bytes from the top left, row by row, as base64. */
  readonly rgb: string;
  /** Another such picture: what is drawn is how far apart the two are, times `differenceGain`. */
  readonly minus?: string;
  readonly width: number;
  readonly height: number;
  readonly label: string;
  readonly className?: string;
}

/** Differences of a few levels can be seen. */
export const differenceGain = 8;

/** A small picture that came as bytes. */
export function RgbCanvas({ rgb, minus, width, height, label, className }: RgbCanvasProps) {
  const canvas = useRef<HTMLCanvasElement>(null);
  useLayoutEffect(() => {
    const context = canvas.current?.getContext('2d');
    if (context === null || context === undefined) return;
    const bytes = atob(rgb);
    const others = minus === undefined ? undefined : atob(minus);
    const valueAt = (i: number): number =>
      others === undefined
        ? bytes.charCodeAt(i)
        : differenceGain * Math.abs(bytes.charCodeAt(i) - others.charCodeAt(i));
    const picture = context.createImageData(width, height);
    for (let pixel = 0; pixel < width * height; pixel++) {
      for (let c = 0; c < 3; c++) picture.data[4 * pixel + c] = valueAt(3 * pixel + c);
      picture.data[4 * pixel + 3] = 255;
    }
    context.putImageData(picture, 0, 0);
  }, [rgb, minus, width, height]);
  return (
    <canvas
      ref={canvas}
      className={className}
      width={width}
      height={height}
      style={{ aspectRatio: `${width} / ${height}` }}
      role="img"
      aria-label={label}
    />
  );
}
