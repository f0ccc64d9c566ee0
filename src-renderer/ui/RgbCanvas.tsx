import { useLayoutEffect, useRef } from 'react';

interface RgbCanvasProps {
  /** RGB bytes from the top left, row by row, as base64. */
  readonly rgb: string;
  readonly width: number;
  readonly height: number;
  readonly label: string;
  readonly className?: string;
}

/** A small picture that came as bytes. */
export function RgbCanvas({ rgb, width, height, label, className }: RgbCanvasProps) {
  const canvas = useRef<HTMLCanvasElement>(null);
  useLayoutEffect(() => {
    const context = canvas.current?.getContext('2d');
    if (context === null || context === undefined) return;
    const bytes = atob(rgb);
    const picture = context.createImageData(width, height);
    for (let pixel = 0; pixel < width * height; pixel++) {
      for (let c = 0; c < 3; c++) picture.data[4 * pixel + c] = bytes.charCodeAt(3 * pixel + c);
      picture.data[4 * pixel + 3] = 255;
    }
    context.putImageData(picture, 0, 0);
  }, [rgb, width, height]);
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
