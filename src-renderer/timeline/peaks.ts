import { useEffect, useState } from 'react';
import { z } from 'zod';
import { peaksPath, type OpenedClip } from '../../src-shared/ipc/index.ts';

const peaks = z.object({
  pointsPerSec: z.number().positive(),
  /** −128…127, one a point. */
  min: z.array(z.number()),
  max: z.array(z.number()),
});
export type Peaks = z.infer<typeof peaks>;

/** The clip's loudness; null until it is here, and where there is none. */
export function usePeaks(media: OpenedClip | undefined): Peaks | null {
  const [loaded, setLoaded] = useState<{ readonly of: string; readonly peaks: Peaks } | null>(null);
  const mediaId = media?.hasAudio === true ? media.mediaId : null;
  useEffect(() => {
    if (mediaId === null) return;
    const controller = new AbortController();
    fetch(peaksPath(mediaId), { signal: controller.signal })
      .then(async (answer) => setLoaded({ of: mediaId, peaks: peaks.parse(await answer.json()) }))
      // The row stays empty: a clip is edited as well without its waveform.
      .catch(() => undefined);
    return () => controller.abort();
  }, [mediaId]);
  return loaded !== null && loaded.of === mediaId ? loaded.peaks : null;
}
