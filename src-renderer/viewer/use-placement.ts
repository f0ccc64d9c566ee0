import { useLayoutEffect, useState, type RefObject } from 'react';
import type { Clip } from '../../src-shared/project/index.ts';
import { useEditor } from '../state/editor-store.ts';
import { useView } from '../state/view-store.ts';
import { fitScale, placeClip, type Placement, type Size } from './view-geometry.ts';

const fitMargin = 16;

/** Where the clip lies in an element, which is watched for its size. */
export interface ClipPlace {
  readonly place: Size;
  readonly placement: Placement;
  /** From the picture before to the one after, side by side; 0 where they lie on each other. */
  readonly sideOffset: number;
}

export function usePlacement(element: RefObject<HTMLElement | null>, clip: Clip): ClipPlace {
  const [size, setSize] = useState<Size>({ width: 0, height: 0 });
  const zoom = useView((state) => state.zoom);
  const pan = useView((state) => state.pan);
  const side = useEditor((state) => state.compare === 'side');
  useLayoutEffect(() => {
    const watched = element.current;
    if (watched === null) return;
    const observer = new ResizeObserver(([{ contentRect }]) => {
      setSize({ width: contentRect.width, height: contentRect.height });
    });
    observer.observe(watched);
    return () => observer.disconnect();
  }, [element]);
  const place = side ? { width: size.width / 2, height: size.height } : size;
  const scale = zoom === 'fit' ? fitScale(place, clip, fitMargin) : zoom;
  useLayoutEffect(() => {
    useView.setState({ shownZoom: scale });
  }, [scale]);
  return { place, placement: placeClip(place, clip, scale, pan), sideOffset: side ? size.width / 2 : 0 };
}
