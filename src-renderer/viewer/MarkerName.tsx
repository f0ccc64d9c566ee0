import { Bookmark, X } from 'lucide-react';
import type { Clip } from '../../src-shared/project/index.ts';
import { useText } from '../i18n/index.ts';
import { useEditor } from '../state/editor-store.ts';
import { markerAt, removeMarker, renameMarker, useMarkers } from '../state/markers.ts';
import { IconButton } from '../ui/Button.tsx';
import { RenameField } from '../ui/RenameField.tsx';

/** The name of the marker under the playhead, to be changed, and a way to take the marker away. */
export function MarkerName({ clip }: { readonly clip: Clip }) {
  const t = useText();
  const frame = useEditor((state) => state.frame);
  const naming = useMarkers((state) => state.naming);
  const marker = markerAt(clip, frame);
  if (marker === undefined) return null;
  const { name } = marker;
  return (
    <span className="transport-marker">
      {naming ? (
        <RenameField
          className="marker-name"
          label={t('marker.rename')}
          name={name}
          onDone={(typed) => renameMarker(frame, typed)}
        />
      ) : (
        <button
          type="button"
          className="marker-name"
          title={`${name} (${t('marker.rename')})`}
          onClick={() => useMarkers.setState({ naming: true })}
        >
          <Bookmark size={12} aria-hidden="true" />
          <span>{name}</span>
        </button>
      )}
      <IconButton small label={t('marker.remove', { name })} side="top" onClick={() => removeMarker(frame)}>
        <X />
      </IconButton>
    </span>
  );
}
