/** A decoded picture; `ImageBitmap` is one. */
interface Picture {
  readonly width: number;
  readonly height: number;
  close(): void;
}

export interface FrameCache<P extends Picture> {
  /** The picture at a path of `framePath`, if it is here. */
  get(path: string): P | undefined;
  /**
   * Says what is wanted, the most urgent first. Requests for anything else are given up, unless they have pictures
   * already.
   */
  want(paths: readonly string[]): void;
  /** Calls back for every picture that comes; returns how to stop. */
  onArrival(listener: (path: string) => void): () => void;
}

interface CacheOptions<P extends Picture> {
  readonly load: (path: string, signal: AbortSignal) => Promise<P>;
  /** Higher keeps more pictures; at least one is kept. */
  readonly maxBytes: number;
  /** Requests at a time: higher fills the line to a distant program, lower answers a jump sooner. */
  readonly maxLoading: number;
}

/**
 * Decoded pictures, the longest unused thrown out first. A path names a picture of a file as it was when the clip was
 * opened (media ids are new for every opening), so nothing here ever becomes wrong.
 */
export function createFrameCache<P extends Picture>({
  load,
  maxBytes,
  maxLoading,
}: CacheOptions<P>): FrameCache<P> {
  // A Map keeps the order of insertion: the first is the longest unused.
  const pictures = new Map<string, P>();
  const loading = new Map<string, AbortController>();
  const failed = new Set<string>();
  const listeners = new Set<(path: string) => void>();
  let wanted: readonly string[] = [];
  let bytes = 0;

  // Four bytes a pixel, as decoded.
  const bytesOf = ({ width, height }: Picture): number => width * height * 4;

  function keep(path: string, picture: P): void {
    pictures.set(path, picture);
    bytes += bytesOf(picture);
    for (const [oldest, old] of pictures) {
      if (bytes <= maxBytes || oldest === path) break;
      pictures.delete(oldest);
      bytes -= bytesOf(old);
      old.close();
    }
  }

  function loadNext(): void {
    for (const path of wanted) {
      if (loading.size >= maxLoading) return;
      if (pictures.has(path) || loading.has(path) || failed.has(path)) continue;
      const controller = new AbortController();
      loading.set(path, controller);
      load(path, controller.signal).then(
        (picture) => {
          // One that was given up and asked for again is loading under another controller.
          if (loading.get(path) !== controller) return picture.close();
          loading.delete(path);
          keep(path, picture);
          for (const listener of listeners) listener(path);
          loadNext();
        },
        () => {
          if (loading.get(path) !== controller) return;
          loading.delete(path);
          failed.add(path);
          loadNext();
        },
      );
    }
  }

  return {
    get(path) {
      const picture = pictures.get(path);
      if (picture === undefined) return undefined;
      pictures.delete(path);
      pictures.set(path, picture);
      return picture;
    },
    want(paths) {
      wanted = paths;
      // What failed is tried again once it is the most urgent.
      failed.delete(paths[0]);
      const still = new Set(paths);
      for (const [path, controller] of loading) {
        if (still.has(path)) continue;
        loading.delete(path);
        controller.abort();
      }
      loadNext();
    },
    onArrival(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
}

/** Fetches and decodes a JPEG off the page's thread. */
export async function loadPicture(path: string, signal: AbortSignal): Promise<ImageBitmap> {
  const answer = await fetch(path, { signal });
  if (!answer.ok) throw new Error(`${path}: ${answer.status}`);
  return createImageBitmap(await answer.blob());
}

/**
 * Frames in the order in which they are wanted: this one, then those that play next, then a few behind.
 * @param direction of play: 1 or −1; paused, both sides count alike
 */
export function framesAround(
  frame: number,
  frames: number,
  direction: -1 | 0 | 1,
  ahead: number,
  behind: number,
): number[] {
  const order = [frame];
  const forward = direction === 0 ? 1 : direction;
  for (let step = 1; step <= Math.max(ahead, behind); step++) {
    if (step <= ahead) order.push(frame + step * forward);
    if (step <= behind) order.push(frame - step * forward);
  }
  return order.filter((at) => at >= 0 && at < frames);
}
