import { describe, expect, it } from 'vitest';
import type { ClipInfo } from '../engine/frames.ts';
import { patchProject, projectPathOf } from './patch-project.ts';

/**
 * The declarations that a document of ours needs, as Apple's "Document Type Definition" has them (FCPXML 1.10), without
 * the elements that we never write.
 */
const declarations = {
  fcpxml: ['resources?, library', 'version!'],
  resources: ['(asset|format)*', ''],
  format: ['', 'id! name frameDuration fieldOrder width height paspH paspV colorSpace'],
  asset: [
    'media-rep+',
    'id! name uid start duration hasVideo format hasAudio videoSources audioSources audioChannels audioRate',
  ],
  'media-rep': ['', 'kind sig src! suggestedFilename'],
  library: ['event*', 'location colorProcessing'],
  event: ['project*', 'name uid'],
  project: ['sequence', 'name uid id modDate'],
  sequence: ['spine', 'format! duration tcStart tcFormat audioLayout audioRate renderFormat keywords'],
  spine: ['asset-clip*', 'lane offset name format'],
  'asset-clip': [
    'asset-clip*, marker*',
    'ref! lane offset name start duration enabled srcEnable format tcStart tcFormat modDate audioRole videoRole',
  ],
  marker: ['', 'start! duration value! completed note'],
} as const;

interface Element {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: Element[];
}

const plain = (text: string): string =>
  text.replaceAll('&quot;', '"').replaceAll('&lt;', '<').replaceAll('&amp;', '&');

/** Reads well-formed XML of elements with attributes in double quotes; throws on anything else. */
function parse(xml: string): Element {
  const root: Element = { name: '', attributes: {}, children: [] };
  const open = [root];
  const body = xml.replace(/^<\?xml version="1\.0" encoding="UTF-8"\?>\n<!DOCTYPE fcpxml>\n/, '');
  expect(body).not.toBe(xml);
  const tag = /\s*(?:<\/([\w-]+)>|<([\w-]+)((?: [\w-]+="[^"<]*")*)(\/?)>)\s*/y;
  while (tag.lastIndex < body.length) {
    const at = tag.lastIndex;
    const found = tag.exec(body);
    if (found === null) throw new Error(`no XML at ${body.slice(at, at + 60)}`);
    const [, closed, name, attributes, empty] = found as (string | undefined)[];
    if (closed !== undefined) {
      if (open.pop()?.name !== closed) throw new Error(`</${closed}> closes nothing`);
      continue;
    }
    const pairs = [...(attributes ?? '').matchAll(/ ([\w-]+)="([^"]*)"/g)].map(([, key, value]) => {
      expect(value).not.toMatch(/&(?!amp;|lt;|quot;)/);
      return [key, plain(value)];
    });
    const element = { name: name ?? '', attributes: Object.fromEntries(pairs) as never, children: [] };
    open.at(-1)?.children.push(element);
    if (empty === '') open.push(element);
  }
  expect(open).toHaveLength(1);
  expect(root.children).toHaveLength(1);
  return root.children[0];
}

function all(element: Element): Element[] {
  return [element, ...element.children.flatMap(all)];
}

/** Holds each element to its declaration, ids to what they name, and times to whole frames of `rate`. */
function check(root: Element, rate: string): void {
  const ids = all(root).flatMap(({ attributes }) => attributes['id'] ?? []);
  const [over, under = 1] = rate.split('/').map(Number);
  for (const { name, attributes, children } of all(root)) {
    const [content, known] = declarations[name as keyof typeof declarations];
    const model = content.replaceAll(/[\w-]+/g, '(?:$&;)').replaceAll(/,\s*/g, '');
    expect(children.map((child) => `${child.name};`).join(''), name).toMatch(new RegExp(`^(?:${model})$`));
    const rows = known.split(' ').filter(Boolean);
    const names = rows.map((row) => row.replace('!', ''));
    for (const key of Object.keys(attributes)) expect(names, name).toContain(key);
    for (const row of rows) if (row.endsWith('!')) expect(attributes).toHaveProperty(row.slice(0, -1));
    for (const key of ['ref', 'format']) if (key in attributes) expect(ids).toContain(attributes[key]);
    for (const key of ['start', 'duration', 'offset', 'tcStart', 'frameDuration']) {
      if (!(key in attributes)) continue;
      const [, ticks, base = '1'] = /^(\d+)(?:\/(\d+))?s$/.exec(attributes[key]) ?? [];
      const frames = (Number(ticks) * over) / (Number(base) * under);
      expect(frames, `${name} ${key} ${attributes[key]}`).toBeCloseTo(Math.round(frames), 9);
    }
  }
  expect(new Set(ids).size).toBe(ids.length);
}

