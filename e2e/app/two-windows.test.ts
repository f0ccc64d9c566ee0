import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Locator, Page } from 'playwright';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { en as texts } from '../../src-renderer/i18n/en.ts';
import { demo, prepareHome } from '../hetcut.ts';
import { button, chooseInMenu, openClipDialog, waitForPicture } from './editor-page.ts';
import { openInBrowser, type BrowserProgram } from './program.ts';
import { findChromium, isSkipped, requirePath } from './runtimes.ts';
import '../../src-main/media/testing/use-npm-binaries.ts';

const name = 'one project in two windows';
const found = findChromium();

/** What two windows on one project do to each other, told apart by how far the mask is grown. */
describe.skipIf(isSkipped(found))(name, () => {
  let folder: string;
  let program: BrowserProgram;
  let one: Page;
  let two: Page;

  const grow = (page: Page): Locator => page.getByLabel(texts['mask.grow'], { exact: true });
  async function setGrow(page: Page, pixels: number): Promise<void> {
    await grow(page).fill(String(pixels));
    await grow(page).press('Enter');
  }
  const growIs = (page: Page, pixels: number): Promise<void> =>
    expect.poll(() => grow(page).inputValue()).toBe(String(pixels));
  const saved = (page: Page): Promise<void> =>
    page.getByText(texts['title.saved'], { exact: true }).waitFor();
  /** What is on disk. */
  const storedGrow = (): number => {
    const projects = join(folder, 'home', 'projects');
    const [file, ...others] = readdirSync(projects);
    expect(others).toEqual([]);
    const { clips } = JSON.parse(readFileSync(join(projects, file), 'utf8')) as {
      clips: { edits: { mask: { grow: number } }[] }[];
    };
    return clips[0].edits[0].mask.grow;
  };
  const conflict = (page: Page): Locator => page.getByRole('alert').filter({ hasText: 'another window' });
  const versions = (page: Page): Locator => page.getByRole('dialog').locator('.entry');
  async function openVersions(page: Page): Promise<void> {
    await chooseInMenu(page, texts['menu.file'], texts['menu.versions']);
    await versions(page).first().waitFor();
  }
  async function restore(page: Page, place: number): Promise<void> {
    await versions(page).nth(place).getByRole('button').click();
    await page.getByRole('dialog').waitFor({ state: 'detached' });
  }

  beforeAll(async () => {
    requirePath(found);
    folder = mkdtempSync(join(tmpdir(), 'hetcut-windows-'));
    mkdirSync(join(folder, 'clips'));
    copyFileSync(demo('bunny.mp4'), join(folder, 'clips', 'bunny.mp4'));
    prepareHome(join(folder, 'home'));
    program = await openInBrowser(requirePath(found), {
      home: join(folder, 'home'),
      folder: join(folder, 'clips'),
    });
    one = program.page;
    await button(one, texts['start.sample.removal']).waitFor();
  });
  afterAll(async () => {
    await program?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it('the second is told that the first has it open, and is not offered to continue with it', async () => {
    await program.choose(join(folder, 'clips', 'bunny.mp4'), openClipDialog(one));
    await waitForPicture(one);
    await setGrow(one, 3);
    await saved(one);
    two = await program.openPage();
    const recent = two.locator('.recent button').first();
    expect(await recent.innerText()).toContain(texts['start.openElsewhere']);
    expect(await two.locator('.interrupted').count()).toBe(0);
    await recent.click();
    await waitForPicture(two);
    await growIs(two, 3);
  });

  it('keeps mine: it is saved, and theirs is an earlier version', async () => {
    await setGrow(one, 5);
    await saved(one);
    await setGrow(two, 9);
    await conflict(two).waitFor();
    // One message, and no word of being saved.
    expect(await two.locator('.notice').count()).toBe(1);
    await two.getByText(texts['title.unsaved'], { exact: true }).waitFor();
    expect(storedGrow()).toBe(5);
    await button(two, texts['conflict.mine']).click();
    await conflict(two).waitFor({ state: 'detached' });
    await saved(two);
    await growIs(two, 9);
    await expect.poll(storedGrow).toBe(9);

    // Versions are told apart by their second.
    await two.waitForTimeout(1100);
    await openVersions(two);
    await restore(two, 0);
    await growIs(two, 5);
    expect(storedGrow()).toBe(5);
  });

  it('an earlier version is put back, and the one that was there can be put back as well', async () => {
    await openVersions(two);
    // Times tell them apart, though they are seconds old.
    const names = await versions(two)
      .getByRole('button')
      .evaluateAll((buttons) => buttons.map((each) => each.ariaLabel));
    expect(new Set(names).size).toBe(names.length);
    await restore(two, 0);
    await growIs(two, 9);
    await saved(two);
    expect(storedGrow()).toBe(9);
    await waitForPicture(two);
    // It continues from there.
    await setGrow(two, 10);
    await saved(two);
    await expect.poll(storedGrow).toBe(10);
    await two.getByRole('button', { name: /^Undo/ }).click();
    await growIs(two, 9);
    await expect.poll(storedGrow).toBe(9);
  });

  it('loads theirs: what was here is an earlier version', async () => {
    await setGrow(one, 7);
    await conflict(one).waitFor();
    await button(one, texts['conflict.theirs']).click();
    await conflict(one).waitFor({ state: 'detached' });
    await growIs(one, 9);
    expect(storedGrow()).toBe(9);
    await saved(one);

    await openVersions(one);
    await restore(one, 0);
    await growIs(one, 7);
    expect(storedGrow()).toBe(7);
  });

  it('once its page is gone, the project is offered', async () => {
    await two.close();
    await one.close();
    const three = await program.openPage();
    await three.locator('.interrupted').waitFor();
    await button(three, texts['start.goOn']).click();
    await waitForPicture(three);
    await growIs(three, 7);
  });

  it('has logged no error', () => expect(program.problems).toEqual([]));
});
