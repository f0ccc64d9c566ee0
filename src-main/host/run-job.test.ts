import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { psnrOf, maskedSquaredError } from '../../src-shared/core/metrics/index.ts';
import { planesToRgb } from '../../src-shared/core/picture/index.ts';
import type { EditJob } from '../engine/edit-job.ts';
import type { PreviewEvent } from '../engine/progress.ts';
import { createMedia } from '../media/index.ts';
import { openModelFolder } from '../models/index.ts';
import { estimateJob } from './estimate-job.ts';
import { runJob } from './run-job.ts';
import { demoJob, quietHooks } from './testing/demo-job.ts';

let home: string;
beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'hetcut-host-'));
});
afterAll(() => rm(home, { recursive: true, force: true }));

const hooks = quietHooks;
const job = (changes: Partial<EditJob> = {}): EditJob => demoJob(join(home, 'out.mp4'), changes);

it('replaces all of the box where the mask asks for one', async () => {
  const media = await createMedia();
  const size = { width: 640, height: 360 };
  const plate = join(home, 'plate.png');
  await media.writePicture(plate, { ...size, rgb: new Uint8Array(3 * size.width * size.height).fill(20) });
  const maskPath = join(home, 'box.json');
  // The disc of radius 40, grown by 10, in its box: 100 pixels a side about (320, 180).
  const disc = { kind: 'ellipse', keyframes: [{ frame: 0, centre: [320, 180], radii: [40, 40] }] };
  const document = {
    format: 'hetcut-mask',
    version: 1,
    ...size,
    frames: 50,
    shapes: [disc],
    grow: 10,
    box: true,
  };
  await writeFile(maskPath, JSON.stringify(document));
  const asked = job({ maskPath, plate: { kind: 'file', path: plate }, outputPath: join(home, 'box.mkv') });
  const { output, quality, plateShare } = await runJob(asked, home, hooks);
  expect({ plateShare, outside: quality.outputOutsideMaxDiff }).toEqual({ plateShare: 1, outside: 0 });

  const [source, result] = [await media.openClip(asked.clipPath), await media.openClip(output)];
  const lumaAt = async (clip: typeof source, start: number): Promise<(x: number, y: number) => number> => {
    for await (const { planes } of clip.frames(start, start + 1))
      return (x, y) => planes[0][y * size.width + x];
    throw new Error('no frame');
  };
  const [before, after] = [await lumaAt(source, 20), await lumaAt(result, 0)];
  const filled = after(320, 180);
  // Corners of the box, beyond the blended edge, are outside the grown disc.
  for (const [x, y] of [
    [280, 140],
    [359, 140],
    [280, 219],
    [359, 219],
  ])
    expect(after(x, y)).toBe(filled);
  for (const [x, y] of [
    [269, 180],
    [370, 180],
    [320, 129],
    [320, 230],
  ])
    expect(after(x, y)).toBe(before(x, y));
}, 240_000);

it('shows what it is generating: the last preview is what the result becomes, coarsely', async () => {
  const previews: PreviewEvent[] = [];
  const commands: string[] = [];
  const result = await runJob(job(), home, {
    ...hooks,
    onPreview: (event) => previews.push(event),
    onToolProcess: (_pid, _running, command) => {
      if (command !== undefined) commands.push(command);
    },
  });
  expect(commands.some((command) => command.includes('bunny.mp4'))).toBe(true);
  expect(previews.length).toBeGreaterThan(0);
  const { width, height, rgb, frame, crop } = previews[previews.length - 1];
  expect(rgb).toHaveLength(3 * width * height);
  // Of five frames the second latent frame holds the last four.
  expect(frame).toBe(22);

  const clip = await (await createMedia()).openClip(result.output);
  for await (const { planes } of clip.frames(frame - 20, frame - 19)) {
    const large = planesToRgb(planes, clip.info, crop);
    const means = new Float64Array(3 * width * height);
    const counts = new Float64Array(width * height);
    for (let y = 0; y < crop.height; y++) {
      for (let x = 0; x < crop.width; x++) {
        const cell = Math.floor((y * height) / crop.height) * width + Math.floor((x * width) / crop.width);
        counts[cell]++;
        for (let c = 0; c < 3; c++) {
          means[3 * cell + c] += 255 * large[(c * crop.height + y) * crop.width + x];
        }
      }
    }
    const shown = Uint8Array.from(means, (sum, i) => Math.round(sum / counts[Math.floor(i / 3)]));
    const everywhere = new Uint8Array(width * height).fill(1);
    const likeness = (picture: Uint8Array): number => psnrOf(maskedSquaredError(rgb, picture, everywhere));
    expect(likeness(shown)).toBeGreaterThan(22);
    // The same picture upside down is far from it.
    expect(likeness(shown.slice().reverse())).toBeLessThan(16);
  }
}, 240_000);

it('calls the network with one stream, at half the operations, where a removal says nothing', async () => {
  const ran = (changes: Partial<EditJob>) => runJob(job({ modelId: 'words', ...changes }), home, hooks);
  const silent = await ran({});
  const guided = await ran({ prompt: 'a green plant' });
  const same = await ran({ prompt: 'a green plant', negativePrompt: ' a green  plant' });
  expect([silent, guided, same].map(({ calls }) => calls.full)).toEqual([2, 2, 2]);
  const { transformer, textEncoder, settings } = await openModelFolder(home, 'words');
  // The first job encodes the words of a removal, the second a prompt and what it is guided away from, unless that is the
  // same; the third finds its text on the disk, as the estimates do.
  const text = textEncoder!.spec.flops(32);
  expect(same.flops).toBe(silent.flops - text);
  const estimates = await Promise.all(
    [{}, { prompt: 'a green plant' }].map((changes) =>
      estimateJob(job({ modelId: 'words', ...changes }), home, hooks),
    ),
  );
  const [ofSilent, ofGuided] = estimates.map(({ flops }) => flops);
  expect(silent.flops - ofSilent).toBe(text);
  const newTexts = settings.negativePrompt === settings.removalPrompt ? 1 : 2;
  expect(guided.flops - ofGuided).toBe(newTexts * text);
  // The second stream of two calls.
  const [tokens] = estimates[0].tokensPerWindow;
  const oneStream = transformer.spec.flops({ tokens, textTokens: settings.textTokens, batch: 1 });
  expect(ofGuided - ofSilent).toBe(2 * oneStream);
}, 240_000);
