import { dilate, encodeMask } from '../../src-shared/core/mask/index.ts';
import { usageError } from '../../src-shared/core/errors/index.ts';
import type { Media } from '../engine/frames.ts';
import { checkClip } from '../engine/run-edit.ts';
import { networkSegmenter, type SegmenterNetwork } from '../engine/segment/network-segmenter.ts';
import type { Prompt, Segmented } from '../engine/segment/segmenter.ts';
import { checkSelect } from '../engine/select/select-in-clip.ts';
import type { SelectAnswer, SelectRequest } from '../engine/select/select-request.ts';
import { fileStamp } from '../jobs/file-stamp.ts';
import { openImported } from './open-imported.ts';

/** What was pointed at in a frame that is ready. */
type Ready = (prompt: Prompt) => Promise<Segmented>;

/**
 * Selects with an imported segmenter; the last one, and the features of the last frame, are kept for more clicks. Sizes are
 * the network's own: there is no smaller or larger object.
 */
export function createNetworkSelector(
  home: string,
  media: Media,
  signal: AbortSignal,
): (request: SelectRequest) => Promise<SelectAnswer> {
  let opened: { readonly id: string; readonly network: Promise<SegmenterNetwork | undefined> } | undefined;
  let ready: { readonly key: string; readonly frame: Promise<Ready> } | undefined;

  async function networkOf(id: string): Promise<SegmenterNetwork> {
    if (opened?.id !== id) {
      const before = opened;
      opened = { id, network: openImported(home, id, () => undefined) };
      await before?.network.then((network) => network?.release()).catch(() => undefined);
    }
    const network = await opened.network;
    if (network === undefined) throw new Error('an id was given');
    return network;
  }

  async function prepare(request: SelectRequest, id: string): Promise<Ready> {
    const source = await media.openClip(request.clipPath, signal);
    checkClip(source.info);
    checkSelect(request, source.info);
    const segmenter = networkSegmenter(await networkOf(id), source.info, source.info);
    for await (const frame of source.frames(request.frame, request.frame + 1, signal)) {
      const encoded = await segmenter.encode(frame);
      return (prompt) => segmenter.prompt(encoded, prompt);
    }
    throw usageError('select-frame', `Frame ${request.frame} cannot be read.`, 'Choose another frame.');
  }

  return async (request) => {
    const { segmenterId: id = '', frame, add, remove, box, reachPx } = request;
    const key = JSON.stringify([await fileStamp(request.clipPath), frame, id]);
    if (ready?.key !== key) ready = { key, frame: prepare(request, id) };
    const { info } = await media.openClip(request.clipPath, signal);
    try {
      const select = await ready.frame;
      if (add.length === 0 && box === undefined) return { mask: '', smaller: false, larger: false };
      checkSelect(request, info);
      const { mask } = await select({ kind: 'places', add, remove, ...(box && { box }) });
      const grown = mask.includes(255) ? dilate(mask, info.width, info.height, reachPx) : mask;
      return { mask: encodeMask(Uint8Array.from(grown)), smaller: false, larger: false };
    } catch (error) {
      // What could not be prepared is tried again.
      ready = undefined;
      opened = undefined;
      throw error;
    }
  };
}
