import { useEffect, useState } from 'react';
import { isStillPicture } from '../../src-shared/core/picture/index.ts';
import { framePath, type PicturePreview } from '../../src-shared/ipc/index.ts';
import { useText } from '../i18n/index.ts';
import { backend } from '../state/backend.ts';
import { RgbCanvas } from '../ui/RgbCanvas.tsx';

/** What is seen of a file: a picture's own pixels, or the address of a clip's first frame. */
type Look = Pick<PicturePreview, 'width' | 'height'> &
  ({ readonly small: PicturePreview['small'] } | { readonly address: string });

/** At twice the pixels that are shown, for fine screens. */
const frameHeight = 112;

/** Reads a picture or a clip as far as a glance needs it. Throws where it is neither. */
export async function lookAt(path: string): Promise<Look> {
  if (isStillPicture(path)) return backend().call('files.picture', { path });
  const { mediaId, width, height } = await backend().call('clip.open', { path });
  return { width, height, address: framePath(mediaId, 0, frameHeight) };
}

export function fileName(path: string): string {
  return path.split(/[\\/]/).at(-1) ?? path;
}

/** A picture or a clip's first frame, small. `label`: what it is, for those who do not see it. */
export function SmallPicture({ path, label }: { readonly path: string; readonly label: string }) {
  const t = useText();
  const [look, setLook] = useState<Look | 'missing' | null>(null);
  const name = fileName(path);
  useEffect(() => {
    let gone = false;
    lookAt(path)
      .then((found) => {
        if (!gone) setLook(found);
      })
      .catch(() => {
        if (!gone) setLook('missing');
      });
    return () => {
      gone = true;
    };
  }, [path]);
  if (look === null) return <span className="small-picture" />;
  if (look === 'missing') return <span className="danger">{t('prompt.fileMissing', { name })}</span>;
  return (
    <span className="small-picture" title={`${name}, ${look.width} × ${look.height}`}>
      {'small' in look ? <RgbCanvas {...look.small} label={label} /> : <img src={look.address} alt={label} />}
    </span>
  );
}
