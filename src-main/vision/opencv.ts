import { createRequire } from 'node:module';

/** The few parts of OpenCV that are used here, typed by hand: the package's own types miss overloads. */
export interface Mat {
  readonly rows: number;
  readonly cols: number;
  readonly data: Uint8Array;
  readonly data32F: Float32Array;
  readonly data64F: Float64Array;
  delete(): void;
}

export interface OpenCv {
  readonly Mat: new (rows?: number, cols?: number, type?: number) => Mat;
  readonly Size: new (width: number, height: number) => object;
  readonly TermCriteria: new (type: number, maxCount: number, epsilon: number) => object;
  readonly CV_8UC1: number;
  readonly CV_32FC2: number;
  readonly RANSAC: number;
  readonly OPTFLOW_USE_INITIAL_FLOW: number;
  readonly TermCriteria_COUNT: number;
  readonly TermCriteria_EPS: number;
  setRNGSeed(seed: number): void;
  goodFeaturesToTrack(
    image: Mat,
    corners: Mat,
    maxCorners: number,
    qualityLevel: number,
    minDistance: number,
    mask: Mat,
    blockSize: number,
  ): void;
  calcOpticalFlowPyrLK(
    from: Mat,
    to: Mat,
    fromPoints: Mat,
    toPoints: Mat,
    status: Mat,
    error: Mat,
    window: object,
    maxLevel: number,
    criteria: object,
    flags: number,
    minEigThreshold: number,
  ): void;
  calcOpticalFlowFarneback(
    from: Mat,
    to: Mat,
    flow: Mat,
    pyramidScale: number,
    levels: number,
    windowSize: number,
    iterations: number,
    neighbourhood: number,
    spread: number,
    flags: number,
  ): void;
  findHomography(from: Mat, to: Mat, method: number, threshold: number, inliers: Mat): Mat;
  estimateAffine2D(from: Mat, to: Mat, inliers: Mat, method: number, threshold: number): Mat;
}

interface Loading {
  readonly Mat?: unknown;
  onRuntimeInitialized?: () => void;
}

let loaded: Promise<{ cv: OpenCv }> | undefined;

/**
 * Loads OpenCV once per process (about 0.3 s). It comes inside an object because the module has a `then` of its own,
 * which returns the module again: whoever awaits it waits for ever. For the same reason it is not loaded by `import()`.
 */
export function loadOpenCv(): Promise<{ cv: OpenCv }> {
  loaded ??= load();
  return loaded;
}

async function load(): Promise<{ cv: OpenCv }> {
  // The module makes any rejected promise in the process abort it; such decisions are the program's own.
  const events = ['uncaughtException', 'unhandledRejection'] as const;
  const before = new Map(events.map((event) => [event, new Set(process.rawListeners(event))]));
  const require = createRequire(import.meta.url);
  const module = require('@techstark/opencv-js') as Loading;
  for (const event of events) {
    for (const listener of process.rawListeners(event)) {
      if (!before.get(event)?.has(listener)) process.removeListener(event, listener as () => void);
    }
  }
  if (module.Mat === undefined) {
    await new Promise<void>((resolve) => {
      module.onRuntimeInitialized = resolve;
    });
  }
  return { cv: module as unknown as OpenCv };
}
