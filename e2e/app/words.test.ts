import { copyFileSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Locator } from 'playwright';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { en as texts } from '../../src-renderer/i18n/en.ts';
import { demo, prepareHome, root } from '../hetcut.ts';
import { button, choosePreset, dragOver, goToFrame, openClipDialog, waitForPicture } from './editor-page.ts';
import { openInBrowser, type Program } from './program.ts';
import { findChromium, isSkipped, requirePath } from './runtimes.ts';

const bunny = { width: 640, height: 360 };

const inBrowser = findChromium();
describe.skipIf(isSkipped(inBrowser))('replacing by words', () => {
  let folder: string;
  let program: Program;
  const page = (): Program['page'] => program.page;
  const prompt = (): Locator => page().getByLabel(texts['prompt.textReplace'], { exact: true });
  const word = (name: string): Locator => page().locator('.words').getByRole('button', { name, exact: true });
  const advice = (): Locator => page().locator('.word-advice');

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'hetcut-words-'));
    const clips = join(folder, 'clips');
    mkdirSync(clips);
    copyFileSync(demo('bunny.mp4'), join(clips, 'bunny.mp4'));
    prepareHome(join(folder, 'home'));
    program = await openInBrowser(requirePath(inBrowser), { home: join(folder, 'home'), folder: clips });
    await program.choose(join(clips, 'bunny.mp4'), openClipDialog(page()));
    await waitForPicture(page());
    await dragOver(page(), bunny, [
      [314, 232],
      [340, 232],
    ]);
  });
  afterAll(async () => {
    await program?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it('makes a prompt of clicks', async () => {
    await goToFrame(page(), 5);
    await page().keyboard.press('o');
    await page().getByRole('radio', { name: texts['prompt.replace'], exact: true }).click();
    for (const name of ['red', 'wooden', 'box', 'ball']) await word(name).click();
    expect(await prompt().inputValue()).toBe('a red wooden ball');
    await word('wooden').click();
    expect(await prompt().inputValue()).toBe('a red ball');
    expect(await word('red').getAttribute('aria-pressed')).toBe('true');
    expect(await advice().innerText()).toBe('');
  });

  it('says what the model cannot read, and does not run where that is all', async () => {
    await prompt().fill('a rad dragon');
    expect(await advice().innerText()).toMatch(/“rad”, “dragon”.*Near it: red\./);
    await page().screenshot({ path: resolve(root, 'e2e/output/words.png') });
    await prompt().fill('красный шар');
    expect(await advice().innerText()).toContain('English words only');
    const run = page().locator('.run-button');
    expect(await run.getAttribute('aria-disabled')).toBe('true');
    await prompt().fill('');
    expect(await run.getAttribute('aria-disabled')).toBe('true');
  });

  it('runs on the model that comes with the program', async () => {
    await prompt().fill('a red ball');
    await choosePreset(page(), 2);
    const estimate = page().getByRole('region', { name: texts['estimate.title'], exact: true });
    await expect.poll(() => estimate.getAttribute('aria-busy')).toBe('false');
    await page().locator('.run-button').click();
    const row = page().locator('.jobs > li').first();
    await row.getByRole('img', { name: texts['jobs.done'], exact: true }).waitFor();
  });

  it('is calibrated for other steps at a press, on the clip that is open', async () => {
    const estimate = page().getByRole('region', { name: texts['estimate.title'], exact: true });
    await button(page(), texts['preset.advanced']).click();
    await page().getByLabel(texts['preset.steps'], { exact: true }).fill('12');
    await estimate.getByText(texts['estimate.schedule.other-conditions'], { exact: true }).waitFor();
    const calibrate = estimate.getByRole('button', { name: /^Calibrate \(about [\d,.]+ / });
    await page().screenshot({ path: resolve(root, 'e2e/output/calibrate.png') });
    await calibrate.click();
    await estimate.getByRole('progressbar', { name: texts['estimate.calibrating'] }).waitFor();
    await estimate.getByRole('button', { name: texts['estimate.stopCalibrating'] }).click();
    // Stopped it leaves all as it was.
    await calibrate.click();
    await estimate.getByRole('progressbar', { name: texts['estimate.calibrating'] }).waitFor();
    await estimate
      .getByText(texts['estimate.schedule.other-conditions'], { exact: true })
      .waitFor({ state: 'detached' });
    expect(await calibrate.count()).toBe(0);
    // Between the presets there is what the curve has; δ follows.
    await choosePreset(page(), 0);
    const slider = page().getByRole('slider', { name: texts['preset.label'] });
    await slider.press('ArrowRight');
    expect(await slider.getAttribute('aria-valuetext')).toBe('After Quality');
    const delta = page().getByLabel(texts['preset.delta'], { exact: true });
    expect(Number(await delta.inputValue())).toBeGreaterThan(0);
    await expect.poll(() => estimate.getAttribute('aria-busy')).toBe('false');
    await page().screenshot({ path: resolve(root, 'e2e/output/between-presets.png') });
    // Twelve steps have no room for three presets.
    await slider.press('End');
    expect(await slider.getAttribute('aria-valuetext')).toBe(texts['preset.balanced']);
    expect(await delta.inputValue()).toBe('');
  });

  it('has logged no error', () => expect(program.problems).toEqual([]));
});
