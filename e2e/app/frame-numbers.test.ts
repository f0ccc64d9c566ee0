import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeCodedClip } from '../../src-main/media/testing/clips.ts';
import { en as texts } from '../../src-renderer/i18n/en.ts';
import { prepareHome } from '../hetcut.ts';
import {
  button,
  chooseInMenu,
  clipBox,
  openClipDialog,
  playheadFrame,
  readPicture,
  waitForPicture,
  type Box,
} from './editor-page.ts';
import { openInBrowser, type Program } from './program.ts';
import { findChromium, isSkipped, requirePath } from './runtimes.ts';

const name = 'the picture at the playhead';
const found = findChromium();
const encoding = ['-c:v', 'libx264', '-bf', '3', '-g', '20', '-pix_fmt', 'yuv420p'];
const coded = 90;
/** Frames of the source that the clip of a variable rate keeps: some are dropped, once twelve in a row. */
const kept = Array.from({ length: coded }, (_, frame) => frame).filter(
  (frame) => frame % 7 !== 3 && !(frame >= 20 && frame <= 31),
);
/** Of the coded pictures: ten blocks of 16 pixels in the first row of a picture 160 pixels wide. */
const code = { bits: 10, blockPx: 16, width: 160 };

/** Clips whose pictures carry their number (see `codedPicture`): what is seen is compared with the playhead's frame. */
describe.skipIf(isSkipped(found))(name, () => {
  let folder: string;
  let program: Program;
  let box: Box;
  const page = (): Program['page'] => program.page;

  /** The number of the picture that is on the screen. */
  const shownNumber = (): Promise<number> =>
    page().evaluate(
      ([{ left, top, width }, { bits, blockPx, width: codedWidth }]) => {
        const canvas = document.querySelector<HTMLCanvasElement>('.viewer canvas[role="img"]');
        const context = canvas?.getContext('2d');
        const scale = width / codedWidth;
        let number = 0;
        for (let bit = 0; bit < bits; bit++) {
          const [x, y] = [left + (bit + 0.5) * blockPx * scale, top + 0.5 * blockPx * scale];
          const [red, green, blue] = context?.getImageData(Math.round(x), Math.round(y), 1, 1).data ?? [
            0, 0, 0,
          ];
          if (red + green + blue > 3 * 125) number |= 1 << bit;
        }
        return number;
      },
      [box, code] as const,
    );
  /** The playhead comes to a frame, and the picture to be that frame's. */
  async function expectAt(frame: number, numbers: readonly number[]): Promise<void> {
    await expect.poll(() => playheadFrame(page())).toBe(frame);
    await expectInStep(numbers);
  }

  /** The picture comes to be that of the playhead's frame, and stays so. */
  async function expectInStep(numbers: readonly number[]): Promise<number> {
    const frame = await playheadFrame(page());
    await expect.poll(shownNumber, { message: `frame ${frame}` }).toBe(numbers[frame]);
    expect(await playheadFrame(page())).toBe(frame);
    return frame;
  }

  beforeAll(async () => {
    requirePath(found);
    folder = mkdtempSync(join(tmpdir(), 'hetcut-numbers-'));
    mkdirSync(join(folder, 'clips'));
    makeCodedClip(join(folder, 'clips', 'cfr.mp4'), coded, encoding);
    // Matroska: ffmpeg before 5.1 writes an MP4 of a variable rate whose edit list hides the last picture.
    const select = `select='not(eq(mod(n,7),3))*not(between(n,20,31))'`;
    makeCodedClip(join(folder, 'clips', 'vfr.mkv'), coded, [
      '-filter:v',
      select,
      '-vsync',
      'vfr',
      ...encoding,
    ]);
    prepareHome(join(folder, 'home'));
    program = await openInBrowser(requirePath(found), {
      home: join(folder, 'home'),
      folder: join(folder, 'clips'),
    });
    await button(page(), texts['start.sample.removal']).waitFor();
  });
  afterAll(async () => {
    await program?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  describe.each([
    ['cfr.mp4', Array.from({ length: coded }, (_, frame) => frame)],
    ['vfr.mkv', kept],
  ] as const)('of %s', (file, numbers) => {
    beforeAll(async () => {
      const isOpen = (await button(page(), texts['start.open']).count()) === 0;
      if (isOpen) await chooseInMenu(page(), texts['menu.file'], texts['menu.closeProject']);
      await program.choose(join(folder, 'clips', file), openClipDialog(page()));
      await waitForPicture(page());
      box = clipBox(await readPicture(page()));
    });

    it('is the right one at every step on and back, and at both ends', async () => {
      for (let frame = 0; frame < numbers.length; frame++) {
        await expectAt(frame, numbers);
        await page().keyboard.press('.');
      }
      await expectAt(numbers.length - 1, numbers);
      for (let frame = numbers.length - 2; frame > numbers.length - 20; frame--) {
        await page().keyboard.press(',');
        await expectAt(frame, numbers);
      }
      await page().keyboard.press('Home');
      await expectAt(0, numbers);
      await page().keyboard.press('End');
      await expectAt(numbers.length - 1, numbers);
    });

    it('is the right one wherever the playhead is dragged', async () => {
      const line = await page().locator('.timeline-canvas').boundingBox();
      if (line === null) throw new Error('there is no timeline');
      // The ruler is at the top of it.
      const y = line.y + 8;
      await page().mouse.move(line.x + 10, y);
      await page().mouse.down();
      const seen = new Set<number>();
      for (const share of [0.1, 0.93, 0.5, 0.31, 0.34, 0.37, 0.77, 0.02]) {
        await page().mouse.move(line.x + line.width * share, y, { steps: 5 });
        seen.add(await expectInStep(numbers));
      }
      await page().mouse.up();
      expect(seen.size).toBe(8);
    });

    it('is the right one where playing is stopped', async () => {
      await page().keyboard.press('Home');
      await page().keyboard.press('l');
      await expect.poll(() => playheadFrame(page())).toBeGreaterThan(12);
      await page().keyboard.press('k');
      expect(await expectInStep(numbers)).toBeLessThan(numbers.length);
    });
  });

  it('has logged no error', () => expect(program.problems).toEqual([]));
});
