import { openSegmenter, type SegmenterNetwork } from '../engine/segment/network-segmenter.ts';
import { segmenterPath } from '../models/index.ts';
import { createOrt } from '../ort/index.ts';

/** The imported segmenter of an id; undefined without one. Throws as `segmenterPath` and `openSegmenter`. */
export async function openImported(
  home: string,
  id: string | undefined,
  onNote: (text: string) => void,
): Promise<SegmenterNetwork | undefined> {
  if (id === undefined) return undefined;
  return openSegmenter(await segmenterPath(home, id), createOrt({ cpuFallback: true, onFallback: onNote }));
}
