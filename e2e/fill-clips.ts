import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import type { Media } from '../src-main/engine/frames.ts';
import { seededNumbers } from '../src-shared/core/testing/index.ts';
import { demo } from './hetcut.ts';

const width = 480;
const height = 270;
const frames = 16;
/** The mask is so many pixels larger than the thing. */
const growPx = 5;

interface Photo {
  readonly width: number;
  readonly height: number;
  /** [height, width, 3]. */
  readonly rgb: Uint8Array;
}

/** Something at its own distance: it moves by so many pixels a frame. */
interface Layer {
  readonly photo: Photo;
  readonly speed: number;
  /** Upper edge, in pixels of the frame; what is above shows the layers behind. */
  readonly top: number;
  /** Of the photo, where the layer begins. */
  readonly from: readonly [number, number];
  /** Only so many pixels of every so many are there, counted along the layer: what is behind shows between them. */
  readonly posts?: readonly [number, number];
}

interface ClipSpec {
  readonly name: string;
  readonly what: string;
  /** From the farthest on. */
  readonly layers: readonly Layer[];
  /** The thing that goes: an ellipse of flat colours, moving by its own speed. */
  readonly thing: { readonly x: number; readonly y: number; readonly radius: number; readonly speed: number };
  readonly shown?: true;
}

export interface FillCase {
  readonly name: string;
  readonly what: string;
  readonly clipPath: string;
  readonly maskPath: string;
  readonly truthPath?: string;
  /** Other frames show all of the hole: it is judged whole. */
  readonly shown?: true;
}

/** Bilinear, edges clamped. */
function sample({ width: columns, height: rows, rgb }: Photo, x: number, y: number, channel: number): number {
  const clampX = Math.min(columns - 1.001, Math.max(0, x));
  const clampY = Math.min(rows - 1.001, Math.max(0, y));
  const [left, top] = [Math.floor(clampX), Math.floor(clampY)];
  const [tx, ty] = [clampX - left, clampY - top];
  const at = (dx: number, dy: number) => rgb[3 * ((top + dy) * columns + left + dx) + channel];
  return (at(0, 0) * (1 - tx) + at(1, 0) * tx) * (1 - ty) + (at(0, 1) * (1 - tx) + at(1, 1) * tx) * ty;
}

function covers({ top, speed, posts }: Layer, x: number, y: number, frame: number): boolean {
  if (y < top) return false;
  return posts === undefined || (x + speed * frame) % posts[1] < posts[0];
}

function render(spec: ClipSpec, frame: number, withThing: boolean): Uint8Array {
  const rgb = new Uint8Array(3 * width * height);
  const next = seededNumbers(frame + 1);
  const { thing } = spec;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const layer = spec.layers.findLast((one) => covers(one, x, y, frame)) ?? spec.layers[0];
      const distance = Math.hypot(x - (thing.x - thing.speed * frame), (y - thing.y) * 0.8);
      for (let channel = 0; channel < 3; channel++) {
        const photoX = layer.from[0] + x + layer.speed * frame;
        let value = sample(layer.photo, photoX, layer.from[1] + y, channel);
        if (withThing && distance < thing.radius) value = [190, 40, 60][channel] + 20 * Math.sin(x / 5);
        rgb[3 * (y * width + x) + channel] = Math.max(0, Math.min(255, Math.round(value + 2 * next())));
      }
    }
  }
  return rgb;
}

function renderMask({ thing }: ClipSpec, frame: number): Uint8Array {
  return Uint8Array.from({ length: width * height }, (_, pixel) => {
    const [x, y] = [pixel % width, Math.floor(pixel / width)];
    const distance = Math.hypot(x - (thing.x - thing.speed * frame), (y - thing.y) * 0.8);
    return distance < thing.radius + growPx ? 255 : 0;
  });
}

export function writeVideo(
  path: string,
  pixelFormat: 'rgb24' | 'gray',
  size: { readonly width: number; readonly height: number },
  pictures: readonly Uint8Array[],
): void {
  const input = [
    '-f',
    'rawvideo',
    '-pix_fmt',
    pixelFormat,
    '-s',
    `${size.width}x${size.height}`,
    '-r',
    '25',
    '-i',
    '-',
  ];
  const output =
    pixelFormat === 'gray' ? ['-c:v', 'ffv1'] : ['-c:v', 'libx264', '-qp', '10', '-pix_fmt', 'yuv420p'];
  const run = spawnSync(
    process.env['FFMPEG_PATH'] ?? 'ffmpeg',
    ['-v', 'error', '-y', ...input, ...output, path],
    {
      input: Buffer.concat(pictures),
    },
  );
  if (run.status !== 0) throw new Error(`ffmpeg: ${run.stderr.toString()}`);
}

