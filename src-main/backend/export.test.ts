import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { requests, type ExportRow } from '../../src-shared/ipc/index.ts';
import type { EditMask } from '../../src-shared/project/index.ts';
import { parseProjectMask, rasteriseMask } from '../../src-shared/project/mask/index.ts';
import type { FrameSource, Media, VideoFrame } from '../engine/frames.ts';
import { createHardwareProbe, createMedia, createPreviewMedia, findBinaries } from '../media/index.ts';
import {
  collect,
  ffmpeg,
  ffprobe,
  fingerprint,
  soundFingerprint,
  temporaryFolder,
  toolchains,
} from '../media/testing/clips.ts';
import type { BackendParts } from './backend-parts.ts';
import { exportHandlers } from './export-handlers.ts';
import type { ExportRequest } from './export-plan.ts';
import { ExportRuns } from './export-runs.ts';
import { createPathRule } from './path-rule.ts';

const folder = temporaryFolder(afterAll);
const home = join(folder, 'home');
const place = join(folder, 'place');
const at = (name: string): string => join(place, name);
const size = { width: 32, height: 16 };
const frameCount = 8;

function boxMask(from: readonly [number, number], to: readonly [number, number]): EditMask {
  return {
    shapes: [{ kind: 'box', effect: 'remove', keyframes: [{ frame: 0, from, to }] }],
    grow: 0,
    invert: false,
  };
}
const left = boxMask([4, 4], [16, 12]);
const middle = boxMask([12, 2], [24, 10]);

/** Whether a pixel is in a box of `boxMask`, worked out without the program's own drawing. */
const inLeft = (x: number, y: number): boolean => x >= 4 && x < 16 && y >= 4 && y < 12;
const inMiddle = (x: number, y: number): boolean => x >= 12 && x < 24 && y >= 2 && y < 10;

let media: Media;
let usualParts: Pick<BackendParts, 'media' | 'previews' | 'findHardware'>;

/** Writes what an edit would: luma `value` + frame inside the box, all else the source's. Frames [start, end). */
async function writeResult(
  source: FrameSource,
  path: string,
  inside: (x: number, y: number) => boolean,
  value: number,
  [start, end]: readonly [number, number] = [0, frameCount],
): Promise<void> {
  const info = { ...source.info, audio: [], ptsSec: source.info.ptsSec.slice(start, end) };
  const sink = await media.openSink(path, info, { quality: 'lossless' });
  for await (const { index, planes } of source.frames(start, end)) {
    const luma = planes[0].map((sample, i) =>
      inside(i % size.width, Math.floor(i / size.width)) ? value + index : sample,
    );
    await sink.write({ index: index - start, planes: [luma, planes[1], planes[2]] });
  }
  await sink.close();
}

beforeAll(async () => {
  for (const path of [home, place, join(home, 'results')]) mkdirSync(path);
  media = await createMedia();
  usualParts = { media, previews: await createPreviewMedia(), findHardware: createHardwareProbe() };
  const tags = [
    '-colorspace',
    'bt709',
    '-color_primaries',
    'bt709',
    '-color_trc',
    'bt709',
    '-color_range',
    'tv',
  ];
  ffmpeg([
    ...['-f', 'lavfi', '-i', `testsrc2=s=${size.width}x${size.height}:r=25:d=${frameCount / 25}`],
    ...['-f', 'lavfi', '-i', `sine=r=48000:d=${frameCount / 25}`, '-c:a', 'aac'],
    ...['-c:v', 'libx264', '-qp', '0', '-pix_fmt', 'yuv420p', ...tags, at('clip.mp4')],
  ]);
  const source = await media.openClip(at('clip.mp4'));
  await writeResult(source, join(home, 'results', 'left.mp4'), inLeft, 40);
  // Of frames 2 to 6 only.
  await writeResult(source, join(home, 'results', 'middle.mp4'), inMiddle, 140, [2, 6]);
});

/** The handlers over a backend's parts as far as exports need them; `env`: of another ffmpeg. */
async function world(env?: NodeJS.ProcessEnv, opened: readonly string[] = []) {
  const events: (readonly ExportRow[])[] = [];
  let changed = (): void => undefined;
  const exports = new ExportRuns((rows) => {
    events.push(rows);
    changed();
  }, Date.now);
  const parts: Partial<BackendParts> = {
    home,
    paths: createPathRule([place, join(home, 'results')]),
    ...usualParts,
    ...(env === undefined ? {} : { media: await createMedia(env), findHardware: createHardwareProbe(env) }),
    mediaServer: { opened: () => opened } as BackendParts['mediaServer'],
    exports,
  };
  const handlers = exportHandlers(parts as BackendParts);
  /** Starts an export and waits for its end. */
  const run = async (asked: ExportRequest & { path: string }): Promise<ExportRow> => {
    const { id } = await handlers['export.start'](asked);
    return new Promise((resolve) => {
      changed = () => {
        const row = exports.rows().find((one) => one.id === id);
        if (row !== undefined && row.state !== 'waiting' && row.state !== 'running') resolve(row);
      };
      changed();
    });
  };
  return { handlers, exports, events, run };
}