const clipOf = (frames: number, frameRate: string, start?: string, tcRate = frameRate): ClipInfo =>
  ({
    path: '/clips/street & "co" <1>.mov',
    width: 1920,
    height: 1080,
    sampleAspectRatio: '1:1',
    frameRate,
    ptsSec: new Float64Array(frames),
    audio: [{ index: 1, codec: 'aac', channels: 2, sampleRate: 48_000, startSec: 0 }],
    ...(start === undefined ? {} : { timecode: { start, frameRate: tcRate } }),
  }) as unknown as ClipInfo;
const patchOf = (clip: ClipInfo, frames: number): ClipInfo => ({
  ...clip,
  audio: [],
  ptsSec: new Float64Array(frames),
});

function written(
  clip: ClipInfo,
  startFrame: number,
  frames: number,
  markers: readonly [number, string][] = [],
) {
  const named = markers.map(([frame, name]) => ({ frame, name }));
  const root = parse(patchProject(clip, patchOf(clip, frames), startFrame, '/out/a patch#1.mov', named));
  check(root, clip.frameRate);
  const [main, patch] = all(root).filter(({ name }) => name === 'asset-clip');
  const one = (name: string): Element => all(root).find((element) => element.name === name) as Element;
  return { root, main, patch, one, markers: main.children.filter(({ name }) => name === 'marker') };
}

describe('the project beside a patch', () => {
  it('lays it over its clip at the clip’s own timecode, with the markers', () => {
    const { root, main, patch, one, markers } = written(clipOf(100, '25/1', '10:00:00:00'), 50, 20, [
      [0, 'first'],
      [60, 'a & b "c" <d>\nline'],
      [100, 'after the end'],
    ]);
    expect(root.attributes).toEqual({ version: '1.10' });
    expect(one('format').attributes).toMatchObject({ frameDuration: '1/25s', width: '1920', height: '1080' });
    expect(one('sequence').attributes).toMatchObject({ tcStart: '36000s', tcFormat: 'NDF', duration: '4s' });
    expect(main.attributes).toMatchObject({ ref: 'r2', offset: '36000s', start: '36000s', duration: '4s' });
    expect(patch.attributes).toMatchObject({ ref: 'r3', lane: '1', offset: '36002s', start: '36002s' });
    expect(patch.attributes['duration']).toBe('20/25s');
    expect(markers.map(({ attributes }) => [attributes['start'], attributes['value']])).toEqual([
      ['36000s', 'first'],
      ['900060/25s', 'a & b "c" <d> line'],
    ]);
    const assets = all(root).filter(({ name }) => name === 'media-rep');
    expect(assets.map(({ attributes }) => attributes['src'])).toEqual([
      'file:///clips/street%20&%20%22co%22%20%3C1%3E.mov',
      'file:///out/a%20patch%231.mov',
    ]);
  });

  it.each([
    // An hour of drop-frame is 107,892 frames, one of non-drop at the same rate 108,000.
    ['30000/1001', '01:00:00;00', 'DF', 107_892],
    ['30000/1001', '01:00:00:00', 'NDF', 108_000],
    ['24000/1001', '01:00:00:00', 'NDF', 86_400],
    ['60000/1001', '00:01:00;04', 'DF', 3600],
    ['25', '00:00:01:00', 'NDF', 25],
  ])('counts %s from %s as %s: frame %d', (rate, start, kind, first) => {
    const { one, main, patch } = written(clipOf(48, rate, start), 12, 12);
    const [over, under = 1] = rate.split('/').map(Number);
    const seconds = (time: string): number => {
      const [ticks, base = '1'] = time.replace('s', '').split('/');
      return Number(ticks) / Number(base);
    };
    expect(one('sequence').attributes['tcFormat']).toBe(kind);
    expect(seconds(main.attributes['start'])).toBeCloseTo((first * under) / over, 9);
    expect(seconds(patch.attributes['offset'])).toBeCloseTo(((first + 12) * under) / over, 9);
  });

  it('counts a timecode of half the rate in the clip’s frames', () => {
    expect(written(clipOf(10, '50/1', '00:00:02:00', '25/1'), 0, 10).main.attributes['start']).toBe('2s');
  });

  it('begins both at 0 where the clip has no timecode', () => {
    const { main, patch } = written(clipOf(24, '24/1'), 12, 6);
    expect([main.attributes['start'], patch.attributes['start'], patch.attributes['offset']]).toEqual([
      '0s',
      '0s',
      '12/24s',
    ]);
  });

  it('lies beside the patch', () => {
    expect(projectPathOf('/out.d/a.b.mov')).toBe('/out.d/a.b.fcpxml');
  });
});
