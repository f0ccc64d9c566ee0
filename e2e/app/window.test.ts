import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Locator } from 'playwright';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { de } from '../../src-renderer/i18n/de.ts';
import { en } from '../../src-renderer/i18n/en.ts';
import { demo, prepareHome } from '../hetcut.ts';
import {
  button,
  chooseInMenu,
  dragOver,
  openClipDialog,
  generateAll,
  readEstimate,
  waitForPicture,
} from './editor-page.ts';
import { openInBrowser, type Program } from './program.ts';
import { findChromium, isSkipped, requirePath } from './runtimes.ts';
import '../../src-main/media/testing/use-npm-binaries.ts';

const name = 'the window around the picture';
const found = findChromium();

describe.skipIf(isSkipped(found))(name, () => {
  let folder: string;
  let program: Program;
  const page = (): Program['page'] => program.page;
  const openRecent = async (): Promise<void> => {
    await page().locator('.recent button').first().click();
    await waitForPicture(page());
  };
  /** Whether all of it can be seen: within the window, with nothing over it, and not scrolled away. */
  const isInSight = (locator: Locator): Promise<boolean> =>
    locator.evaluate((element) => {
      const { left, top, right, bottom } = element.getBoundingClientRect();
      // Corners may be round.
      const [middleX, middleY] = [(left + right) / 2, (top + bottom) / 2];
      const edges = [
        [left + 1, middleY],
        [right - 1, middleY],
        [middleX, top + 1],
        [middleX, bottom - 1],
      ];
      return edges.every(([x, y]) => element.contains(document.elementFromPoint(x, y)));
    });

  beforeAll(async () => {
    requirePath(found);
    folder = mkdtempSync(join(tmpdir(), 'hetcut-window-'));
    mkdirSync(join(folder, 'clips'));
    copyFileSync(demo('bunny.mp4'), join(folder, 'clips', 'bunny.mp4'));
    writeFileSync(join(folder, 'clips', 'text.mp4'), 'This is no clip.\n');
    prepareHome(join(folder, 'home'));
    program = await openInBrowser(requirePath(found), {
      home: join(folder, 'home'),
      folder: join(folder, 'clips'),
    });
    await button(page(), en['start.sample.removal']).waitFor();
  });
  afterAll(async () => {
    await program?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it('says what computes and how much of its memory is in use, and what else it found', async () => {
    const machine = page().locator('.title-machine');
    await machine.waitFor();
    const [, used, total] = /^[CG]PU: \S.* · ([\d.,]+)\/([\d,]+) GB$/.exec(await machine.innerText()) ?? [];
    expect(Number(used)).toBeGreaterThan(0);
    expect(Number(used)).toBeLessThanOrEqual(Number(total) + 1);
    await machine.click();
    const rows = page().getByRole('dialog').locator('.findings h3');
    await expect.poll(() => rows.allInnerTexts()).toContain('ffprobe');
    const names = await rows.allInnerTexts();
    expect(names.filter((one) => one === 'ffmpeg')).toHaveLength(1);
    expect(names).toContain(en['doctor.part.processor']);
    await page().keyboard.press('Escape');
  });

  it('has what is known of a failure copied', async () => {
    await page().context().grantPermissions(['clipboard-read', 'clipboard-write']);
    await program.choose(join(folder, 'clips', 'text.mp4'), openClipDialog(page()));
    const notice = page().locator('.notice.error');
    const said = await notice.locator('.notice-text p').first().innerText();
    await notice.getByRole('button', { name: en['copy.details'], exact: true }).click();
    await notice.getByRole('button', { name: en['copy.done'], exact: true }).waitFor();
    const copied = await page().evaluate(() => navigator.clipboard.readText());
    expect(copied).toContain(said);
    expect(copied).toMatch(/^[a-z-]+\n/);
    expect(copied).toMatch(/\nHetCut \d/);
    await button(page(), en['notice.close']).click();
  });

  it.each([
    [1440, 900],
    [1280, 800],
    [1280, 720],
    [1920, 1080],
  ])('at %i × %i speed, estimate and Remove are in sight, whatever is scrolled', async (width, height) => {
    await page().setViewportSize({ width, height });
    if ((await page().locator('.viewer').count()) === 0) {
      await program.choose(join(folder, 'clips', 'bunny.mp4'), openClipDialog(page()));
      await waitForPicture(page());
      await dragOver(page(), { width: 640 }, [
        [314, 232],
        [340, 232],
      ]);
      // The longest that is above it.
      await button(page(), en['preset.advanced']).click();
    }
    await generateAll(page());
    await readEstimate(page());
    for (const part of ['.run .slider', '.estimate-head', '.strip', '.stages', '.run-button']) {
      expect(await isInSight(page().locator(part)), part).toBe(true);
    }
    const panels = await page().locator('.panels-scroll').boundingBox();
    expect(panels?.height).toBeGreaterThan(160);
  });

  it('remembers how wide the panels are and which are folded away', async () => {
    await page().setViewportSize({ width: 1440, height: 900 });
    await page().getByText(en['title.saved'], { exact: true }).waitFor();
    const width = async (): Promise<number | undefined> =>
      (await page().locator('.panels').boundingBox())?.width;
    const before = (await width()) ?? 0;
    const bar = page().getByRole('separator', { name: en['layout.resizePanels'], exact: true });
    await bar.press('ArrowLeft');
    await bar.press('ArrowLeft');
    await expect.poll(width).toBe(before + 32);
    await button(page(), en['menu.tools']).click();
    await page().locator('.tool-column').waitFor({ state: 'detached' });
    await page().reload();
    await openRecent();
    expect(await width()).toBe(before + 32);
    expect(await page().locator('.tool-column').count()).toBe(0);
    // The fold of a section as well.
    expect(await button(page(), en['preset.advanced']).getAttribute('aria-expanded')).toBe('true');
    await button(page(), en['menu.tools']).click();
    await page().locator('.tool-column').waitFor();
  });

  it('keeps settings, and says what is kept on the disk and clears it', async () => {
    mkdirSync(join(folder, 'home/text'), { recursive: true });
    writeFileSync(join(folder, 'home/text/old.f32'), 'x'.repeat(5000));
    await page().keyboard.press('Control+,');
    const dialog = page().getByRole('dialog', { name: en['settings.title'] });
    await dialog.getByLabel(en['settings.preset']).selectOption('fast');
    await dialog.getByLabel(en['settings.memory']).fill('6,5');
    await dialog.getByText(en['settings.ffmpegBrowser']).waitFor();
    const stored = (): unknown => {
      try {
        return JSON.parse(readFileSync(join(folder, 'home/settings.json'), 'utf8'));
      } catch {
        return null;
      }
    };
    await expect.poll(stored).toMatchObject({ preset: 'fast', memoryGb: 6.5 });
    const texts = dialog.locator('dl > div').filter({ hasText: en['settings.storage.text'] });
    await expect.poll(() => texts.innerText()).toMatch(/[1-9]/);
    await dialog.getByRole('button', { name: en['settings.storage.clear'] }).click();
    await expect.poll(() => texts.locator('dd').innerText()).toBe('0 kB');
    expect(existsSync(join(folder, 'home/text'))).toBe(false);
    expect(existsSync(join(folder, 'home/models/starter'))).toBe(true);
    await dialog.getByLabel(en['settings.preset']).selectOption('balanced');
    await dialog.getByLabel(en['settings.memory']).fill('');
    await expect.poll(stored).toMatchObject({ preset: 'balanced', memoryGb: null });
    await page().keyboard.press('Escape');
    await dialog.waitFor({ state: 'detached' });
  });

  it('names keys as they are on a German keyboard', async () => {
    await button(page(), en['menu.settings']).click();
    await page().getByLabel(en['settings.language']).selectOption('de');
    await page().keyboard.press('Escape');
    await page().getByRole('dialog').waitFor({ state: 'detached' });
    await button(page(), de['menu.file']).click();
    const menu = page().getByRole('menu');
    const inMenu = await menu.locator('kbd').allInnerTexts();
    expect(inMenu).toContain('Strg+Umschalt+S');
    await page().keyboard.press('Escape');
    await menu.waitFor({ state: 'detached' });
    await page().locator('.run-button').focus();
    await page().locator('.run-button').hover();
    await page().locator('.tooltip kbd').getByText('Strg+Eingabe', { exact: true }).first().waitFor();
    await page().mouse.move(700, 300);
    await button(page(), de['menu.shortcuts']).click();
    const keys = await page().getByRole('dialog').locator('dd kbd').allInnerTexts();
    const words = new Set(keys.flatMap((one) => one.split('+')));
    for (const key of ['Strg', 'Umschalt', 'Alt', 'Leertaste', 'Eingabe', 'Entf', 'Pos1', 'Ende']) {
      expect(words, key).toContain(key);
    }
    for (const key of ['Ctrl', 'Shift', 'Space', 'Enter', 'Delete', 'Home', 'End']) {
      expect(words, key).not.toContain(key);
    }
    await page().keyboard.press('Escape');
    await chooseInMenu(page(), de['menu.file'], de['menu.closeProject']);
  });

  it('has logged no error', () => expect(program.problems).toEqual([]));
});