const both: ExportRequest['layers'] = [
  { mask: left, result: { path: join(home, 'results', 'left.mp4') } },
  {
    mask: middle,
    result: { path: join(home, 'results', 'middle.mp4'), range: { startFrame: 2, endFrame: 6 } },
  },
];
const asked = (name: string, change: Partial<ExportRequest> = {}): ExportRequest & { path: string } => ({
  clipPath: at('clip.mp4'),
  what: 'picture',
  layers: both,
  edge: 'painted',
  format: 'h264',
  quality: 'lossless',
  encoder: 'software',
  sound: 'copy',
  ...change,
  path: at(name),
});

/** What frame `frame` of the export shows at a pixel: the topmost edit there, else the source. */
function expectedLuma(source: VideoFrame, i: number): number {
  const [x, y] = [i % size.width, Math.floor(i / size.width)];
  if (inMiddle(x, y) && source.index >= 2 && source.index < 6) return 140 + source.index;
  return inLeft(x, y) ? 40 + source.index : source.planes[0][i];
}

const partials = (): string[] => readdirSync(place).filter((name) => name.includes('.partial'));
beforeEach(() => () => expect(partials()).toEqual([]));

describe('an export', () => {
  it('layers the edits in order; outside of them every sample is the source’s, and so is the sound', async () => {
    const { run } = await world();
    const row = await run(asked('both.mp4'));
    expect(row).toMatchObject({
      state: 'done',
      done: frameCount,
      written: {
        codec: 'h264',
        pixelFormat: 'yuv420p',
        ...size,
        frames: frameCount,
        sound: ['aac'],
        warnings: [],
      },
    });
    expect(row.written?.bytes).toBe(readFileSync(at('both.mp4')).length);
    const source = await media.openClip(at('clip.mp4'));
    const result = await media.openClip(at('both.mp4'));
    const [before, after] = [await collect(source), await collect(result)];
    before.forEach((frame, index) => {
      const expected = frame.planes[0].map((_, i) => expectedLuma(frame, i));
      expect([...after[index].planes[0]]).toEqual([...expected]);
      expect([...after[index].planes[1]]).toEqual([...frame.planes[1]]);
      expect([...after[index].planes[2]]).toEqual([...frame.planes[2]]);
    });
    expect([...result.info.ptsSec]).toEqual([...source.info.ptsSec]);
    expect(result.info.colour).toEqual(source.info.colour);
    expect(soundFingerprint(at('both.mp4'))).toBe(soundFingerprint(at('clip.mp4')));
  });

  it('copies groups of pictures that no edit changes, unless it is told not to', async () => {
    const clip = ['-f', 'lavfi', '-i', `testsrc2=s=${size.width}x${size.height}:r=25:d=0.96`];
    const grouped = ['-c:v', 'libx264', '-g', '8', '-sc_threshold', '0', '-pix_fmt', 'yuv420p'];
    ffmpeg([...clip, ...grouped, at('grouped.mp4')]);
    const source = await media.openClip(at('grouped.mp4'));
    const path = join(home, 'results', 'grouped.mp4');
    await writeResult(source, path, inLeft, 40, [4, 14]);
    // The result has more frames than the mask is there for.
    const [shape] = left.shapes;
    const mask = { ...left, shapes: [{ ...shape, startFrame: 9, endFrame: 12 }] };
    const layers: ExportRequest['layers'] = [
      { mask, result: { path, range: { startFrame: 4, endFrame: 14 } } },
    ];
    const usual = { clipPath: at('grouped.mp4'), layers, quality: 'visually-lossless' } as const;
    const { run } = await world();
    const written = async (name: string, change: Partial<ExportRequest> = {}) =>
      (await run(asked(name, { ...usual, ...change }))).written;
    expect(await written('copied.mp4')).toMatchObject({ frames: 24, copied: 16, encoded: 8, warnings: [] });
    const [before, after] = [await collect(source), await collect(await media.openClip(at('copied.mp4')))];
    expect(after.map((frame, i) => fingerprint(frame) === fingerprint(before[i])).join()).toBe(
      before.map((_, i) => i < 8 || i > 15).join(),
    );
    expect(after[10].planes[0][5 * size.width + 6]).toBeLessThan(60);
    const part = { range: { startFrame: 3, endFrame: 24 } };
    expect(await written('part-copied.mp4', part)).toMatchObject({ frames: 21, copied: 8, encoded: 13 });
    const all = { copied: 0, encoded: 24 };
    // Nobody expects these to be copied.
    for (const change of [{ reencode: true }, { format: 'hevc' }] as const) {
      const made = await written('encoded.mp4', change);
      expect(made).toMatchObject(all);
      expect(made).not.toHaveProperty('reason');
    }
    expect(await written('other.mov', { format: 'prores' })).not.toHaveProperty('reason');
    expect(await written('matte.mp4', { what: 'matte' })).not.toHaveProperty('reason');
  });

  it('holds a range, whose frames without a result are the source’s', async () => {
    const { run } = await world();
    const [, second] = both;
    const row = await run(
      asked('part.mp4', { layers: [second], range: { startFrame: 4, endFrame: 8 }, sound: 'none' }),
    );
    expect(row).toMatchObject({ state: 'done', written: { frames: 4, sound: [] } });
    const before = await collect(await media.openClip(at('clip.mp4')), 4, 8);
    const after = await collect(await media.openClip(at('part.mp4')));
    after.forEach(({ planes }, index) => {
      const { planes: source, index: frame } = before[index];
      const expected = source[0].map((sample, i) => {
        const edited = frame < 6 && inMiddle(i % size.width, Math.floor(i / size.width));
        return edited ? 140 + frame : sample;
      });
      expect([...planes[0]]).toEqual([...expected]);
    });
  });

  describe.each(toolchains)('of PCM sound with $name', ({ env }) => {
    const pcm = { format: 'prores', quality: 'visually-lossless', sound: 'pcm' } as const;
    const samplesOf = (path: string, filter: string): Int32Array => {
      const raw = ffmpeg(['-i', path, '-map', '0:a', '-af', filter, '-f', 's32le', '-']);
      return new Int32Array(raw.buffer.slice(raw.byteOffset, raw.byteOffset + raw.length));
    };

    const furthest = (before: Int32Array, after: Int32Array): number =>
      after.reduce((most, value, i) => Math.max(most, Math.abs(before[i] - value)), 0);

    it('has the clip’s, decoded to 24 bits', async () => {
      const { handlers, run } = await world(env);
      expect(await handlers['export.check'](asked('sound.mov', pcm))).toMatchObject({ sound: ['pcm_s24le'] });
      const row = await run(asked('sound.mov', pcm));
      expect(row).toMatchObject({ state: 'done', written: { codec: 'prores', sound: ['pcm_s24le'] } });
      const length = (frameCount / 25) * 48_000;
      const [before, after] = ['clip.mp4', 'sound.mov'].map((name) => samplesOf(at(name), 'anull'));
      expect(after.length).toBeGreaterThanOrEqual(length);
      // Of 32 bits; the last 8 are lost in 24.
      expect(furthest(before, after.subarray(0, length))).toBeLessThan(2 ** 9);
    });

    it('of a part begins and ends with its pictures, to the sample', async () => {
      const { run } = await world(env);
      const range = { startFrame: 2, endFrame: 5 };
      const row = await run(asked('part.mov', { ...pcm, range }));
      expect(row).toMatchObject({
        state: 'done',
        written: { frames: 3, sound: ['pcm_s24le'], warnings: [] },
      });
      const after = samplesOf(at('part.mov'), 'anull');
      expect(after).toHaveLength((3 * 48_000) / 25);
      const before = samplesOf(at('clip.mp4'), 'anull').subarray((2 * 48_000) / 25);
      expect(furthest(before, after)).toBeLessThan(2 ** 9);
    });

    it('goes into a .mov where .mp4 holds none', async () => {
      const { handlers } = await world(env);
      const { path: _, ...nowhere } = asked('x', { sound: 'pcm' });
      expect(await handlers['export.check'](nowhere)).toMatchObject({ ending: '.mov' });
      await expect(handlers['export.check'](asked('x.mp4', { sound: 'pcm' }))).rejects.toMatchObject({
        code: 'sound-not-copyable',
        message: expect.stringContaining('PCM') as string,
      });
    });
  });

  it('of a matte has the values of the masks as the program draws them', async () => {
    const { run } = await world();
    const row = await run(asked('matte.mp4', { what: 'matte', range: { startFrame: 3, endFrame: 5 } }));
    expect(row).toMatchObject({ state: 'done', written: { frames: 2, sound: [] } });
    const drawn = [left, middle].map(({ shapes }) =>
      rasteriseMask(
        parseProjectMask({ format: 'hetcut-mask', version: 1, ...size, frames: frameCount, shapes }, 'test'),
        3,
      ),
    );
    const result = await media.openClip(at('matte.mp4'));
    expect(result.info.colour.range).toBe('full');
    for (const { planes } of await collect(result)) {
      expect([...planes[0]]).toEqual([...drawn[0].map((value, i) => Math.max(value, drawn[1][i]))]);
      expect(planes[0].filter((value) => value === 255)).toHaveLength(12 * 8 + 12 * 8 - 4 * 6);
    }
  });

  it('of a matte shows the box where the mask covers one', async () => {
    const { run } = await world();
    const stair = { ...middle, shapes: [...left.shapes, ...middle.shapes], box: true };
    const change = { what: 'matte', format: 'png', range: { startFrame: 0, endFrame: 1 } } as const;
    const row = await run(asked('boxed', { ...change, layers: [{ mask: stair }] }));
    expect(row.failure).toBeUndefined();
    const grey = ffmpeg(['-i', at('boxed/boxed_000000.png'), '-f', 'rawvideo', '-pix_fmt', 'gray', '-']);
    grey.forEach((value, i) => {
      const [x, y] = [i % size.width, Math.floor(i / size.width)];
      expect(value).toBe(x >= 4 && x < 24 && y >= 2 && y < 12 ? 255 : 0);
    });
  });

  it('of a soft matte as PNG files rises inwards, numbered as the source’s frames', async () => {
    const { run } = await world();
    const change = {
      what: 'matte',
      edge: 'blended',
      format: 'png',
      range: { startFrame: 5, endFrame: 7 },
    } as const;
    const row = await run(asked('matte', { ...change, layers: [{ mask: left }] }));
    expect(row).toMatchObject({ state: 'done', written: { codec: 'png', pixelFormat: 'gray', frames: 2 } });
    expect(readdirSync(at('matte'))).toEqual(['matte_000005.png', 'matte_000006.png']);
    const grey = ffmpeg(['-i', at('matte/matte_000005.png'), '-f', 'rawvideo', '-pix_fmt', 'gray', '-']);
    // Row 8 is in the middle of the box, four pixels from its border: columns 4 to 15 rise and fall.
    const weight = (d: number): number => Math.round(255 * (d / 5) ** 2 * (3 - (2 * d) / 5));
    const half = [weight(1), weight(2), weight(3), weight(4), weight(4), weight(4)];
    expect([...grey.subarray(7 * 32, 8 * 32)]).toEqual([
      ...Array<number>(4).fill(0),
      ...half,
      ...half.toReversed(),
      ...Array<number>(16).fill(0),
    ]);
  });

  it('as ProRes has its codec, its sound and its colours', async () => {
    const { run } = await world();
    expect(await run(asked('both.mov', { format: 'prores', quality: 'visually-lossless' }))).toMatchObject({
      state: 'done',
      written: { codec: 'prores', pixelFormat: 'yuv422p10le', frames: frameCount, sound: ['aac'] },
    });
    expect(soundFingerprint(at('both.mov'))).toBe(soundFingerprint(at('clip.mp4')));
    expect(
      ffprobe(at('both.mov'), '-select_streams', 'v', '-show_entries', 'stream=color_space').trim(),
    ).toBe('bt709');
  });

  describe('with transparency', () => {
    const usual = { format: 'prores4444', quality: 'visually-lossless' } as const;
    /** Weights of the soft edge of the box on the left, by the distance from its border. */
    const weightAt = (x: number, y: number): number => {
      const d = Math.min(x - 3, 16 - x, y - 3, 12 - y, 5);
      return d <= 0 ? 0 : (d / 5) ** 2 * (3 - (2 * d) / 5);
    };
    const softLayer = { mask: left, result: { path: join(home, 'results', 'soft.mp4') } };
    const pixelsOf = (path: string, pixelFormat: string): Uint16Array => {
      const raw = ffmpeg(['-i', path, '-frames:v', '1', '-f', 'rawvideo', '-pix_fmt', pixelFormat, '-']);
      return new Uint16Array(raw.buffer.slice(raw.byteOffset, raw.byteOffset + raw.length));
    };
    const count = size.width * size.height;
    const places = Array.from(
      { length: count },
      (_, i) => [i % size.width, Math.floor(i / size.width)] as const,
    );

    beforeAll(async () => {
      const source = await media.openClip(at('clip.mp4'));
      const info = { ...source.info, audio: [] };
      const sink = await media.openSink(softLayer.result.path, info, { quality: 'lossless' });
      for await (const { index, planes } of source.frames(0, frameCount)) {
        const luma = planes[0].map((sample, i) => {
          const weight = weightAt(...places[i]);
          return Math.round(sample * (1 - weight) + 120 * weight);
        });
        await sink.write({ index, planes: [luma, planes[1], planes[2]] });
      }
      await sink.close();
    });

    it('as a patch in ProRes 4444 has the soft mask as alpha, and laid over the clip equals the result', async () => {
      const { handlers, run } = await world();
      const change: Partial<ExportRequest> = {
        ...usual,
        what: 'patch',
        layers: [softLayer],
        range: { startFrame: 2, endFrame: 6 },
        markers: [
          { frame: 0, name: 'early' },
          { frame: 3, name: 'here' },
        ],
      };
      expect(await handlers['export.check'](asked('patch.mov', change))).toMatchObject({
        frames: 4,
        encoder: 'prores_ks',
        ending: '.mov',
        sound: [],
        leavesSound: false,
        notes: [],
      });
      const row = await run(asked('patch.mov', change));
      expect(row).toMatchObject({
        state: 'done',
        written: {
          codec: 'prores',
          pixelFormat: expect.stringMatching(/^yuva444p1[02]le$/) as string,
          ...size,
          frames: 4,
          sound: [],
          warnings: [],
        },
      });
      // Not the range: whether one is reported of ProRes, which has no other, is the reader's version's to say.
      const facts = 'stream=profile,codec_tag_string,color_space,color_transfer,color_primaries';
      const list = readFileSync(at('patch.edl'), 'utf8');
      expect(list).toMatch(/^001 {2}AX .* 00:00:00:02 00:00:00:06$/m);
      expect(list).toMatch(/^\* LOC: 00:00:00:03 RED {5}here$/m);
      expect(list).not.toContain('early');
      const project = readFileSync(at('patch.fcpxml'), 'utf8');
      expect(project).toContain(`src="${pathToFileURL(at('patch.mov')).href}"`);
      expect(project).toMatch(/lane="1" offset="2\/25s"[^>]* start="0s" duration="4\/25s"/);
      expect(project.match(/<marker [^>]*>/g)).toHaveLength(2);
      expect(ffprobe(at('patch.mov'), '-show_entries', facts).trim()).toBe('4444,ap4h,bt709,bt709,bt709');
      const found = pixelsOf(at('patch.mov'), 'yuva444p10le');
      const [source] = await collect(await media.openClip(at('clip.mp4')), 2, 3);
      const [result] = await collect(await media.openClip(softLayer.result.path), 2, 3);
      const alpha = found.subarray(3 * count);
      expect([...alpha]).toEqual(places.map((place) => Math.round(1023 * weightAt(...place))));
      let [inside, outside] = [0, 0];
      places.forEach((_, i) => {
        const share = alpha[i] / 1023;
        const over = 4 * source.planes[0][i] * (1 - share) + found[i] * share;
        // ProRes is within two steps of 8 bits.
        expect(Math.abs(over - 4 * result.planes[0][i])).toBeLessThan(8);
        expect(share > 0 || Math.abs(found[i] - 4 * source.planes[0][i]) < 8).toBe(true);
        if (share > 0) inside++;
        else outside++;
      });
      expect([inside, outside]).toEqual([12 * 8, count - 12 * 8]);
    });

    it('as a patch in PNG files of 16 bits does the same', async () => {
      const { run } = await world();
      const row = await run(
        asked('patch', {
          what: 'patch',
          format: 'png',
          layers: [softLayer],
          range: { startFrame: 2, endFrame: 3 },
        }),
      );
      expect(row).toMatchObject({ state: 'done', written: { pixelFormat: 'rgba64be', frames: 1 } });
      const found = pixelsOf(at('patch/patch_000002.png'), 'rgba64le');
      const [source] = await collect(await media.openClip(at('clip.mp4')), 2, 3);
      const [result] = await collect(await media.openClip(softLayer.result.path), 2, 3);
      places.forEach((place, i) => {
        const share = Math.round(1023 * weightAt(...place)) / 1023;
        expect(found[4 * i + 3]).toBe(Math.round(65535 * share));
        // Only luma differs from the clip: all three of R'G'B' go up by as much, 219 steps for the whole of it.
        if (share !== 1) return;
        const green = (found[4 * i + 1] - found[4 * (8 * size.width + 10) + 1]) / 65535;
        const middle = 8 * size.width + 10;
        const chroma = [1, 2].every(
          (plane) =>
            source.planes[plane][(place[1] >> 1) * 16 + (place[0] >> 1)] === source.planes[plane][4 * 16 + 5],
        );
        if (chroma) expect(green).toBeCloseTo((result.planes[0][i] - result.planes[0][middle]) / 219, 2);
      });
    });

    it('of several edits covers all of them, where they have a result', async () => {
      const { run } = await world();
      const hard = both.map((layer) => ({ ...layer, feather: 0 }));
      await run(asked('union.mov', { ...usual, what: 'patch', layers: hard }));
      const raw = ffmpeg(['-i', at('union.mov'), '-f', 'rawvideo', '-pix_fmt', 'yuva444p10le', '-']);
      const planes = new Uint16Array(raw.buffer.slice(raw.byteOffset, raw.byteOffset + raw.length));
      expect(planes).toHaveLength(frameCount * 4 * count);
      for (let frame = 0; frame < frameCount; frame++) {
        const expected = places.map(([x, y]) =>
          inLeft(x, y) || (frame >= 2 && frame < 6 && inMiddle(x, y)) ? 1023 : 0,
        );
        const alpha = planes.subarray((4 * frame + 3) * count, (4 * frame + 4) * count);
        expect([...alpha]).toEqual(expected);
      }
    });

    describe('of the clip', () => {
      const { env } = toolchains[0];
      let media: Media;
      const alphaAt = (x: number, y: number): number => (x * 8 + y * 3) % 256;
      const layers = [{ mask: left, result: { path: join(home, 'results', 'see-through.mp4') } }];
      beforeAll(async () => {
        media = await createMedia(env);
        const rgba = Buffer.from(places.flatMap(([x, y]) => [10 * (x % 20), 12 * y, 90, alphaAt(x, y)]));
        const pictures = Buffer.concat(Array<Buffer>(frameCount).fill(rgba));
        const raw = [
          '-f',
          'rawvideo',
          '-pix_fmt',
          'rgba',
          '-s',
          `${size.width}x${size.height}`,
          '-r',
          '25',
          '-i',
          'pipe:0',
        ];
        ffmpeg([...raw, '-c:v', 'qtrle', '-pix_fmt', 'argb', at('qtrle.mov')], pictures);
        ffmpeg([...raw, '-c:v', 'png', '-pix_fmt', 'rgba', at('png.mov')], pictures);
        ffmpeg(
          [...raw, '-c:v', 'prores_ks', '-profile:v', '4444', '-pix_fmt', 'yuva444p10le', at('see.mov')],
          pictures,
        );
        const source = await media.openClip(at('qtrle.mov'));
        await writeResult(source, layers[0].result.path, inLeft, 40);
      });

      it.each([
        ['qtrle.mov', 'a.mov'],
        ['png.mov', 'b.mov'],
        ['see.mov', 'c.mov'],
      ])('%s is kept inside and outside of the mask in ProRes 4444', async (name, target) => {
        const { handlers, run } = await world(env);
        const sourceAlpha = pixelsOf(at(name), name === 'see.mov' ? 'yuva444p10le' : 'rgba64le');
        const own = join(home, 'results', `of-${name}.mp4`);
        const source = await media.openClip(at(name));
        expect(source.info.alpha).toBe(true);
        await writeResult(source, own, inLeft, 40);
        const change = { ...usual, clipPath: at(name), layers: [{ mask: left, result: { path: own } }] };
        const plan = await handlers['export.check'](asked(target, change));
        expect(plan.notes).toContain('The clip’s transparency is kept.');
        expect(plan.notes.join()).not.toMatch(/dropped/);
        const row = await run(asked(target, change));
        expect(row).toMatchObject({
          state: 'done',
          written: {
            pixelFormat: expect.stringMatching(/^yuva444p1[02]le$/) as string,
            frames: frameCount,
          },
        });
        const found = pixelsOf(at(target), 'yuva444p10le');
        const expected =
          name === 'see.mov'
            ? sourceAlpha.subarray(3 * count)
            : Uint16Array.from({ length: count }, (_, i) => Math.round((alphaAt(...places[i]) * 1023) / 255));
        expect([...found.subarray(3 * count)]).toEqual([...expected]);
        const scale = source.info.pixelFormat.bitDepth === 8 ? 4 : 1;
        places.forEach(([x, y], i) => {
          if (inLeft(x, y)) expect(Math.abs(found[i] - 40 * scale)).toBeLessThan(12);
        });
      });

      it('is kept in PNG files', async () => {
        const { run } = await world(env);
        const row = await run(asked('seen', { clipPath: at('qtrle.mov'), layers, format: 'png' }));
        expect(row).toMatchObject({ state: 'done', written: { pixelFormat: 'rgba64be' } });
        const found = pixelsOf(at('seen/seen_000000.png'), 'rgba64le');
        places.forEach((place, i) => {
          expect(found[4 * i + 3]).toBe(257 * alphaAt(...place));
          if (inLeft(...place)) return;
          // 8-bit R'G'B' by way of 8-bit Y'CbCr.
          expect(Math.abs(found[4 * i] / 257 - 10 * (place[0] % 20))).toBeLessThan(3);
          expect(Math.abs(found[4 * i + 1] / 257 - 12 * place[1])).toBeLessThan(3);
        });
      });

      it('is dropped elsewhere, and the plan says so', async () => {
        const { handlers, run } = await world(env);
        const change = { clipPath: at('qtrle.mov'), layers };
        const plan = await handlers['export.check'](asked('flat.mp4', change));
        expect(plan.notes).toContainEqual(expect.stringMatching(/transparency; it is dropped/));
        expect(await run(asked('flat.mp4', change))).toMatchObject({
          state: 'done',
          written: { pixelFormat: 'yuv444p' },
        });
      });
    });
  });

  it('tells how far it is', async () => {
    const { run, events } = await world();
    await run(asked('told.mp4'));
    const states = events.map(([row]) => row.state);
    expect(states[0]).toBe('waiting');
    expect(states[1]).toBe('running');
    expect(states.at(-1)).toBe('done');
    expect(events.at(-1)?.[0]).not.toHaveProperty('etaSec');
  });

  it('is cancelled without a trace, while it runs and before', async () => {
    const { handlers, exports } = await world();
    const before = readdirSync(place);
    const running = await handlers['export.start'](asked('one.mp4'));
    const waiting = await handlers['export.start'](asked('two.mp4'));
    await handlers['export.cancel']({ exportId: waiting.id });
    await handlers['export.cancel']({ exportId: running.id });
    await exports.close();
    expect(exports.rows().map(({ state }) => state)).toEqual(['cancelled', 'cancelled']);
    expect(readdirSync(place)).toEqual(before);
    await expect(handlers['export.cancel']({ exportId: 'x' })).rejects.toMatchObject({
      code: 'export-unknown',
    });
  });

  it('fails when the disk is full: said clearly, nothing half left, the results still there', async () => {
    const { ffmpeg: real } = await findBinaries();
    writeFileSync(
      join(folder, 'limited.sh'),
      `#!/bin/bash\ntrap '' XFSZ\nulimit -f 1\nexec '${real.path}' "$@"\n`,
    );
    chmodSync(join(folder, 'limited.sh'), 0o755);
    const { run } = await world({ ...process.env, FFMPEG_PATH: join(folder, 'limited.sh') });
    writeFileSync(at('older.mp4'), 'an older export');
    const row = await run(asked('older.mp4'));
    expect(row).toMatchObject({ state: 'failed', failure: { code: 'disk-full' } });
    expect(row.failure?.message).toContain(place);
    expect(readFileSync(at('older.mp4'), 'utf8')).toBe('an older export');
    expect(existsSync(join(home, 'results', 'left.mp4'))).toBe(true);
  });
});

