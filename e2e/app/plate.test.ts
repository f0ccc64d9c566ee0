import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Locator } from 'playwright';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { en as texts } from '../../src-renderer/i18n/en.ts';
import { findBinaries } from '../../src-main/media/index.ts';
import { demo, prepareHome, root } from '../hetcut.ts';
import {
  button,
  choosePreset,
  dragOver,
  goToFrame,
  openClipDialog,
  readEstimate,
  waitForPicture,
} from './editor-page.ts';
import { openInBrowser, openInElectron, type Place, type Program } from './program.ts';
import { findChromium, findElectron, isSkipped, requirePath } from './runtimes.ts';
import '../../src-main/media/testing/use-npm-binaries.ts';

const bunny = { width: 640, height: 360 };

/** A clip, a plate that fits it and one that does not, in a folder of their own. */
async function makePlace(): Promise<Place & { readonly remove: () => void }> {
  const folder = mkdtempSync(join(tmpdir(), 'hetcut-plate-'));
  const clips = join(folder, 'clips');
  mkdirSync(clips);
  copyFileSync(demo('bunny.mp4'), join(clips, 'bunny.mp4'));
  prepareHome(join(folder, 'home'));
  const { ffmpeg } = await findBinaries();
  for (const [name, size] of [
    ['plate.png', '640x360'],
    ['small.png', '320x180'],
  ]) {
    const source = ['-f', 'lavfi', '-i', `testsrc2=s=${size}`, '-frames:v', '1'];
    const { status } = spawnSync(ffmpeg.path, ['-v', 'error', ...source, join(clips, name)]);
    expect(status).toBe(0);
  }
  const remove = (): void => rmSync(folder, { recursive: true, force: true });
  return { home: join(folder, 'home'), folder: clips, remove };
}

/** A stroke over the stone, in the first ten frames. */
async function paintStone({ page }: Program): Promise<void> {
  await waitForPicture(page);
  await dragOver(page, bunny, [
    [314, 232],
    [340, 232],
  ]);
  await goToFrame(page, 9);
  await page.keyboard.press('o');
}

const source = ({ page }: Program): Locator => page.getByLabel(texts['prompt.plate'], { exact: true });
const picture = ({ page }: Program, name: string): Locator =>
  page.getByRole('img', { name: texts['prompt.platePicture'].replace('{{name}}', name) });

