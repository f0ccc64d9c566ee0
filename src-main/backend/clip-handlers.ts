import { basename } from 'node:path';
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
    codec: info.codec,
    warnings: info.warnings,
  };
}

export function clipHandlers(parts: BackendParts): HandlersOf<'clip.open' | 'clip.sample'> {
  return {
    'clip.open': async ({ path }) => openClip(parts, await parts.paths.require(path)),
    async 'clip.sample'() {
      parts.paths.allow(samplePath);
      return openClip(parts, samplePath);
    },
  };
}