describe('the check', () => {
  it('says what is going to be written', async () => {
    const { handlers } = await world();
    const plan = await handlers['export.check'](
      asked('plan.mov', { format: 'prores', quality: 'visually-lossless' }),
    );
    expect(plan).toMatchObject({
      frames: frameCount,
      replaces: false,
      encoder: 'prores_ks',
      ending: '.mov',
      sound: ['aac'],
      leavesSound: false,
      notes: [],
    });
    // 63 Mbit/s at 720 × 486 and 29.97 pictures a second, by pixel and frame.
    const perPixel = 63e6 / 8 / 29.97 / (720 * 486);
    expect(plan.bytes / (size.width * size.height * frameCount * perPixel)).toBeCloseTo(1, 1);
    expect(plan.freeBytes).toBeGreaterThan(0);
    const { path: _, ...nowhere } = asked('x');
    expect(await handlers['export.check'](nowhere)).not.toHaveProperty('freeBytes');
    expect(await handlers['export.check'](asked('frames', { format: 'png' }))).toMatchObject({
      ending: '',
      sound: [],
      leavesSound: true,
    });
    writeFileSync(at('there.mp4'), 'x');
    expect(await handlers['export.check'](asked('there.mp4'))).toMatchObject({ replaces: true });
  });

  it.each([
    ['clip.mp4', {}, 'output-is-input'],
    ['other.mp4', {}, 'output-is-open'],
    ['../home/results/x.mp4', {}, 'output-in-home'],
    ['../elsewhere.mp4', {}, 'path-refused'],
    ['x.mov', { format: 'prores' }, 'export-quality'],
    ['x.mp4', { format: 'prores', quality: 'visually-lossless' }, 'output-format'],
    ['x.mov', { what: 'patch', format: 'prores', quality: 'visually-lossless' }, 'export-alpha'],
    [
      'x.mov',
      { what: 'patch', format: 'prores4444', quality: 'visually-lossless', layers: [{ mask: left }] },
      'nothing-to-export',
    ],
    ['x.mp4', { range: { startFrame: 2, endFrame: 9 } }, 'range'],
    ['x.mp4', { layers: [{ mask: left }] }, 'nothing-to-export'],
    ['no/x.mp4', {}, 'output-folder'],
  ] as const)('refuses %s with %o: %s', async (name, change, code) => {
    writeFileSync(at('other.mp4'), 'another clip');
    const { handlers, exports } = await world(undefined, [at('other.mp4')]);
    const wrong = asked(name, change as Partial<ExportRequest>);
    await expect(handlers['export.check'](wrong)).rejects.toMatchObject({ code, exitCode: 2 });
    await expect(handlers['export.start'](wrong)).rejects.toMatchObject({ code });
    expect(exports.rows()).toEqual([]);
  });

  it('takes a name in a folder that was chosen, with the ending that the sound wants', async () => {
    const { handlers } = await world();
    const { path: _, ...nowhere } = asked('x', { sound: 'pcm' });
    const into = { folder: place, name: 'named' };
    expect(await handlers['export.check']({ ...nowhere, into })).toMatchObject({ path: at('named.mov') });
    const elsewhere = { folder, name: 'named' };
    await expect(handlers['export.check']({ ...nowhere, into: elsewhere })).rejects.toMatchObject({
      code: 'path-refused',
    });
    expect(() =>
      requests['export.check'].input.parse({ ...nowhere, into: { ...into, name: '../x' } }),
    ).toThrow('a file name');
    await expect(handlers['export.start'](nowhere)).rejects.toMatchObject({ code: 'export-place' });
  });

  it('refuses a second export to a place that is being written', async () => {
    const { handlers, exports } = await world();
    await handlers['export.start'](asked('busy.mp4'));
    await expect(handlers['export.start'](asked('busy.mp4'))).rejects.toMatchObject({ code: 'output-busy' });
    await exports.close();
  });
});

