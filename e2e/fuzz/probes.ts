import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import type { Ffprobe } from '../../src-main/media/ffprobe.ts';
import { probeClip } from '../../src-main/media/probe.ts';
import { planeSamples } from '../../src-main/media/pixel-format.ts';
import { probeStill } from '../../src-main/media/still-picture.ts';
import { mutatedJson } from './mutate-json.ts';
import { require, subject, type Subject } from './subject.ts';

/** What an ffprobe said of clips: MP4 turned and with sound and timecode, Matroska in 10 bit, RGB in AVI. */
const documents: readonly Readonly<Record<string, unknown>>[] = [
  {
    streams: [
      {
        index: 0,
        codec_name: 'h264',
        codec_type: 'video',
        width: 320,
        height: 180,
        sample_aspect_ratio: '1:1',
        pix_fmt: 'yuv420p',
        field_order: 'progressive',
        color_range: 'tv',
        color_space: 'bt709',
        r_frame_rate: '25/1',
        avg_frame_rate: '25/1',
        time_base: '1/12800',
        start_pts: 0,
        duration_ts: 25600,
        nb_frames: '4',
        tags: { language: 'und' },
        disposition: { default: 1, attached_pic: 0 },
        side_data_list: [
          {
            side_data_type: 'Display Matrix',
            displaymatrix:
              '\n00000000:            0       65536           0\n00000001:       -65536           0           0\n00000002:            0           0  1073741824\n',
            rotation: -90,
          },
        ],
      },
      {
        index: 1,
        codec_name: 'aac',
        codec_type: 'audio',
        channels: 2,
        sample_rate: '48000',
        start_time: '0.000000',
      },
      { index: 2, codec_type: 'data', avg_frame_rate: '25/1', tags: { timecode: '01:00:00:00' } },
    ],
    frames: [{ stream_index: 0, interlaced_frame: 0 }, { stream_index: 1 }],
    format: { format_name: 'mov,mp4,m4a,3gp,3g2,mj2', start_time: '0.000000', tags: { major_brand: 'isom' } },
  },
  {
    streams: [
      {
        index: 0,
        codec_name: 'vp8',
        codec_type: 'video',
        width: 64,
        height: 48,
        pix_fmt: 'yuv420p',
        r_frame_rate: '30000/1001',
        avg_frame_rate: '30000/1001',
        time_base: '1/1000',
      },
      { index: 1, codec_name: 'subrip', codec_type: 'subtitle' },
    ],
    frames: [],
    format: { format_name: 'matroska,webm', start_time: '0.007000', tags: { TIMECODE: '00:00:10;00' } },
  },
  {
    streams: [
      {
        index: 0,
        codec_name: 'rawvideo',
        codec_type: 'video',
        width: 64,
        height: 48,
        pix_fmt: 'bgr24',
        r_frame_rate: '25/1',
        avg_frame_rate: '0/0',
        time_base: '1/25',
      },
    ],
    frames: [{ stream_index: 0, interlaced_frame: 1 }],
    format: { format_name: 'avi' },
  },
];

const pixelFormats = {
  pixel_formats: [
    {
      name: 'bgr24',
      nb_components: 3,
      bits_per_pixel: 24,
      flags: { rgb: 1, alpha: 0, palette: 0 },
      components: [{ index: 1, bit_depth: 8 }],
    },
    {
      name: 'yuv420p',
      nb_components: 3,
      log2_chroma_w: 1,
      log2_chroma_h: 1,
      flags: { rgb: 0, alpha: 0, palette: 0 },
      components: [{ bit_depth: 8 }],
    },
  ],
};

const rowValue = fc.constantFrom(
  '0',
  '512',
  '1024',
  '-512',
  'N/A',
  '',
  'x',
  '1e999',
  '99999999999999999999',
  '0.5',
  '512',
  '512',
);
const row = fc
  .record({
    pts: rowValue,
    dts: rowValue,
    duration: rowValue,
    flags: fc.constantFrom('K_', '__', 'KD', '', 'K'),
    best: rowValue,
  })
  .map(
    ({ pts, dts, duration, flags, best }) =>
      `pts=${pts}|dts=${dts}|duration=${duration}|flags=${flags}|best_effort_timestamp=${best}|key_frame=1`,
  );
const rows: fc.Arbitrary<string[]> = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.constant<string[]>([
      'pts=0|dts=0|duration=512|flags=K_|best_effort_timestamp=0|key_frame=1',
      'pts=512|dts=512|duration=512|flags=__|best_effort_timestamp=512',
      'pts=1024|dts=1024|duration=512|flags=__|best_effort_timestamp=1024',
    ]),
  },
  { weight: 3, arbitrary: fc.array(row, { maxLength: 8 }) },
  { weight: 1, arbitrary: fc.array(fc.string(), { maxLength: 4 }) },
);

const clips = subject('ffprobe-clip', 10, async (place) => {
  const path = join(place, 'clip.mp4');
  await writeFile(path, 'x');
  return {
    arbitrary: fc.tuple(
      mutatedJson(documents),
      rows,
      fc.oneof(
        { weight: 4, arbitrary: fc.constant(pixelFormats as unknown) },
        { weight: 1, arbitrary: mutatedJson([pixelFormats]) },
      ),
    ),
    async read([document, lines, formats]: [unknown, string[], unknown]) {
      const ffprobe: Ffprobe = {
        json: () => Promise.resolve(document),
        async *lines() {
          for (const line of lines) yield await Promise.resolve(line);
        },
        pixelFormats: () => Promise.resolve(formats),
      };
      const { info, times } = await probeClip(ffprobe, path);
      const { width, height, ptsSec, durationSec, frameRate, pixelFormat, timeBase, startSec, audio } = info;
      require(Number.isInteger(width) &&
        Number.isInteger(height) &&
        width > 0 &&
        height > 0, `it is ${width}×${height}`);
      // What a decoder takes at most (libavutil's av_image_check_size).
      require(planeSamples(pixelFormat, width, height).luma < 2 ** 31, `it is ${width}×${height}`);
      require(ptsSec.length > 0 &&
        ptsSec.every(Number.isFinite), `its times are ${ptsSec.slice(0, 4).join()}`);
      require(Number.isFinite(durationSec) && durationSec > 0, `it lasts ${durationSec} s`);
      require(/^\d+\/\d+$/.test(frameRate) &&
        Number(frameRate.split('/')[0]) > 0, `its rate is ${frameRate}`);
      require([timeBase.num, timeBase.den, startSec, times.lastDuration].every(
        Number.isFinite,
      ), 'its times are no numbers');
      require(audio.every(
        ({ channels, sampleRate }) => channels >= 0 && Number.isFinite(sampleRate),
      ), 'its sound has no rate');
    },
  };
});

const stills = subject('ffprobe-still', 2, async (place) => {
  const path = join(place, 'picture.png');
  await writeFile(path, 'not a film');
  const document = {
    streams: [{ codec_name: 'png', width: 64, height: 48 }],
    format: { format_name: 'png_pipe' },
  };
  return {
    arbitrary: mutatedJson([document]),
    async read(printed) {
      const none = (): never => {
        throw new Error('not asked for');
      };
      const still = await probeStill(
        { json: () => Promise.resolve(printed), lines: none, pixelFormats: none },
        path,
      );
      if (still === undefined) return;
      const { width, height } = still;
      require(Number.isInteger(width) &&
        Number.isInteger(height) &&
        width * height < 2 ** 31, `it is ${width}×${height}`);
    },
  };
});

export const probeSubjects: readonly Subject[] = [clips, stills];
