import { stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { OpenedClip } from '../../src-shared/ipc/index.ts';
import type { BackendParts, HandlersOf } from './backend-parts.ts';

/** The bundled clip: a cartoon with sound, of which the starter model takes a stone. */
const samplePath = fileURLToPath(new URL('../../assets/demo/bunny.mp4', import.meta.url));

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
    async 'clip.sample'() {
      parts.paths.allow(samplePath);
      return openClip(parts, samplePath);
    },
  };
}
