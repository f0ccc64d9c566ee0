import { basename } from 'node:path';
import { pathToFileURL } from 'node:url';
import { framesPerSecond, timecodeFrames, type Marker } from '../../src-shared/project/index.ts';
import type { ClipInfo } from '../engine/frames.ts';

/** An element of XML; `children` are elements already written. Control characters, which XML cannot hold, are spaces. */
function element(
  name: string,
  attributes: Readonly<Record<string, string | number | undefined>>,
  children: readonly string[] = [],
): string {
  const escaped = (value: string | number): string =>
    String(value)
      .replaceAll(/[\p{Cc}\ufffe\uffff]/gu, ' ')
      .replaceAll('&', '&amp;')
      .replaceAll('<', '&lt;')
      .replaceAll('"', '&quot;');
  const given = Object.entries(attributes).flatMap(([key, value]) =>
    value === undefined ? [] : [` ${key}="${escaped(value)}"`],
  );
  if (children.length === 0) return `<${name}${given.join('')}/>`;
  const inner = children.flatMap((child) => child.split('\n')).map((line) => `  ${line}`);
  return [`<${name}${given.join('')}>`, ...inner, `</${name}>`].join('\n');
}

/** Times of FCPXML are rational seconds, whole numbers of frames: of a rate such as "30000/1001". */
function timeOf(frameRate: string): (frames: number) => string {
  const [over, under = 1] = frameRate.split('/').map(Number);
  return (frames) => {
    const ticks = frames * under;
    return ticks % over === 0 ? `${ticks / over}s` : `${ticks}/${over}s`;
  };
}

/** Frames of the clip's rate from 00:00:00:00 to its first; a timecode may count by another rate, such as half of it. */
function firstFrame({ timecode, frameRate }: ClipInfo): number {
  if (timecode === undefined) return 0;
  const counted = timecodeFrames(timecode.start, timecode.frameRate) ?? 0;
  return Math.round((counted * framesPerSecond(frameRate)) / framesPerSecond(timecode.frameRate));
}

/** Where the project of an exported patch lies: beside it, under its name. */
export const projectPathOf = (patchPath: string): string => patchPath.replace(/\.[^./\\]+$/, '') + '.fcpxml';

/**
 * A project (FCPXML 1.10, after Apple's "Document Type Definition" of Final Cut Pro XML) of the clip at its own timecode,
 * with the patch connected above it on the frames that it holds, and the clip's markers.
 *
 * @param clip The whole clip, of a constant rate.
 * @param patch As written: its frames.
 * @param startFrame The patch's first frame in the clip.
 */
export function patchProject(
  clip: ClipInfo,
  patch: ClipInfo,
  startFrame: number,
  patchPath: string,
  markers: readonly Marker[],
): string {
  const time = timeOf(clip.frameRate);
  const first = firstFrame(clip);
  const tcFormat = clip.timecode?.start.includes(';') === true ? 'DF' : 'NDF';
  const count = clip.ptsSec.length;
  const [paspH, paspV] = clip.sampleAspectRatio.split(':');
  const [sound] = clip.audio;
  const asset = (id: string, of: ClipInfo, path: string, start: number): string =>
    element(
      'asset',
      {
        id,
        name: basename(path),
        start: time(start),
        duration: time(of.ptsSec.length),
        hasVideo: 1,
        format: 'r1',
        ...(of.audio.length > 0 && {
          hasAudio: 1,
          audioSources: of.audio.length,
          audioChannels: sound.channels,
          audioRate: sound.sampleRate,
        }),
      },
      [element('media-rep', { kind: 'original-media', src: pathToFileURL(path).href })],
    );
  // Without a timecode of its own a file begins at 0.
  const patchStart = patch.timecode === undefined ? 0 : first + startFrame;
  const connected = element('asset-clip', {
    ref: 'r3',
    lane: 1,
    // In the time of the clip that it is connected to.
    offset: time(first + startFrame),
    name: basename(patchPath),
    start: time(patchStart),
    duration: time(patch.ptsSec.length),
    format: 'r1',
    tcFormat,
  });
  const inClip = markers.filter(({ frame }) => frame < count);
  const main = element(
    'asset-clip',
    {
      ref: 'r2',
      offset: time(first),
      name: basename(clip.path),
      start: time(first),
      duration: time(count),
      format: 'r1',
      tcFormat,
    },
    [
      connected,
      ...inClip.map(({ frame, name }) =>
        element('marker', { start: time(first + frame), duration: time(1), value: name }),
      ),
    ],
  );
  const title = basename(patchPath);
  const sequence = element(
    'sequence',
    { format: 'r1', duration: time(count), tcStart: time(first), tcFormat },
    [element('spine', {}, [main])],
  );
  const document = element('fcpxml', { version: '1.10' }, [
    element('resources', {}, [
      element('format', {
        id: 'r1',
        frameDuration: time(1),
        width: clip.width,
        height: clip.height,
        ...(paspH !== paspV && { paspH, paspV }),
      }),
      asset('r2', clip, clip.path, first),
      asset('r3', patch, patchPath, patchStart),
    ]),
    element('library', {}, [
      element('event', { name: 'HetCut' }, [element('project', { name: title }, [sequence])]),
    ]),
  ]);
  return `<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE fcpxml>\n${document}\n`;
}
