import type { DenseFlow } from '../../src-shared/core/track/index.ts';
import { byteMat } from './feature-tracking.ts';
import { loadOpenCv } from './opencv.ts';

/** Scale between levels of the pyramid, levels, window in pixels, iterations, polynomial neighbourhood and its spread. */
const farneback = {
  scale: 0.5,
  levels: 3,
  window: 13,
  iterations: 3,
  neighbourhood: 5,
  spread: 1.1,
} as const;

/** Optical flow by polynomial expansion (Farnebäck 2003). */
export async function openDenseFlow(): Promise<DenseFlow> {
  const { cv } = await loadOpenCv();
  return (from, to, width, height) => {
    const mats = [from, to].map((values) => byteMat(cv, values, { width, height }));
    const flow = new cv.Mat();
    try {
      const { scale, levels, window, iterations, neighbourhood, spread } = farneback;
      cv.calcOpticalFlowFarneback(
        mats[0],
        mats[1],
        flow,
        scale,
        levels,
        window,
        iterations,
        neighbourhood,
        spread,
        0,
      );
      return flow.data32F.slice();
    } finally {
      for (const mat of [...mats, flow]) mat.delete();
    }
  };
}
