import { ffmpeg } from '../src-main/media/testing/clips.ts';

export const squareClip = { width: 160, height: 96, frames: 6 } as const;
const { width, height, frames } = squareClip;
const side = 48;

/** Where the square begins from the left in a frame. */
export const squareLeft = (frame: number): number => 20 + 8 * frame;

/** The mask of the square in a frame. */
export const redSquare = (frame: number): Uint8Array =>
  Uint8Array.from({ length: width * height }, (_, pixel) => {
    const [x, y] = [(pixel % width) - squareLeft(frame), Math.floor(pixel / width) - 24];
    return x >= 0 && x < side && y >= 0 && y < side ? 255 : 0;
  });

/** Writes a clip of a red square that moves over dark texture. */
export function writeSquare(path: string): void {
  const rgb = Buffer.alloc(frames * width * height * 3);
  for (let frame = 0; frame < frames; frame++) {
    const inside = redSquare(frame);
    for (let pixel = 0; pixel < width * height; pixel++) {
      const dark = 30 + ((pixel * 37 + Math.floor(pixel / 53) * 11) % 41);
      rgb.set(inside[pixel] > 0 ? [230, 20, 20] : [dark, dark, dark], 3 * (frame * width * height + pixel));
    }
  }
  const raw = ['-f', 'rawvideo', '-pix_fmt', 'rgb24', '-s', `${width}x${height}`, '-r', '25', '-i', 'pipe:0'];
  ffmpeg([...raw, '-c:v', 'libx264', '-crf', '10', '-pix_fmt', 'yuv420p', path], rgb);
}