/** Every value three times as wide and high, each the mean of its neighbours: out of focus. */
function blurred(photo: Photo, radius: number): Photo {
  const rgb = new Uint8Array(photo.rgb.length);
  const { width: columns, height: rows } = photo;
  for (let y = 0; y < rows; y++) {
    for (let x = 0; x < columns; x++) {
      for (let channel = 0; channel < 3; channel++) {
        let [sum, count] = [0, 0];
        for (let dy = -radius; dy <= radius; dy += 2) {
          for (let dx = -radius; dx <= radius; dx += 2) {
            const [px, py] = [x + dx, y + dy];
            if (px < 0 || py < 0 || px >= columns || py >= rows || dx * dx + dy * dy > radius * radius)
              continue;
            sum += photo.rgb[3 * (py * columns + px) + channel];
            count++;
          }
        }
        rgb[3 * (y * columns + x) + channel] = sum / count;
      }
    }
  }
  return { ...photo, rgb };
}

async function photoOf(media: Media, path: string, folder: string): Promise<Photo> {
  if (path.endsWith('.png')) return media.readPicture(path);
  const still = join(folder, 'still.png');
  const run = spawnSync(process.env['FFMPEG_PATH'] ?? 'ffmpeg', [
    '-v',
    'error',
    '-y',
    '-i',
    path,
    '-frames:v',
    '1',
    still,
  ]);
  if (run.status !== 0) throw new Error(`ffmpeg: ${run.stderr.toString()}`);
  return media.readPicture(still);
}

/**
 * Clips in which something stands that no frame shows what is behind, written into a folder, with their truth.
 *
 * @param names Of the clips to write; none: all.
 */
export async function writeFillClips(
  media: Media,
  folder: string,
  names: readonly string[],
): Promise<FillCase[]> {
  const wanted = (name: string): boolean => names.length === 0 || names.includes(name);
  const yard = await photoOf(media, demo('campus-plate.png'), folder);
  const meadow = await photoOf(media, demo('bunny.mp4'), folder);
  const specs: ClipSpec[] = [
    {
      name: 'pan-yard',
      what: 'pan over a courtyard; something stands on the asphalt, before it grass that moves twice as fast',
      layers: [
        { photo: yard, speed: 3, top: 0, from: [20, 20] },
        { photo: meadow, speed: 6, top: 225, from: [100, 80] },
      ],
      thing: { x: 210, y: 130, radius: 24, speed: 3 },
    },
    {
      name: 'pan-meadow',
      what: 'pan over a meadow; something stands in the grass, before it asphalt that moves faster',
      layers: [
        { photo: meadow, speed: 2.6, top: 0, from: [110, 90] },
        { photo: yard, speed: 4, top: 235, from: [60, 20] },
      ],
      thing: { x: 330, y: 190, radius: 26, speed: 2.6 },
    },
    {
      name: 'pan-near',
      what: 'pan over a courtyard; the thing is nearer than the ground, so that frames show a part of it',
      layers: [
        { photo: yard, speed: 2, top: 0, from: [40, 0] },
        { photo: yard, speed: 2.8, top: 150, from: [40, 30] },
      ],
      thing: { x: 300, y: 200, radius: 30, speed: 3.4 },
    },
    {
      name: 'pan-behind',
      what: 'pan over a courtyard behind posts; something flies past them, and other frames show all of what is behind it',
      layers: [
        { photo: yard, speed: 2, top: 0, from: [30, 10] },
        { photo: meadow, speed: 5, top: 60, from: [60, 60], posts: [70, 190] },
      ],
      thing: { x: 380, y: 130, radius: 26, speed: 11 },
      shown: true,
    },
    {
      name: 'still-blurred',
      what: 'a camera that stands; something stands before a background out of focus',
      layers: [
        { photo: wanted('still-blurred') ? blurred(meadow, 10) : meadow, speed: 0, top: 0, from: [140, 10] },
      ],
      thing: { x: 260, y: 110, radius: 30, speed: 0 },
    },
  ];
  return specs
    .filter(({ name }) => wanted(name))
    .map((spec) => {
      const path = (what: string): string => join(folder, `${spec.name}-${what}.mkv`);
      const all = Array.from({ length: frames }, (_, frame) => frame);
      writeVideo(
        path('clip'),
        'rgb24',
        { width, height },
        all.map((frame) => render(spec, frame, true)),
      );
      writeVideo(
        path('truth'),
        'rgb24',
        { width, height },
        all.map((frame) => render(spec, frame, false)),
      );
      writeVideo(
        path('mask'),
        'gray',
        { width, height },
        all.map((frame) => renderMask(spec, frame)),
      );
      const { name, what, shown } = spec;
      const paths = { clipPath: path('clip'), maskPath: path('mask'), truthPath: path('truth') };
      return { name, what, ...paths, ...(shown === true ? { shown } : {}) };
    });
}

export const bundledCases: readonly FillCase[] = [
  {
    name: 'campus',
    what: 'the demo: people cross a courtyard, two stay where they are',
    clipPath: demo('campus.mp4'),
    maskPath: demo('campus-mask.mkv'),
    truthPath: demo('campus-plate.png'),
  },
  {
    name: 'bunny',
    what: 'the sample: the stone beside the burrow',
    clipPath: demo('bunny.mp4'),
    maskPath: demo('bunny-mask.json'),
  },
];