describe('hardware', () => {
  /** Lists h264_nvenc, which takes the pictures of the trial and no others. */
  async function moody(): Promise<NodeJS.ProcessEnv> {
    const { ffmpeg: real } = await findBinaries();
    const script = [
      '#!/bin/bash',
      'case "$*" in',
      `  *-encoders*) '${real.path}' -version; printf ' V..... h264_nvenc\\n'; exit 0;;`,
      `  *h264_nvenc*pipe:1*) exec '${real.path}' -v error -f lavfi -i color=s=64x64:d=0.2 -f matroska -;;`,
      "  *h264_nvenc*) echo '[error] Picture too small for this encoder' >&2; exit 1;;",
      'esac',
      `exec '${real.path}' "$@"`,
    ];
    writeFileSync(join(folder, 'moody.sh'), `${script.join('\n')}\n`);
    chmodSync(join(folder, 'moody.sh'), 0o755);
    return { ...process.env, FFMPEG_PATH: join(folder, 'moody.sh') };
  }
  const usual = { quality: 'visually-lossless', encoder: 'hardware' } as const;

  it('is offered where it works, and where it gives up in the middle software takes over, and says so', async () => {
    const { handlers, run } = await world(await moody());
    const { formats } = await handlers['export.formats']({});
    expect(formats.map(({ id, hardware }) => [id, hardware])).toEqual([
      ['h264', 'h264_nvenc'],
      ['hevc', undefined],
      ['prores', undefined],
      ['prores4444', undefined],
      ['png', undefined],
    ]);
    expect(await handlers['export.check'](asked('hard.mp4', usual))).toMatchObject({
      encoder: 'h264_nvenc',
      notes: [],
    });
    const row = await run(asked('hard.mp4', usual));
    expect(row).toMatchObject({ state: 'done', written: { codec: 'h264', frames: frameCount } });
    expect(row.written?.warnings).toEqual([
      expect.stringMatching(/h264_nvenc gave up .*too small.*software/),
    ]);
  });

  it('says of each encoder that was tried why it does not work', async () => {
    const { ffmpeg: real } = await findBinaries();
    const script = [
      '#!/bin/bash',
      'case "$*" in',
      `  *-encoders*) '${real.path}' -version; printf ' V..... h264_nvenc\\n V..... h264_amf\\n'; exit 0;;`,
      "  *h264_nvenc*) echo '[error] Cannot load libcuda.so.1' >&2; exit 1;;",
      '  *h264_amf*) cat > /dev/null; exit 0;;',
      'esac',
      `exec '${real.path}' "$@"`,
    ];
    writeFileSync(join(folder, 'none.sh'), `${script.join('\n')}\n`);
    chmodSync(join(folder, 'none.sh'), 0o755);
    const { handlers } = await world({ ...process.env, FFMPEG_PATH: join(folder, 'none.sh') });
    const { encoder, notes } = await handlers['export.check'](asked('why.mp4', usual));
    expect(encoder).toBe('libx264');
    expect(notes).toEqual([
      expect.stringMatching(
        /software: .*h264_nvenc \(Cannot load libcuda\.so\.1\); h264_amf \(it gave no picture\)/,
      ),
    ]);
  });

  it.each([
    [{ format: 'hevc' }, 'libx265', /built without a hardware encoder/],
    [{ quality: 'lossless' }, 'libx264', /not lossless/],
  ] as const)('falls back to software and says why: %o', async (change, encoder, why) => {
    const { handlers } = await world(await moody());
    const plan = await handlers['export.check'](asked('soft.mp4', { ...usual, ...change }));
    expect(plan).toMatchObject({ encoder, notes: [expect.stringMatching(why)] });
  });
});
