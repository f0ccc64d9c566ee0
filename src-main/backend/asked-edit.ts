import type { EditRequest } from '../engine/edit-job.ts';
import type { ClipInfo } from '../engine/frames.ts';
import type { BackendParts } from './backend-parts.ts';
import { editRequest, type EditInput } from './edit-request.ts';

/** An edit of the window as the engine takes it, its mask as a file, and its clip. Throws `path-refused`, and as `MaskFiles.pathOf`. */
export async function askedEdit(
  { paths, previews, masks }: Pick<BackendParts, 'paths' | 'previews' | 'masks'>,
  asked: EditInput,
): Promise<[EditRequest, ClipInfo]> {
  const path = await paths.require(asked.clipPath);
  const { referencePath, platePath } = asked.settings;
  for (const named of [referencePath, platePath]) if (named !== undefined) await paths.require(named);
  const clip = await previews.probe(path);
  return [editRequest(path, await masks.pathOf(asked.mask, clip), asked), clip];
}
