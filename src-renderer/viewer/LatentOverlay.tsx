import { useEffect } from 'react';
import type { Clip } from '../../src-shared/project/index.ts';
import { useText } from '../i18n/index.ts';
import { goToFrame, useEditor } from '../state/editor-store.ts';
import { usePreviews } from '../state/previews.ts';
import { RgbCanvas } from '../ui/RgbCanvas.tsx';
import type { ClipPlace } from './use-placement.ts';

/** What the active edit's job is generating, over its part of the picture, where the editor wants to watch it. */
export function LatentOverlay({ clip, where }: { readonly clip: Clip; readonly where: ClipPlace }) {
  const t = useText();
  const jobId = useEditor(
    ({ jobs, editId }) => jobs.find((job) => job.state === 'running' && job.editId === editId)?.id ?? '',
  );
  const preview = usePreviews(({ byJob, inViewer }) => (inViewer ? byJob[jobId] : undefined));
  const shownFrame = preview?.frame;
  useEffect(() => {
    if (shownFrame !== undefined) goToFrame(shownFrame);
  }, [shownFrame]);
  const frame = useEditor((state) => state.frame);
  // Over another frame it would show what is not there.
  if (preview === undefined || frame !== shownFrame) return null;
  const { left, top, scale } = where.placement;
  const { crop, rgb, width, height } = preview;
  return (
    <div
      className="latent-place"
      style={{ left, top, width: clip.width * scale, height: clip.height * scale }}
    >
      <div
        className="latent"
        style={{
          left: crop.x * scale,
          top: crop.y * scale,
          width: crop.width * scale,
          height: crop.height * scale,
        }}
      >
        <RgbCanvas
          rgb={rgb}
          width={width}
          height={height}
          label={t('jobs.preview', { frame: preview.frame + 1 })}
        />
      </div>
    </div>
  );
}
