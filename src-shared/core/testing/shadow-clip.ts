import { makeScene, seededNumbers, toPlanes } from './synthetic-clip.ts';

const [width, height, frames] = [160, 120, 12];
const [scene, texture] = [makeScene(width, height, 3), makeScene(80, 80, 9)];

/**
 * A disc that moves before a standing background, and its shadow beside it, which leaves the share `shade` of the light: the
 * planes of each frame, and the exact masks, [120, 160].
 */
export function shadowClip(shade: number) {
  const next = seededNumbers(4);
  return Array.from({ length: frames }, (_, frame) => {
    const planes = [0, 1, 2].map((plane) => Float32Array.from(scene.planes[plane]));
    const [object, shadow] = [new Uint8Array(width * height), new Uint8Array(width * height)];
    const middle = 22 + 9 * frame;
    for (let pixel = 0; pixel < width * height; pixel++) {
      const [x, y] = [pixel % width, Math.floor(pixel / width)];
      const inDisc = Math.hypot(x - middle, y - 50) < 13;
      const inShade = Math.hypot((x - middle - 14) / 1.8, y - 66) < 9;
      if (inDisc) {
        object[pixel] = 255;
        for (const plane of [0, 1, 2]) planes[plane][pixel] = texture.planes[plane][(y % 80) * 80 + (x % 80)];
        planes[0][pixel] = 220 - (planes[0][pixel] % 60);
      } else if (inShade) {
        if (shade < 1) shadow[pixel] = 255;
        planes[0][pixel] = 16 + shade * (planes[0][pixel] - 16);
        for (const plane of [1, 2]) planes[plane][pixel] = 128 + shade * (planes[plane][pixel] - 128);
      }
    }
    return { planes: toPlanes(planes, width, height, 1, next), object, shadow };
  });
}
