import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Locator } from 'playwright';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { en as texts } from '../../src-renderer/i18n/en.ts';
import { findBinaries } from '../../src-main/media/index.ts';
import { demo } from '../hetcut.ts';
import {
  button,
  choosePreset,
  chooseInMenu,
  clipBox,
  compare,
  dragOver,
  goToFrame,
  openClipDialog,
  generateAll,
  readEstimate,
  readOpacities,
  readPainted,
  readPicture,
  rmsBetween,
  waitForPicture,
  waitForStillPicture,
  type Box,
  type Picture,
} from './editor-page.ts';
import type { Place, Program } from './program.ts';
import { isSkipped, requirePath, type Found } from './runtimes.ts';

/** The bundled clip, and a stroke over its stone: an ellipse about (327, 232) of radii 20 and 17. */
const bunny = { name: 'bunny.mp4', width: 640, height: 360, frames: 50 };
const stroke = [
  [314, 232],
  [340, 232],
] as const;
/** The brush as it is at first, in pixels of the clip. */
const brushRadius = 24;
/** A second of the clip. */
const range = { startFrame: 2, endFrame: 27 };

interface StoredJob {
  readonly id: string;
  readonly state: string;
  readonly result?: { readonly calls: { readonly full: number }; readonly path: string };
}

/** Distance of a picture's pixel from the stroke's line, in pixels of the clip. */
function distanceFromStroke({ left, top, width }: Box, x: number, y: number): number {
  const scale = width / bunny.width;
  const [clipX, clipY] = [(x + 0.5 - left) / scale, (y + 0.5 - top) / scale];
  const [[fromX, lineY], [toX]] = stroke;
  return Math.hypot(clipX - Math.min(toX, Math.max(fromX, clipX)), clipY - lineY);
}

/**
 * What an editor does with a clip from opening to the exported file, in the real program with the real model, shown by
 * one carrier. `found`: what shows it. `open` starts the program.
 */
