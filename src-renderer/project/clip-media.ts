import { HetcutError } from '../../src-shared/core/errors/index.ts';
import type { OpenedClip } from '../../src-shared/ipc/index.ts';
import type { Clip } from '../../src-shared/project/index.ts';
import { text } from '../i18n/index.ts';
import { backend } from '../state/backend.ts';
import { amendProject, useEditor } from '../state/editor-store.ts';
import { showInfo } from '../state/notices.ts';
import { useSession } from './session-store.ts';

/** Opens a clip of the project; one that is not there is looked for beside the project, or is missing. */
export async function openMedia(clip: Clip): Promise<void> {
  try {
    const media = await backend().call('clip.open', { path: clip.path });
    storeMedia(clip.id, media);
    showWarnings(media);
  } catch (error) {
    if (!(error instanceof HetcutError)) throw error;
    const { file } = useSession.getState();
    if (file !== null && (await findNear(clip, file.path))) {
      showInfo(text('relink.found', { name: clip.name }));
      return;
    }
    useSession.setState(({ missing }) => ({ missing: { ...missing, [clip.id]: error.message } }));
  }
}

/**
 * Takes another file for a clip that was not found, and looks beside it for the others that are missing.
 * @throws HetcutError `relink-size` where it is another clip: masks would not fit it
 */
export async function relink(clip: Clip, path: string): Promise<void> {
  replaceFile(clip, await backend().call('clip.open', { path }));
  const { missing } = useSession.getState();
  const others = useEditor.getState().history?.present.clips.filter(({ id }) => id in missing) ?? [];
  for (const other of others) await findNear(other, path);
}

/** @throws HetcutError `relink-size` */
function replaceFile(clip: Clip, media: OpenedClip): void {
  if (media.width !== clip.width || media.height !== clip.height || media.frames !== clip.frames) {
    const size = `${media.width} × ${media.height}`;
    const old = { oldFrames: clip.frames, oldSize: `${clip.width} × ${clip.height}` };
    throw new HetcutError('relink-size', text('relink.size', { frames: media.frames, size, ...old }), {
      hint: text('relink.sizeHint'),
    });
  }
  amendProject((project) => {
    const moved = project.clips.find(({ id }) => id === clip.id);
    if (moved !== undefined) moved.path = media.path;
  });
  storeMedia(clip.id, media);
}

/** Takes a clip of the same name and size in the folder of `near`, if there is one. */
async function findNear(clip: Clip, near: string): Promise<boolean> {
  try {
    const path = await backend().call('clip.find', { path: clip.path, near });
    if (path === null) return false;
    replaceFile(clip, await backend().call('clip.open', { path }));
    return true;
  } catch (error) {
    if (!(error instanceof HetcutError)) throw error;
    return false;
  }
}

function storeMedia(clipId: string, media: OpenedClip): void {
  useEditor.setState(({ opened }) => ({ opened: { ...opened, [clipId]: media } }));
  useSession.setState(({ missing: { [clipId]: _, ...missing } }) => ({ missing }));
}

/** Shows what an editor should know of a clip that was opened. */
export function showWarnings({ name, warnings }: OpenedClip): void {
  if (warnings.length > 0) showInfo(text('notice.warnings', { name, warnings: warnings.join(' ') }));
}
