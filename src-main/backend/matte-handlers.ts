import { readMatte } from '../engine/scan/read-matte.ts';
import type { BackendParts, HandlersOf } from './backend-parts.ts';

/** Mattes that come from other programs. */
export function matteHandlers({ paths, media, previews, signal }: BackendParts): HandlersOf<'matte.read'> {
  return {
    async 'matte.read'({ clipPath, path }) {
      const clip = await previews.probe(await paths.require(clipPath));
      return { masks: await readMatte(media, await paths.require(path), clip, signal) };
    },
  };
}
