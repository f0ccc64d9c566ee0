import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { ExportRow } from '../../src-shared/ipc/index.ts';
import type { EditMask } from '../../src-shared/project/index.ts';
import { parseProjectMask, rasteriseMask } from '../../src-shared/project/mask/index.ts';
import type { FrameSource, Media, VideoFrame } from '../engine/frames.ts';
import { createHardwareProbe, createMedia, createPreviewMedia, findBinaries } from '../media/index.ts';
import { collect, ffmpeg, ffprobe, soundFingerprint, temporaryFolder } from '../media/testing/clips.ts';
import type { BackendParts } from './backend-parts.ts';
import { exportHandlers } from './export-handlers.ts';
import type { AskedExport } from './export-plan.ts';
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

/** Whether a pixel lies in a box of `boxMask`, worked out without the program's own drawing. */
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
  const run = async (asked: AskedExport & { path: string }): Promise<ExportRow> => {
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

const both: AskedExport['layers'] = [
  { mask: left, result: { path: join(home, 'results', 'left.mp4') } },
  {
    mask: middle,
    result: { path: join(home, 'results', 'middle.mp4'), range: { startFrame: 2, endFrame: 6 } },
  },
];
const asked = (name: string, change: Partial<AskedExport> = {}): AskedExport & { path: string } => ({
  clipPath: at('clip.mp4'),
  what: 'picture',
  layers: both,
  edge: 'painted',
  format: 'h264',
  quality: 'lossless',
  encoder: 'software',
  sound: true,
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

  it('holds a range, whose frames without a result are the source’s', async () => {
    const { run } = await world();
    const [, second] = both;
    const row = await run(
      asked('part.mp4', { layers: [second], range: { startFrame: 4, endFrame: 8 }, sound: false }),
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
    ['x.mp4', { range: { startFrame: 2, endFrame: 9 } }, 'range'],
    ['x.mp4', { layers: [{ mask: left }] }, 'nothing-to-export'],
    ['no/x.mp4', {}, 'output-folder'],
  ] as const)('refuses %s with %o: %s', async (name, change, code) => {
    writeFileSync(at('other.mp4'), 'another clip');
    const { handlers, exports } = await world(undefined, [at('other.mp4')]);
    const wrong = asked(name, change as Partial<AskedExport>);
    await expect(handlers['export.check'](wrong)).rejects.toMatchObject({ code, exitCode: 2 });
    await expect(handlers['export.start'](wrong)).rejects.toMatchObject({ code });
    expect(exports.rows()).toEqual([]);
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
      "  *-encoders*) printf ' V..... h264_nvenc\\n'; exit 0;;",
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

  it.each([
    [{ format: 'hevc' }, 'libx265', /no hardware encoder .* works/],
    [{ quality: 'lossless' }, 'libx264', /not lossless/],
  ] as const)('falls back to software and says why: %o', async (change, encoder, why) => {
    const { handlers } = await world(await moody());
    const plan = await handlers['export.check'](asked('soft.mp4', { ...usual, ...change }));
    expect(plan).toMatchObject({ encoder, notes: [expect.stringMatching(why)] });
  });
});
