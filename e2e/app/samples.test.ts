import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { en as texts } from '../../src-renderer/i18n/en.ts';
import { prepareHome } from '../hetcut.ts';
import {
  button,
  chooseInMenu,
  compare,
  readPainted,
  rmsBetween,
  waitForStillPicture,
} from './editor-page.ts';
import { openInBrowser, type Program } from './program.ts';
import { findChromium, isSkipped, requirePath } from './runtimes.ts';
import '../../src-main/media/testing/use-npm-binaries.ts';

const found = findChromium();
describe.skipIf(isSkipped(found))('the first minute', () => {
  let folder: string;
  let program: Program;
  const page = (): Program['page'] => program.page;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'hetcut-samples-'));
    mkdirSync(join(folder, 'clips'));
    prepareHome(join(folder, 'home'));
    program = await openInBrowser(requirePath(found), {
      home: join(folder, 'home'),
      folder: join(folder, 'clips'),
    });
  });
  afterAll(async () => {
    await program?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  /** Presses the one button, and returns how far the result is from the clip, RMS of 8-bit steps over all of the picture. */
  async function runAndCompare(): Promise<number> {
    await page().locator('.run-button').click();
    const done = page().locator('.jobs').getByRole('img', { name: texts['jobs.done'], exact: true });
    await done.first().waitFor();
    const after = page().getByRole('radio', { name: texts['viewer.after'], exact: true });
    await expect.poll(() => after.isEnabled()).toBe(true);
    await compare(page(), 'before');
    const before = await waitForStillPicture(page());
    await compare(page(), 'after');
    return rmsBetween(before, await waitForStillPicture(page()), () => true).rms;
  }

  it('opens on a case with its mask in every frame, one press from its result', async () => {
    await button(page(), texts['start.sample.removal']).click();
    await page().getByText(texts['sample.removal'], { exact: true }).waitFor();
    await expect.poll(async () => (await readPainted(page())).pixels).toBeGreaterThan(1000);
    await page().keyboard.press('End');
    await waitForStillPicture(page());
    expect((await readPainted(page())).pixels).toBeGreaterThan(1000);
    expect(await page().locator('.timeline .edit-name').innerText()).toBe('Removal 1');
    expect(await runAndCompare()).toBeGreaterThan(5);
    expect(await page().locator('.jobs .job-name').first().innerText()).toBe('campus.mp4 · Removal 1');
  });

  it('keeps mask, one part of Advanced, estimate and job in sight after the run, at 1440 × 900', async () => {
    await button(page(), texts['preset.advanced']).click();
    await page()
      .locator('.panels-scroll')
      .evaluate((panels) => panels.scrollTo(0, panels.scrollHeight));
    const shown = await page().locator('.panels-scroll').boundingBox();
    const sections = page().locator('.panels-scroll > .section');
    const [mask, advanced] = [await sections.nth(1).boundingBox(), await sections.nth(2).boundingBox()];
    expect(mask?.y).toBeGreaterThanOrEqual(shown?.y ?? Infinity);
    expect((advanced?.y ?? Infinity) + (advanced?.height ?? 0)).toBeLessThanOrEqual(
      (shown?.y ?? 0) + (shown?.height ?? 0) + 1,
    );
    expect(await page().locator('.advanced-fields:visible').count()).toBe(1);
    // The estimate is one line until it is asked for more.
    const estimate = page().locator('.estimate-figures');
    expect((await estimate.boundingBox())?.height).toBeLessThan(32);
    await button(page(), texts['estimate.details']).click();
    await page().locator('.stages').waitFor();
    await button(page(), texts['estimate.details']).click();
    await button(page(), texts['preset.advanced']).click();
  });

  it('has another for editing by words, in the same project list', async () => {
    await chooseInMenu(page(), texts['menu.file'], texts['menu.sample.words']);
    await page().getByText(texts['sample.words'], { exact: true }).waitFor();
    const prompt = page().getByLabel(texts['prompt.textReplace'], { exact: true });
    expect(await prompt.inputValue()).toBe('a red ball');
    // Jobs of the other project are apart, and say whose they are.
    const others = page().locator('.jobs-others');
    expect(await others.locator('summary').innerText()).toBe('1 job of another project');
    await others.locator('summary').click();
    await others.getByText('Project campus', { exact: true }).waitFor();
    expect(await runAndCompare()).toBeGreaterThan(2);
    // What the edit does names it, until the editor does.
    const name = page().locator('.timeline .edit-name');
    expect(await name.innerText()).toBe('Replacement 1');
    await page().getByRole('radio', { name: texts['prompt.remove'], exact: true }).click();
    await expect.poll(() => name.innerText()).toBe('Removal 1');
    await name.dblclick();
    await page().getByLabel(texts['timeline.renameEdit']).fill('The ball');
    await page().keyboard.press('Enter');
    await page().getByRole('radio', { name: texts['prompt.replace'], exact: true }).click();
    expect(await name.innerText()).toBe('The ball');
  });

  it('cuts no text of panels, transport and timeline off, in both languages and at three sizes', async () => {
    const cut: string[] = [];
    const look = async (language: string): Promise<void> => {
      for (const [width, height] of [
        [1280, 720],
        [1440, 900],
        [2560, 1440],
      ]) {
        await page().setViewportSize({ width, height });
        const found = await page().evaluate(() =>
          [
            ...document.querySelectorAll<HTMLElement>(
              '.panels button, .panels .label, .transport button, .track-head',
            ),
          ]
            .filter(({ className }) => !/edit-name|object-name/.test(className))
            .filter(
              (element) => element.offsetParent !== null && element.scrollWidth > element.clientWidth + 1,
            )
            .map((element) => element.innerText || element.className),
        );
        cut.push(...found.map((text) => `${language} ${width}: ${text}`));
      }
    };
    await look('en');
    await page().getByText(texts['title.saved'], { exact: true }).waitFor();
    await page().evaluate(() => {
      const kept = JSON.parse(localStorage.getItem('hetcut-layout') ?? '{}') as object;
      localStorage.setItem('hetcut-layout', JSON.stringify({ ...kept, language: 'de' }));
    });
    await page().reload();
    await page().locator('.recent button').first().click();
    await page().locator('.estimate-head').waitFor();
    expect(await page().locator('.timeline .edit-name').innerText()).toBe('The ball');
    await look('de');
    expect(cut).toEqual([]);
  });

  it('has logged no error', () => expect(program.problems).toEqual([]));
});
