import { copyFileSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { en as texts } from '../../src-renderer/i18n/en.ts';
import { demo, prepareHome, root } from '../hetcut.ts';
import {
  button,
  clipBox,
  compare,
  playheadFrame,
  generateAll,
  readEstimate,
  readPainted,
  readPicture,
  waitForPicture,
} from './editor-page.ts';
import { openInBrowser, type Program } from './program.ts';
import { findChromium, isSkipped, requirePath } from './runtimes.ts';
import '../../src-main/media/testing/use-npm-binaries.ts';

const name = 'the window without a pointer';
const found = findChromium();

describe.skipIf(isSkipped(found))(name, () => {
  let folder: string;
  let program: Program;
  const press = async (...keys: readonly string[]): Promise<void> => {
    for (const key of keys) await program.page.keyboard.press(key);
  };
  const focused = (): Promise<string> =>
    program.page.evaluate(() => {
      const element = document.activeElement;
      return element?.getAttribute('aria-label') ?? element?.textContent ?? '';
    });
  /** Tabs on until the control of that name has the focus. */
  async function tabTo(label: string): Promise<void> {
    for (let at = 0; at < 100; at++) {
      if ((await focused()) === label) return;
      await press('Tab');
    }
    throw new Error(`Tab does not come to "${label}"`);
  }
  /** Middle of what is painted, in shares of the picture. */
  const paintedMiddle = async (): Promise<readonly [number, number]> => {
    const box = clipBox(await readPicture(program.page));
    const [x, y] = (await readPainted(program.page)).middle;
    return [(x - box.left) / box.width, (y - box.top) / box.height];
  };

  beforeAll(async () => {
    requirePath(found);
    folder = mkdtempSync(join(tmpdir(), 'hetcut-keys-'));
    mkdirSync(join(folder, 'clips'));
    copyFileSync(demo('bunny.mp4'), join(folder, 'clips', 'bunny.mp4'));
    prepareHome(join(folder, 'home'));
    program = await openInBrowser(requirePath(found), {
      home: join(folder, 'home'),
      folder: join(folder, 'clips'),
    });
    await button(program.page, texts['start.sample.removal']).waitFor();
  });
  afterAll(async () => {
    await program?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it('opens a clip, makes and moves a mask, and runs', async () => {
    await tabTo(texts['start.open']);
    await press('Enter');
    await program.page.getByRole('dialog').getByText('bunny.mp4').waitFor();
    await tabTo('bunny.mp4');
    await press('Enter');
    await waitForPicture(program.page);
    await press('u', 'Enter');
    await program.page.getByText('1 shape', { exact: true }).waitFor();
    await expect.poll(async () => Math.abs((await paintedMiddle())[0] - 0.5)).toBeLessThan(0.01);
    await press(...Array.from({ length: 10 }, () => 'Control+Shift+ArrowLeft'), 'Control+Shift+ArrowDown');
    // Ten times four pixels of 640, once four of 360.
    await expect.poll(async () => (await paintedMiddle())[0]).toBeCloseTo(0.5 - 40 / 640, 2);
    expect((await paintedMiddle())[1]).toBeCloseTo(0.5 + 4 / 360, 2);
    // All of the moves are one step.
    await press('Control+z');
    await expect.poll(async () => (await paintedMiddle())[0]).toBeCloseTo(0.5, 2);
    await press('Control+Shift+z');

    await press('.', '.', '.', '.', '.', '.', '.', '.', 'o');
    await tabTo(texts['preset.label']);
    await press('End');
    await generateAll(program.page);
    expect(await readEstimate(program.page)).toBeGreaterThan(0);
    await press('Control+Enter');
    const done = program.page.locator('.jobs').getByRole('img', { name: texts['jobs.done'], exact: true });
    await done.waitFor();
  });

  it('resizes, turns and says so; moves a polygon’s corners one by one', async () => {
    const { page } = program;
    const announced = (words: RegExp): Promise<void> => page.getByRole('status').getByText(words).waitFor();
    const pixels = async (): Promise<number> => (await readPainted(page)).pixels;
    // The shape of the run is still the chosen one; its result would hide the mask.
    const wipe = page.getByRole('radio', { name: texts['viewer.wipe'], exact: true });
    await expect.poll(() => wipe.getAttribute('aria-checked')).toBe('true');
    await compare(page, 'before');
    await page.evaluate(() => (document.activeElement as HTMLElement | null)?.blur());
    const before = await pixels();
    await press('Alt+Shift+ArrowRight', 'Alt+Shift+ArrowUp');
    await announced(/^Ellipse: 223.3 × 130 pixels/);
    const scale = clipBox(await readPicture(page)).width / 640;
    const gained = (Math.PI / 4) * (223.33 * 130 - 213.33 * 120);
    await expect.poll(async () => (await pixels()) - before).toBeGreaterThan(gained * scale ** 2 * 0.9);
    expect((await pixels()) - before).toBeLessThan(gained * scale ** 2 * 1.1);

    await press('Alt+PageDown', 'Alt+Shift+PageDown');
    await announced(/^Ellipse: 223.3 × 130 pixels.*rotated 11°$/);

    await press('p', 'Enter');
    await page.getByText('2 shapes', { exact: true }).waitFor();
    await press('v');
    await tabTo(texts['shape.corner'].replace('{{number}}', '2').replace('{{count}}', '4'));
    mkdirSync(resolve(root, 'e2e/output'), { recursive: true });
    await page.screenshot({ path: resolve(root, 'e2e/output/corner.png') });
    const at = await playheadFrame(page);
    await press('Shift+ArrowRight', 'ArrowDown');
    await announced(/^Corner 2 at 436.7, 181$/);
    // The arrows are the corner's: the playhead stays.
    expect(await playheadFrame(page)).toBe(at);
    await press('Delete');
    await page.getByText('1 shape', { exact: true }).waitFor();
  });

  it('makes the brush softer and harder, by its keys and by its slider', async () => {
    const slider = program.page.getByRole('slider', { name: texts['tool.softness'], exact: true });
    const shown = (): Promise<string | null> => slider.getAttribute('aria-valuetext');
    expect(await shown()).toBe('0 %');
    await press('b', 'Shift+BracketRight', 'Shift+BracketRight', 'Shift+BracketRight');
    await expect.poll(shown).toBe('30 %');
    await press('Shift+BracketLeft');
    await expect.poll(shown).toBe('20 %');
    // The size has its own keys, and is as it was.
    const size = program.page.getByRole('slider', { name: texts['tool.size'], exact: true });
    expect(await size.getAttribute('aria-valuetext')).toBe('48 px');
    await slider.press('End');
    await expect.poll(shown).toBe('100 %');
    await press('Shift+BracketRight');
    expect(await shown()).toBe('100 %');
    await slider.press('Home');
    await expect.poll(shown).toBe('0 %');
    await slider.blur();
  });

  it('shows the keys, and returns the focus', async () => {
    await press('?');
    await program.page.getByRole('dialog').waitFor();
    await program.page.getByText(texts['shortcuts.brushSoftness'], { exact: true }).waitFor();
    await press('Escape');
    await program.page.getByRole('dialog').waitFor({ state: 'detached' });
  });

  it('has logged no error', () => expect(program.problems).toEqual([]));
});
