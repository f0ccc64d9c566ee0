import { copyFileSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { en as texts } from '../../src-renderer/i18n/en.ts';
import { prepareHome, demo, root } from '../hetcut.ts';
import { button, dragOver, openClipDialog, playheadFrame, waitForPicture } from './editor-page.ts';
import type { Place, Program } from './program.ts';
import { isSkipped, requirePath, type Found } from './runtimes.ts';

const bunny = { name: 'bunny.mp4', width: 640, frames: 50 };

/** The playhead with mouse and keys, whatever was clicked before, in the real program shown by one carrier. */
export function describePlayingKeys(
  name: string,
  found: Found,
  open: (path: string, place: Place) => Promise<Program>,
): void {
  describe.skipIf(isSkipped(found))(name, () => {
    let folder: string;
    let program: Program;
    const page = (): Program['page'] => program.page;
    const frame = (): Promise<number> => playheadFrame(page());
    const press = async (...keys: readonly string[]): Promise<void> => {
      for (const key of keys) await page().keyboard.press(key);
    };
    const playing = (): Promise<number> => button(page(), texts['viewer.pause']).count();
    /** The button names the step that it undoes. */
    const undoable = async (): Promise<boolean> => (await button(page(), texts['menu.undo']).count()) === 0;
    /** The place of a frame's middle on the ruler, `y` pixels below its top. */
    async function onRuler(at: number, y: number): Promise<readonly [number, number]> {
      const line = await page().locator('.timeline-canvas').boundingBox();
      if (line === null) throw new Error('there is no timeline');
      // The whole clip is seen at first, with a little room after it: `wholeClip` of the timeline's scale.
      const now = (line.width - 24) / bunny.frames;
      return [line.x + (at + 0.5) * now, line.y + y];
    }
    async function drag(from: readonly [number, number], to: readonly [number, number]): Promise<void> {
      await page().mouse.move(...from);
      await page().mouse.down();
      await page().mouse.move(...to, { steps: 5 });
      await page().mouse.up();
    }

    beforeAll(async () => {
      requirePath(found);
      folder = mkdtempSync(join(tmpdir(), 'hetcut-playing-'));
      mkdirSync(join(folder, 'clips'));
      copyFileSync(demo(bunny.name), join(folder, 'clips', bunny.name));
      prepareHome(join(folder, 'home'));
      program = await open(requirePath(found), {
        home: join(folder, 'home'),
        folder: join(folder, 'clips'),
      });
      await button(page(), texts['start.sample.removal']).waitFor();
      await program.choose(join(folder, 'clips', bunny.name), openClipDialog(page()));
      await waitForPicture(page());
    });
    afterAll(async () => {
      await program?.close();
      rmSync(folder, { recursive: true, force: true });
    });

    it('drags the playhead away from the first and the last frame without moving the in and out points', async () => {
      await drag(await onRuler(0, 8), await onRuler(20, 8));
      await expect.poll(frame).toBe(20);
      await press('End');
      await expect.poll(frame).toBe(bunny.frames - 1);
      await drag(await onRuler(bunny.frames - 1, 8), await onRuler(30, 8));
      await expect.poll(frame).toBe(30);
      expect(await undoable()).toBe(false);
    });

    it('drags an in point that the playhead is not on', async () => {
      await drag(await onRuler(-0.5, 21), await onRuler(9.5, 21));
      await page().keyboard.press('Home');
      await expect.poll(undoable).toBe(true);
      await press('Control+z');
      await expect.poll(undoable).toBe(false);
    });

    it.each([
      ['a button', () => button(page(), texts['viewer.stepOn']).click()],
      ['a slider', () => page().getByRole('slider', { name: texts['preset.label'] }).click()],
      [
        'a menu',
        async () => {
          await button(page(), texts['menu.file']).click();
          await page().getByRole('menuitem', { name: texts['menu.save'] }).first().click();
        },
      ],
    ])('plays and steps after a click on %s', async (_name, click) => {
      await press('Home');
      await click();
      await expect.poll(playing).toBe(0);
      await press('Home');
      await expect.poll(frame).toBe(0);
      await press('ArrowRight', '.', 'Shift+ArrowRight', 'ArrowLeft');
      await expect.poll(frame).toBe(11);
      await press('Space');
      await expect.poll(frame).toBeGreaterThan(14);
      await press('Space');
      await expect.poll(playing).toBe(0);
      await press('End');
      await expect.poll(frame).toBe(bunny.frames - 1);
    });

    it('plays backwards with J, stops with K, and steps with both held', async () => {
      await press('End', 'j');
      await expect.poll(frame).toBeLessThan(bunny.frames - 5);
      await press('k');
      await expect.poll(playing).toBe(0);
      await press('k');
      expect(await playing()).toBe(0);
      const at = await frame();
      await page().keyboard.down('k');
      await press('j', 'j', 'l');
      await page().keyboard.up('k');
      await expect.poll(frame).toBe(at - 1);
      expect(await playing()).toBe(0);
      await press('Home', 'l');
      await expect.poll(frame).toBeGreaterThan(3);
      await press('k');
    });

    it('loops from the in to the out point', async () => {
      await press('Home', 'Shift+ArrowRight', 'Shift+I', '.', '.', '.', 'Shift+O', 'Shift+L', 'l');
      const seen: number[] = [];
      await expect
        .poll(
          async () => {
            seen.push(await frame());
            return seen.some((one, index) => one < seen[index - 1]);
          },
          { interval: 20 },
        )
        .toBe(true);
      await press('k', 'Shift+L');
      expect(Math.min(...seen)).toBeGreaterThanOrEqual(10);
      expect(Math.max(...seen)).toBeLessThanOrEqual(13);
      await press('Control+z', 'Control+z');
    });

    it('takes other keys for a command, and says whose the keys are that it cannot take', async () => {
      const nameOf = (keys: string): string =>
        texts['shortcuts.change'].replace('{{command}}', texts['shortcuts.stop']).replace('{{keys}}', keys);
      await press('?');
      await button(page(), nameOf('K')).click();
      await press('j');
      await page()
        .getByText(
          texts['shortcuts.taken']
            .replace('{{keys}}', 'J')
            .replace('{{command}}', texts['shortcuts.backwards']),
        )
        .waitFor();
      await button(page(), nameOf('K')).click();
      await press('q');
      await button(page(), nameOf('Q')).waitFor();
      mkdirSync(resolve(root, 'e2e/output'), { recursive: true });
      await page().screenshot({ path: resolve(root, 'e2e/output/keys.png') });
      await press('Escape', 'Home', 'l');
      await expect.poll(frame).toBeGreaterThan(3);
      await press('k');
      expect(await playing()).toBe(1);
      await press('q');
      await expect.poll(playing).toBe(0);
      await press('?');
      await button(page(), texts['shortcuts.usual']).click();
      await button(page(), nameOf('K')).waitFor();
      await press('Escape');
    });

    it('leaves the keys to a text field', async () => {
      await dragOver(page(), bunny, [
        [314, 232],
        [340, 232],
      ]);
      await page().getByText('1 shape', { exact: true }).waitFor();
      await press('Home', '.', '.');
      await page().getByLabel(texts['mask.softness'], { exact: true }).click();
      await press('Home', 'ArrowRight', 'l', 'Space');
      expect(await playing()).toBe(0);
      await expect.poll(frame).toBe(2);
      await page().getByLabel(texts['mask.softness'], { exact: true }).blur();
    });

    it('plays after a click on Remove, instead of starting a second job', async () => {
      await page().locator('.run-button').click();
      await page().locator('.jobs > li').waitFor();
      await press('Space');
      await expect.poll(frame).toBeGreaterThan(4);
      await press('k');
      expect(await page().locator('.jobs > li').count()).toBe(1);
    });

    it('has logged no error', () => expect(program.problems).toEqual([]));
  });
}