export function describeFlow(
  name: string,
  found: Found,
  open: (path: string, place: Place) => Promise<Program>,
): void {
  describe.skipIf(isSkipped(found))(name, () => {
    let root: string;
    let place: Place;
    let program: Program;
    const page = (): Program['page'] => program.page;
    const jobs = (): Locator => page().locator('.jobs > li');
    const storedJobs = (): StoredJob[] =>
      (JSON.parse(readFileSync(join(place.home, 'queue.json'), 'utf8')) as { jobs: StoredJob[] }).jobs;
    const jobState = (state: 'done' | 'failed' | 'running'): Locator =>
      jobs()
        .first()
        .getByRole('img', { name: texts[`jobs.${state}`], exact: true });
    const openProgram = async (): Promise<void> => {
      program = await open(requirePath(found), place);
      await button(page(), texts['start.sample.removal']).waitFor();
    };
    const run = (): Promise<void> => page().locator('.run-button').click();
    /** The only project of this home. */
    const openRecent = async (): Promise<void> => {
      await page().locator('.recent button').first().click();
      await waitForPicture(page());
    };

    beforeAll(async () => {
      requirePath(found);
      root = mkdtempSync(join(tmpdir(), 'hetcut-app-'));
      place = { home: join(root, 'home'), folder: join(root, 'clips') };
      mkdirSync(join(place.folder, 'deeper'), { recursive: true });
      copyFileSync(demo(bunny.name), join(place.folder, 'deeper', bunny.name));
      await openProgram();
    });
    afterAll(async () => {
      await program?.close();
      rmSync(root, { recursive: true, force: true });
    });

    it('opens a clip and shows its first picture', async () => {
      await program.choose(join(place.folder, 'deeper', bunny.name), openClipDialog(page()));
      await waitForPicture(page());
      const picture = await readPicture(page());
      const box = clipBox(picture);
      expect(box.width / box.height).toBeCloseTo(bunny.width / bunny.height, 1);
      expect(await page().getByText(texts['mask.empty']).count()).toBe(1);
      expect(await page().locator('.run-button').getAttribute('aria-disabled')).toBe('true');
    });

    it('paints a mask that can be undone and done again', async () => {
      const painted = async (): Promise<number> => (await readPainted(page())).pixels;
      expect(await painted()).toBe(0);
      await dragOver(page(), bunny, stroke);
      const scale = clipBox(await readPicture(page())).width / bunny.width;
      const length = stroke[1][0] - stroke[0][0];
      const area = (Math.PI * brushRadius ** 2 + length * 2 * brushRadius) * scale ** 2;
      await expect.poll(painted).toBeGreaterThan(area * 0.97);
      expect(await painted()).toBeLessThan(area * 1.03);
      await page().getByText('1 shape', { exact: true }).waitFor();
      await page().keyboard.press('Control+z');
      await page().getByText(texts['mask.empty']).waitFor();
      await expect.poll(painted).toBe(0);
      await page().keyboard.press('Control+Shift+z');
      await page().getByText('1 shape', { exact: true }).waitFor();
      await expect.poll(painted).toBeGreaterThan(area * 0.97);
    });

    it('draws a soft stroke as it will be, while it is drawn and afterwards, and changes it', async () => {
      const softness = page().getByRole('slider', { name: texts['tool.softness'], exact: true });
      for (let step = 0; step < 6; step++) await page().keyboard.press('Shift+BracketRight');
      await page().keyboard.press('Shift+BracketLeft');
      await expect.poll(() => softness.getAttribute('aria-valuenow')).toBe('50');
      // Back and forth: it gets no denser.
      const line = [
        [120, 80],
        [220, 80],
        [120, 80],
      ] as const;
      /** Largest distance from the coverage of that softness, and the mean over what is near the line. */
      const differences = async (share: number): Promise<{ most: number; mean: number }> => {
        const { left, top, width } = clipBox(await readPicture(page()));
        const shown = await readOpacities(page());
        const scale = width / bunny.width;
        let [most, sum, pixels] = [0, 0, 0];
        for (let y = 0; y < shown.height; y++) {
          for (let x = 0; x < shown.width; x++) {
            const [clipX, clipY] = [(x + 0.5 - left) / scale, (y + 0.5 - top) / scale];
            const distance = Math.hypot(clipX - Math.min(220, Math.max(120, clipX)), clipY - 80);
            if (distance > brushRadius + 8) continue;
            const t = Math.min(1, Math.max(0, (brushRadius - distance) / (brushRadius * share)));
            const difference = Math.abs(shown.values[y * shown.width + x] / 255 - t * t * (3 - 2 * t));
            most = Math.max(most, difference);
            sum += difference;
            pixels++;
          }
        }
        return { most, mean: sum / pixels };
      };
      await dragOver(page(), bunny, line, async () => {
        expect(await page().locator('.brush-cursor .brush-core').count()).toBe(1);
        const { most, mean } = await differences(0.5);
        expect(most).toBeLessThan(0.1);
        expect(mean).toBeLessThan(0.02);
      });
      await page().getByText('2 shapes', { exact: true }).waitFor();
      await expect.poll(async () => (await differences(0.5)).most).toBeLessThan(0.1);
      const field = page().getByLabel(texts['mask.softness'], { exact: true });
      expect(await field.inputValue()).toBe('50');
      await field.fill('100');
      await expect.poll(async () => (await differences(1)).most).toBeLessThan(0.1);
      expect((await differences(0.5)).most).toBeGreaterThan(0.3);
      await field.blur();
      for (const softer of ['100', '50']) {
        expect(await field.inputValue()).toBe(softer);
        await page().keyboard.press('Control+z');
      }
      await page().getByText('1 shape', { exact: true }).waitFor();
      await softness.press('Home');
      await softness.blur();
    });

    it('estimates the seconds, fewer of them for the fast preset and for a second of the clip', async () => {
      await choosePreset(page(), 0);
      await generateAll(page());
      const quality = await readEstimate(page());
      const steps = page()
        .locator('.estimate-counts')
        .getByText(/\d+ steps/);
      const [qualitySteps] = (await steps.innerText()).split(' ');
      await choosePreset(page(), 2);
      await expect.poll(() => steps.innerText()).not.toBe(`${qualitySteps} steps`);
      const fast = await readEstimate(page());
      expect(fast).toBeLessThan(quality);
      await goToFrame(page(), range.endFrame - 1);
      await page().keyboard.press('o');
      await goToFrame(page(), range.startFrame);
      await page().keyboard.press('i');
      await expect.poll(() => readEstimate(page())).toBeLessThan(fast);
    });

    it('runs the removal on the starter model', async () => {
      await run();
      await jobState('running').waitFor();
      await jobState('done').waitFor();
      const [job] = storedJobs();
      expect(job.result?.calls.full).toBeGreaterThanOrEqual(2);
      expect(await page().locator('.estimate-actual').innerText()).toMatch(/^Took \d/);
    });

    it('compares: inside the mask it is another picture, outside the same', async () => {
      await goToFrame(page(), range.startFrame + 10);
      await compare(page(), 'before');
      const picture = (): Promise<Picture> => waitForStillPicture(page());
      const before = await picture();
      const box = clipBox(before);
      const inside = (x: number, y: number): boolean => distanceFromStroke(box, x, y) < brushRadius - 6;
      // A block of a JPEG is 16 pixels with its colours, and the mask may be in all of it.
      const outside = (x: number, y: number): boolean => {
        const inClip =
          x >= box.left + 1 &&
          x < box.left + box.width - 1 &&
          y >= box.top + 1 &&
          y < box.top + box.height - 1;
        return inClip && distanceFromStroke(box, x, y) > brushRadius + 24;
      };
      await compare(page(), 'after');
      await expect
        .poll(async () => rmsBetween(before, await readPicture(page()), inside).rms)
        .toBeGreaterThan(8);
      const after = await picture();
      const still = rmsBetween(before, after, outside);
      expect(still.pixels).toBeGreaterThan(box.width * box.height * 0.9);
      expect(still.most).toBeLessThanOrEqual(2);

      await compare(page(), 'wipe');
      const divider = page().getByRole('slider', { name: texts['viewer.divider'] });
      // All the way to the right is the picture before; to the left the one after.
      await divider.press('End');
      await expect
        .poll(async () => rmsBetween(before, await readPicture(page()), inside).most)
        .toBeLessThan(3);
      await divider.press('Home');
      await expect
        .poll(async () => rmsBetween(after, await readPicture(page()), inside).most)
        .toBeLessThan(3);
      expect(rmsBetween(before, await readPicture(page()), inside).rms).toBeGreaterThan(8);

      await compare(page(), 'difference');
      const black: Picture = { ...before, pixels: Buffer.alloc(before.pixels.length) };
      await expect
        .poll(async () => rmsBetween(black, await readPicture(page()), inside).rms)
        .toBeGreaterThan(16);
      expect(rmsBetween(black, await readPicture(page()), outside).most).toBeLessThanOrEqual(8);

      await compare(page(), 'side');
      // Both halves hold the whole clip: what is left of the middle, moved by half, is what is right of it but the stone.
      await expect.poll(async () => clipBox(await readPicture(page())).width).not.toBe(box.width);
      const side = await picture();
      const half = side.width / 2;
      const halfBox = clipBox({ ...side, pixels: leftHalf(side) });
      const moved: Picture = { ...side, pixels: movedLeft(side, half) };
      const near = (x: number, y: number): boolean =>
        x < half && distanceFromStroke(halfBox, x, y) < brushRadius - 8;
      const far = (x: number, y: number): boolean =>
        x > halfBox.left + 1 &&
        x < halfBox.left + halfBox.width - 2 &&
        y > halfBox.top + 1 &&
        y < halfBox.top + halfBox.height - 2 &&
        distanceFromStroke(halfBox, x, y) > brushRadius + 24;
      expect(rmsBetween(side, moved, near).rms).toBeGreaterThan(8);
      expect(rmsBetween(side, moved, far).most).toBeLessThanOrEqual(6);
      await compare(page(), 'before');
    });

    it('shows where the filled pixels come from: with the plate off all are generated', async () => {
      const legend = page().getByLabel(texts['sources.title'], { exact: true });
      await page().keyboard.press('Shift+T');
      await legend.waitFor();
      expect(await legend.innerText()).toMatch(/^Generated\s+100 %$/);
      await page().keyboard.press('Shift+T');
      await expect.poll(() => legend.count()).toBe(0);
    });

    it('exports an MP4 with the second of the clip and its sound', async () => {
      const path = join(place.folder, 'stone-gone.mp4');
      await goToFrame(page(), range.endFrame - 1);
      await page().keyboard.press('Shift+O');
      await goToFrame(page(), range.startFrame);
      await page().keyboard.press('Shift+I');
      await button(page(), texts['jobs.export']).click();
      await program.choose(path, () => button(page(), texts['export.choosePlace']).click());
      await page().getByText(path, { exact: true }).waitFor();
      await button(page(), texts['export.start']).click();
      await page().getByText(texts['export.done'], { exact: true }).waitFor();
      await page().keyboard.press('Escape');
      const { ffprobe } = await findBinaries();
      const { stdout } = spawnSync(
        ffprobe.path,
        ['-v', 'error', '-count_frames', '-show_streams', '-of', 'json', path],
        { encoding: 'utf8' },
      );
      const { streams } = JSON.parse(stdout) as { streams: Record<string, unknown>[] };
      expect(streams).toMatchObject([
        { codec_name: 'h264', width: bunny.width, height: bunny.height, nb_read_frames: '25' },
        { codec_name: 'aac' },
      ]);
      expect(streams).toHaveLength(2);
      expect(Math.abs(Number(streams[0]['duration']) - 1)).toBeLessThan(0.01);
      // Whole packets of 1024 samples.
      expect(Math.abs(Number(streams[1]['duration']) - 1)).toBeLessThan(0.1);
    });

    it('says before an export which frames of an edit no result holds', async () => {
      // The edit goes on for longer than it was run.
      await goToFrame(page(), 40);
      await page().keyboard.press('o');
      await button(page(), texts['jobs.export']).click();
      const gap = (frames: string, kind: 'notRun' | 'changed'): Locator =>
        page().getByText(
          texts[`export.gap.${kind}`]
            .replace('{{name}}', texts['edit.remove'].replace('{{number}}', '1'))
            .replace('{{frames}}', frames),
        );
      await gap('2–26', 'changed').waitFor();
      expect(await gap('27–40', 'notRun').count()).toBe(0);
      await page()
        .getByRole('radio', { name: texts['export.frames.clip'].replace('{{frames}}', String(bunny.frames)) })
        .click();
      await gap('27–40', 'notRun').waitFor();
      await button(page(), texts['export.runFirst']).waitFor();
      await page().keyboard.press('Escape');
      await page().keyboard.press('Control+z');
      await button(page(), texts['jobs.export']).click();
      // Outside of its range it has nothing to do.
      await expect.poll(() => button(page(), texts['export.runFirst']).count()).toBe(0);
      await page().keyboard.press('Escape');
    });

    it('opens the project again with mask, settings and result', async () => {
      await page().getByText(texts['title.saved'], { exact: true }).waitFor();
      await chooseInMenu(page(), texts['menu.file'], texts['menu.closeProject']);
      await button(page(), texts['start.sample.removal']).waitFor();
      await openRecent();
      await page().getByText('1 shape', { exact: true }).waitFor();
      const preset = page().getByRole('slider', { name: texts['preset.label'] });
      expect(await preset.getAttribute('aria-valuetext')).toBe(texts['preset.fast']);
      await goToFrame(page(), range.startFrame + 10);
      await expect
        .poll(() => page().getByRole('radio', { name: texts['viewer.after'], exact: true }).isEnabled())
        .toBe(true);
      expect(await readEstimate(page())).toBeGreaterThan(0);
    });

    /** Network calls of every step, so that the job lasts long enough to be disturbed. */
    const steps = 10;
    /** Runs the whole clip and waits until its first window is done. */
    async function runUntilSecondWindow(): Promise<void> {
      await run();
      await jobs()
        .first()
        .getByText(/window 2 of \d/)
        .waitFor();
    }

    /** The newest job had two windows, and the first was not run again. */
    function expectResumed(): void {
      const { id, result } = storedJobs().at(-1)!;
      expect(result?.calls.full).toBe(2 * steps);
      const log = readFileSync(join(place.home, 'logs', `${id}.log`), 'utf8');
      expect(log).toMatch(/windows: 2, 1 of them from an earlier run/);
    }

    it('says that the host died, and continues from the last window when tried again', async () => {
      await button(page(), texts['preset.advanced']).click();
      await page().getByLabel(texts['preset.method'], { exact: true }).selectOption('full');
      await page().getByLabel(texts['preset.steps'], { exact: true }).fill(String(steps));
      await page().getByLabel(texts['prompt.plate'], { exact: true }).selectOption('off');
      await page().getByLabel(texts['prompt.seed'], { exact: true }).fill('7');
      await runUntilSecondWindow();
      const [pid, ...others] = await program.hostPids();
      expect(others).toEqual([]);
      process.kill(pid, 'SIGKILL');
      await jobState('failed').waitFor();
      const failure = await jobs().first().locator('.job-failure').innerText();
      expect(failure).toMatch(/inference process ended unexpectedly/);
      expect(failure).toMatch(/memory.*again/s);
      await jobs().first().getByRole('button', { name: texts['jobs.retry'], exact: true }).click();
      await jobState('done').waitFor();
      expectResumed();
    });

    it('continues with the job after the whole program was killed', async () => {
      await page().getByLabel(texts['prompt.seed'], { exact: true }).fill('8');
      await page().getByText(texts['title.saved'], { exact: true }).waitFor();
      await runUntilSecondWindow();
      const pids = await program.hostPids();
      expect(pids).toHaveLength(1);
      await program.kill();
      await expect.poll(() => existsSync(`/proc/${pids[0]}`)).toBe(false);
      await openProgram();
      await openRecent();
      expect(await page().getByLabel(texts['prompt.seed'], { exact: true }).inputValue()).toBe('8');
      await jobState('done').waitFor();
      expectResumed();
      await expect
        .poll(() => page().getByRole('radio', { name: texts['viewer.after'], exact: true }).isEnabled())
        .toBe(true);
      expect(readdirSync(join(place.home, 'results')).filter((file) => file.includes('partial'))).toEqual([]);
    });

    it('has logged no error', () => {
      expect(program.problems).toEqual([]);
    });
  });
}

/** The picture with only its left half opaque. */
function leftHalf({ width, height, pixels }: Picture): Buffer {
  const copy = Buffer.from(pixels);
  for (let y = 0; y < height; y++) copy.fill(0, (y * width + width / 2) * 4, (y + 1) * width * 4);
  return copy;
}

/** Every pixel is the one `by` to its right. */
function movedLeft({ width, height, pixels }: Picture, by: number): Buffer {
  const copy = Buffer.alloc(pixels.length);
  for (let y = 0; y < height; y++) {
    const row = y * width * 4;
    pixels.copy(copy, row, row + Math.floor(by) * 4, row + width * 4);
  }
  return copy;
}