const inBrowser = findChromium();
describe.skipIf(isSkipped(inBrowser))('the clean plate', () => {
  let place: Awaited<ReturnType<typeof makePlace>>;
  let program: Program;
  const page = (): Program['page'] => program.page;
  const estimate = (): Locator => page().getByRole('region', { name: texts['estimate.title'], exact: true });
  const choosePlate = (name: string, ask: () => Promise<unknown>): Promise<void> =>
    program.choose(join(place.folder, name), async () => void (await ask()));
  /** Runs the edit, and returns what the newest job says filled the hole. */
  async function runAndRead(): Promise<string> {
    const rows = page().locator('.jobs > li');
    const before = await rows.count();
    await page().locator('.run-button').click();
    await expect.poll(() => rows.count()).toBe(before + 1);
    const newest = rows.first();
    await newest.getByRole('img', { name: texts['jobs.done'], exact: true }).waitFor();
    return newest.locator('.job-filled').innerText();
  }

  beforeAll(async () => {
    requirePath(inBrowser);
    place = await makePlace();
    program = await openInBrowser(requirePath(inBrowser), place);
    await button(page(), texts['start.sample.removal']).waitFor();
    await program.choose(join(place.folder, 'bunny.mp4'), openClipDialog(page()));
  });
  afterAll(async () => {
    await program?.close();
    place?.remove();
  });

  it('is background of other frames at first, then texture; the window says how much they showed', async () => {
    await paintStone(program);
    await choosePreset(page(), 2);
    expect(await source(program).inputValue()).toBe('auto');
    const said = await runAndRead();
    const [, shown, rest] = /^(\d+) % from other frames, (\d+) % texture from around it$/.exec(said) ?? [];
    expect(Number(shown) + Number(rest)).toBe(100);
  });

  it('can be left out: all is generated', async () => {
    await source(program).selectOption('off');
    expect(await readEstimate(page())).toBeGreaterThan(0);
    expect(await runAndRead()).toBe(texts['filled.off']);
  });

  it('of another size is refused before the run, in words that name both sizes', async () => {
    await choosePlate('small.png', () => source(program).selectOption('file'));
    await picture(program, 'small.png').waitFor();
    await estimate()
      .getByText(/small\.png is 320×180, the clip 640×360/)
      .waitFor();
    mkdirSync(resolve(root, 'e2e/output'), { recursive: true });
    await page().screenshot({ path: resolve(root, 'e2e/output/plate-wrong.png') });
    const before = await page().locator('.jobs > li').count();
    await page().locator('.run-button').click();
    await page()
      .locator('.notice.error')
      .getByText(/small\.png is 320×180/)
      .waitFor();
    await button(page(), texts['notice.close']).click();
    expect(await page().locator('.jobs > li').count()).toBe(before);
  });

  it('of the editor’s own fills all of it, survives an undo, and is in the project', async () => {
    await choosePlate('plate.png', () => button(page(), texts['prompt.choosePlate']).click());
    await picture(program, 'plate.png').waitFor();
    await estimate().getByText(texts['estimate.noSteps.file'], { exact: true }).waitFor();
    await page().screenshot({ path: resolve(root, 'e2e/output/plate-own.png') });
    expect(await runAndRead()).toBe(texts['filled.file']);
    await button(page(), texts['prompt.clearPlate']).click();
    expect(await source(program).inputValue()).toBe('off');
    await page().keyboard.press('Escape');
    await page().evaluate(() => (document.activeElement as HTMLElement | null)?.blur());
    await page().keyboard.press('Control+z');
    await expect.poll(() => source(program).inputValue()).toBe('file');
    await page().getByText(texts['title.saved'], { exact: true }).waitFor();
    await page().reload();
    await page().locator('.recent button').first().click();
    await waitForPicture(page());
    await picture(program, 'plate.png').waitFor();
  });

  it('may be a clip, of which the first picture is shown', async () => {
    await choosePlate('bunny.mp4', () => button(page(), texts['prompt.choosePlate']).click());
    const clip = picture(program, 'bunny.mp4');
    await clip.waitFor();
    await expect
      .poll(() => clip.evaluate((img) => (img as HTMLImageElement).naturalWidth))
      .toBeGreaterThan(0);
  });

  it('has logged no error', () => expect(program.problems).toEqual([]));
});

const inElectron = findElectron();
describe.skipIf(isSkipped(inElectron))('a plate that is dropped', () => {
  let place: Awaited<ReturnType<typeof makePlace>>;
  let program: Program;

  beforeAll(async () => {
    requirePath(inElectron);
    place = await makePlace();
    program = await openInElectron(requirePath(inElectron), place);
    await button(program.page, texts['start.sample.removal']).waitFor();
  });
  afterAll(async () => {
    await program?.close();
    place?.remove();
  });

  it('on its field is taken, and not opened as a clip', async () => {
    const { page } = program;
    await program.choose(join(place.folder, 'bunny.mp4'), openClipDialog(page));
    await paintStone(program);
    await page.evaluate(() => {
      const input = document.createElement('input');
      Object.assign(input, { type: 'file', id: 'dropped', hidden: true });
      document.body.append(input);
    });
    await page.locator('#dropped').setInputFiles(join(place.folder, 'plate.png'));
    await page.evaluate(() => {
      const [file] = (document.querySelector('#dropped') as HTMLInputElement).files ?? [];
      const dataTransfer = new DataTransfer();
      dataTransfer.items.add(file);
      const field = document.querySelector('.plate') as HTMLElement;
      for (const kind of ['dragover', 'drop'])
        field.dispatchEvent(new DragEvent(kind, { dataTransfer, bubbles: true, cancelable: true }));
    });
    await picture(program, 'plate.png').waitFor();
    await page.getByText('1 shape', { exact: true }).waitFor();
    expect(await page.locator('.drop-here').count()).toBe(0);
    expect(await source(program).inputValue()).toBe('file');
  });

  it('has logged no error', () => expect(program.problems).toEqual([]));
});
