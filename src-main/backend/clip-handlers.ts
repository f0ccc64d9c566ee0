import { stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { OpenedClip } from '../../src-shared/ipc/index.ts';
import type { BackendParts, HandlersOf } from './backend-parts.ts';
import { samples } from './samples.ts';

async function openClip({ previews, mediaServer }: BackendParts, path: string): Promise<OpenedClip> {
  const info = await previews.probe(path);
  const [first] = info.ptsSec;
  return {
    mediaId: await mediaServer.open(path, info),
    path,
    name: basename(path),
    width: info.width,
    height: info.height,
    frames: info.ptsSec.length,
    frameRate: info.frameRate,
    durationSec: info.durationSec,
    ptsSec: Array.from(info.ptsSec, (pts) => pts - first),
    hasAudio: info.audio.length > 0,
    ...(info.timecode === undefined ? {} : { timecode: info.timecode }),
    codec: info.codec,
    warnings: info.warnings,
  };
}

export function clipHandlers(parts: BackendParts): HandlersOf<'clip.open' | 'clip.find' | 'clip.sample'> {
  return {
    'clip.open': async ({ path }) => openClip(parts, await parts.paths.require(path)),
    async 'clip.find'({ path, near }) {
      // Both were chosen or named by a document: only files of names that are known can be reached so.
      const [wanted, beside] = [await parts.paths.require(path), await parts.paths.require(near)];
      const found = join(dirname(beside), basename(wanted));
      const isFile = await stat(found).then(
        (entry) => entry.isFile(),
        () => false,
      );
      if (!isFile) return null;
      parts.paths.allow(found);
      return found;
    },
    async 'clip.sample'({ name }) {
      const { clipPath, shapes, settings } = samples[name];
      const { paths, media, previews, signal } = parts;
      paths.allow(clipPath);
      const opened = await openClip(parts, clipPath);
      return { media: opened, shapes: await shapes(media, await previews.probe(clipPath), signal), settings };
    },
  };
}
