import { createRequire } from 'node:module';
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { de } from '../../src-renderer/i18n/de.ts';
import { en } from '../../src-renderer/i18n/en.ts';
import { demo, root } from '../hetcut.ts';
import {
  button,
  chooseInMenu,
  choosePreset,
  compare,
  dragOver,
  goToFrame,
  openClipDialog,
  generateAll,
  readEstimate,
  waitForPicture,
  waitForStillPicture,
} from './editor-page.ts';
import { openInBrowser, type Place, type Program } from './program.ts';
import { findChromium, isSkipped, requirePath } from './runtimes.ts';
import '../../src-main/media/testing/use-npm-binaries.ts';

const name = 'every screen of the window';
const found = findChromium();
const output = resolve(root, 'e2e/output');
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

type Theme = 'dark' | 'light';
type Language = 'en' | 'de';

/** A rule of axe that is broken, with what breaks it. */
interface Violation {
  readonly id: string;
  readonly impact: string | null;
  readonly nodes: readonly { readonly target: readonly string[] }[];
}

/**
 * Every screen as an editor meets it: a picture of each in e2e/output, and nothing that axe finds serious or critical,
 * in both themes and both languages.
 */
describe.skipIf(isSkipped(found))(name, () => {
  let folder: string;
  let place: Place;
  let program: Program;
  const page = (): Program['page'] => program.page;

  async function look(theme: Theme, language: Language): Promise<void> {
    await page().evaluate(
      ([chosenTheme, chosenLanguage]) => {
        const kept = JSON.parse(localStorage.getItem('hetcut-layout') ?? '{}') as object;
        const next = { ...kept, theme: chosenTheme, language: chosenLanguage };
        localStorage.setItem('hetcut-layout', JSON.stringify(next));
      },
      [theme, language],
    );
    await page().reload();
    const texts = language === 'en' ? en : de;
    await button(page(), texts['start.sample.removal']).waitFor();
  }

  /** Keeps a picture of the screen, and asks axe about it. */
  async function check(screen: string): Promise<void> {
    // Colours that are still on their way have another contrast; and tooltips are not of the screen.
    await page().mouse.move(1, 450);
    await page().evaluate(async () => {
      // What the pointer left begins to change with the next frame.
      for (let frame = 0; frame < 2; frame++) await new Promise(requestAnimationFrame);
      await Promise.all(
        document.getAnimations().map((animation) => animation.finished.catch(() => undefined)),
      );
    });
    await page().screenshot({ path: join(output, `${screen}.png`) });
    const isThere = await page().evaluate(() => 'axe' in window);
    // By the protocol, which the page's content policy does not bind.
    if (!isThere) await page().evaluate(axe);
    const violations = await page().evaluate(async () => {
      const { axe: checker } = window as unknown as { axe: { run(): Promise<{ violations: Violation[] }> } };
      return (await checker.run()).violations;
    });
    const serious = violations
      .filter(({ impact }) => impact === 'serious' || impact === 'critical')
      .map(({ id, nodes }) => `${id}: ${nodes.map(({ target }) => target.join(' ')).join('; ')}`);
    expect(serious, screen).toEqual([]);
  }

  beforeAll(async () => {
    requirePath(found);
    mkdirSync(output, { recursive: true });
    folder = mkdtempSync(join(tmpdir(), 'hetcut-screens-'));
    place = { home: join(folder, 'home'), folder: join(folder, 'clips') };
    mkdirSync(place.folder);
    copyFileSync(demo('bunny.mp4'), join(place.folder, 'bunny.mp4'));
    copyFileSync(demo('bunny.mp4'), join(place.folder, 'moved.mp4'));
    program = await openInBrowser(requirePath(found), place);
    await button(page(), en['start.sample.removal']).waitFor();
  });
  afterAll(async () => {
    await program?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const bunny = { width: 640 };
  const dialogs = [
    ['models', 'menu.models', 'models.hint'],
    ['doctor', 'menu.doctor', 'doctor.again'],
    ['shortcuts', 'menu.shortcuts', 'shortcuts.playback'],
  ] as const;

  async function checkDialogs(prefix: string, texts: typeof en | typeof de): Promise<void> {
    for (const [screen, opener, content] of dialogs) {
      await button(page(), texts[opener]).click();
      await page().getByRole('dialog').getByText(texts[content]).first().waitFor();
      if (screen === 'doctor') await page().getByText('ffmpeg').first().waitFor();
      await check(`${prefix}${screen}`);
      await page().keyboard.press('Escape');
    }
  }

  it('from the start to the exported file, dark and in English', async () => {
    await check('01-start');
    await program.choose(join(place.folder, 'bunny.mp4'), openClipDialog(page()));
    await waitForPicture(page());
    await check('02-editor-empty-mask');
    await dragOver(page(), bunny, [
      [314, 232],
      [340, 232],
    ]);
    await choosePreset(page(), 2);
    await goToFrame(page(), 12);
    await page().keyboard.press('o');
    await check('03-painted');
    await generateAll(page());
    await readEstimate(page());
    await button(page(), en['preset.advanced']).click();
    await check('04-estimate');
    await page().getByLabel(en['prompt.plate'], { exact: true }).selectOption('off');
    await button(page(), en['preset.advanced']).click();
    await page().locator('.run-button').click();
    await page().locator('.jobs [role="progressbar"]').first().waitFor();
    await check('05-running');
    await page().locator('.jobs [role="img"]').and(page().getByLabel(en['jobs.done'])).waitFor();
    const after = page().getByRole('radio', { name: en['viewer.after'], exact: true });
    await expect.poll(() => after.isEnabled()).toBe(true);
    for (const [screen, mode] of [
      ['06-wipe', 'wipe'],
      ['07-side-by-side', 'side'],
      ['08-difference', 'difference'],
    ] as const) {
      await compare(page(), mode);
      await waitForStillPicture(page());
      await check(screen);
    }
    await compare(page(), 'wipe');
    await page().keyboard.press('Control+e');
    await page().getByRole('dialog').getByText(en['export.format'], { exact: true }).waitFor();
    await check('09-export');
    const what = (text: 'export.what.patch' | 'export.what.edit') =>
      page().getByRole('radio', { name: en[text], exact: true });
    await what('export.what.patch').click();
    await page().getByText(en['export.about.patch'], { exact: true }).waitFor();
    // Only what holds transparency can be chosen.
    const formats = page().getByLabel(en['export.format'], { exact: true }).locator('option');
    expect(await formats.allTextContents()).toEqual([
      en['export.format.prores4444'],
      en['export.format.png'],
    ]);
    await check('09-export-patch');
    await what('export.what.edit').click();
    await page().keyboard.press('Escape');
    await checkDialogs('10-', en);
  });

  it('where something is wrong', async () => {
    writeFileSync(join(place.folder, 'broken.mp4'), readFileSync(demo('bunny.mp4')).subarray(0, 20_000));
    await program.choose(join(place.folder, 'broken.mp4'), () =>
      chooseInMenu(page(), en['menu.file'], en['menu.openClip']),
    );
    await page().locator('.notice.error').waitFor();
    await check('11-broken-file');
    await button(page(), en['notice.close']).click();
    await page().getByText(en['title.saved'], { exact: true }).waitFor();
    await chooseInMenu(page(), en['menu.file'], en['menu.closeProject']);
    rmSync(join(place.folder, 'bunny.mp4'));
    await page().locator('.recent button').first().click();
    await page().locator('.relink').waitFor();
    await check('12-missing-media');
    await program.choose(join(place.folder, 'moved.mp4'), () => button(page(), en['relink.find']).click());
    await waitForPicture(page());
    expect(await page().locator('.relink').count()).toBe(0);
    await page().getByText(en['title.saved'], { exact: true }).waitFor();
  });

  it.each([
    ['light', 'en', en],
    ['dark', 'de', de],
    ['light', 'de', de],
  ] as const)('%s, in %s', async (theme, language, texts) => {
    await look(theme, language);
    const prefix = `13-${theme}-${language}-`;
    await check(`${prefix}start`);
    await page().locator('.recent button').first().click();
    await waitForPicture(page());
    await page().locator('.estimate-head').waitFor();
    await waitForStillPicture(page());
    await check(`${prefix}editor`);
    await checkDialogs(prefix, texts);
    await chooseInMenu(page(), texts['menu.file'], texts['menu.closeProject']);
  });

  it('has logged no error', () => expect(program.problems).toEqual([]));
});
