import { clipTimecode, type Clip } from '../../src-shared/project/index.ts';
import { useText } from '../i18n/index.ts';
import { activeMedia, goToFrame, useEditor } from '../state/editor-store.ts';
import { removeMarker, useMarkers } from '../state/markers.ts';
import { frameToX, type TimelineScale } from './timeline-scale.ts';

interface MarkersProps {
  readonly clip: Clip;
  readonly scale: TimelineScale;
  readonly width: number;
}

/** The clip's markers along the top of the ruler: a click or the focus goes there. */
export function Markers({ clip: { markers = [], frameRate }, scale, width }: MarkersProps) {
  const t = useText();
  const frame = useEditor((state) => state.frame);
  const own = useEditor((state) => activeMedia(state)?.timecode);
  if (markers.length === 0) return null;
  const goTo = (to: number): void => {
    useEditor.setState({ playRate: 0 });
    goToFrame(to);
  };
  return (
    <ul className="markers" aria-label={t('marker.all')}>
      {markers.map((marker) => {
        const x = frameToX(scale, marker.frame + 0.5);
        const time = clipTimecode(marker.frame, frameRate, own);
        return (
          <li key={marker.frame} style={{ left: x }} hidden={x < 0 || x > width}>
            <button
              type="button"
              // The playhead on it can be taken with the pointer.
              data-here={marker.frame === frame}
              aria-label={t('marker.at', { name: marker.name, time })}
              title={`${marker.name} · ${time}\n${t('marker.help')}`}
              onFocus={() => goTo(marker.frame)}
              onClick={() => goTo(marker.frame)}
              onDoubleClick={() => useMarkers.setState({ naming: true })}
              onKeyDown={(event) => {
                if (event.key === 'Delete' || event.key === 'Backspace') removeMarker(marker.frame);
                else if (event.key === 'F2') useMarkers.setState({ naming: true });
                else return;
                event.preventDefault();
                event.stopPropagation();
              }}
            />
          </li>
        );
      })}
    </ul>
  );
}
