import { useEffect, useState } from 'react';
import type { SourceMap } from '../../src-shared/ipc/index.ts';
import { backend } from '../state/backend.ts';
import { activeEdit, useEditor } from '../state/editor-store.ts';
import { askLater } from './ask-later.ts';

/** `no-result`: the edit has none at this frame. `unknown`: none was kept beside the result. */
export type FoundSources = SourceMap | 'no-result' | 'unknown';

interface Known {
  readonly path: string;
  readonly frame: number;
  readonly found: SourceMap | 'unknown';
}

/** Where the pixels of the active edit's result come from at the playhead; `undefined` while it is not known. */
export function useSourceMap(): FoundSources | undefined {
  const at = useEditor((state) => state.frame);
  const result = useEditor((state) => activeEdit(state)?.result);
  const media = useEditor(({ openedResults }) =>
    result === undefined ? undefined : openedResults[result.path],
  );
  const playing = useEditor((state) => state.playRate !== 0);
  const [known, setKnown] = useState<Known | null>(null);
  const frame = at - (result?.range?.startFrame ?? 0);
  const path = media !== undefined && frame >= 0 && frame < media.frames ? media.path : undefined;
  const fits = known !== null && known.path === path && known.frame === frame;
  useEffect(() => {
    if (path === undefined || fits || playing) return undefined;
    return askLater(
      () => backend().call('result.sources', { path, frame }),
      (found) => setKnown({ path, frame, found: found ?? 'unknown' }),
    );
  }, [path, frame, fits, playing]);
  if (path === undefined) return 'no-result';
  return fits ? known.found : undefined;
}
