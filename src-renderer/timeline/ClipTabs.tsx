import { Plus, X } from 'lucide-react';
import { useText } from '../i18n/index.ts';
import { useEditor } from '../state/editor-store.ts';
import { attempt } from '../state/notices.ts';
import { IconButton } from '../ui/Button.tsx';
import { addClip, removeClip, showClip } from './timeline-actions.ts';

/** The project's clips, the active one marked. */
export function ClipTabs() {
  const t = useText();
  const clips = useEditor((state) => state.history?.present.clips) ?? [];
  const clipId = useEditor((state) => state.clipId);
  return (
    <div className="clip-tabs" role="group" aria-label={t('timeline.clips')}>
      {clips.map((clip) => (
        <div key={clip.id} className="clip-tab" data-active={clip.id === clipId}>
          <button
            type="button"
            aria-pressed={clip.id === clipId}
            title={clip.path}
            onClick={() => showClip(clip)}
          >
            {clip.name}
          </button>
          {clips.length > 1 && (
            <IconButton
              small
              label={t('timeline.closeClip', { name: clip.name })}
              side="top"
              onClick={() => removeClip(clip)}
            >
              <X />
            </IconButton>
          )}
        </div>
      ))}
      <IconButton small label={t('timeline.addClip')} side="top" onClick={() => attempt(addClip)}>
        <Plus />
      </IconButton>
    </div>
  );
}
