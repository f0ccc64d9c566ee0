import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { en as texts } from '../../src-renderer/i18n/en.ts';
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

const name = 'files that cannot be opened';
const found = findChromium();

/** What an editor reads in the window about a file that is wrong. */
describe.skipIf(isSkipped(found))(name, () => {
  let folder: string;
  let clips: string;
  let program: Program;
  const page = (): Program['page'] => program.page;

  beforeAll(async () => {
    requirePath(found);
    folder = mkdtempSync(join(tmpdir(), 'hetcut-files-'));
    clips = join(folder, 'clips');
    mkdirSync(clips);
    copyFileSync(demo('bunny.mp4'), join(clips, 'bunny.mp4'));
    const whole = readFileSync(demo('bunny.mp4'));
    writeFileSync(join(clips, 'text.mp4'), 'This is no clip.\n');
    writeFileSync(join(clips, 'empty.mov'), '');
    writeFileSync(join(clips, 'cut-off.mp4'), whole.subarray(0, 20_000));
    writeFileSync(
      join(clips, 'newer.hetcut'),
      JSON.stringify({ format: 'hetcut-project', version: 99, id: 'p', name: 'P', clips: [] }),
    );
    writeFileSync(join(clips, 'half.hetcut'), '{"format": "hetcut-project", "vers');
    writeFileSync(join(clips, 'other.hetcut'), '{"format": "hetcut-project", "version": 1, "id": 7}');
    prepareHome(join(folder, 'home'));
    program = await openInBrowser(requirePath(found), { home: join(folder, 'home'), folder: clips });
    await button(page(), texts['start.sample.removal']).waitFor();
  });
  afterAll(async () => {
    await program?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  /** What the notice says of a file; it is dismissed. */
  async function noticeOf(file: string): Promise<string> {
    const isProject = file.endsWith('.hetcut');
    const ask = (): Promise<void> =>
      isProject
        ? chooseInMenu(page(), texts['menu.file'], texts['menu.openProject'])
        : openClipDialog(page())();
    await program.choose(join(clips, file), ask);
    const notice = page().locator('.notice.error');
    const said = await notice.locator('.notice-text').innerText();
    await button(page(), texts['notice.close']).click();
    // Nothing was opened, and what can be done next is there.
    await button(page(), texts['start.open']).waitFor();
    return said;
  }

  it.each([
    ['text.mp4', /text\.mp4 is not a video that can be read.*(repair|copy)/is],
    ['empty.mov', /empty\.mov is empty \(0 bytes\).*Copy or record it again/is],
    ['cut-off.mp4', /No picture of .*cut-off\.mp4 can be decoded.*The file is damaged/is],
    ['newer.hetcut', /newer\.hetcut was saved by a newer HetCut.*Update HetCut/is],
    ['half.hetcut', /half\.hetcut is not JSON.*Open another file/is],
    ['other.hetcut', /other\.hetcut: id: Invalid input/i],
  ])('%s', async (file, words) => {
    expect(await noticeOf(file)).toMatch(words);
  });

  it('a clip that was moved away is found again, but no other clip is taken for it', async () => {
    await program.choose(join(clips, 'bunny.mp4'), openClipDialog(page()));
    await waitForPicture(page());
    // With a mask there is something to estimate.
    await dragOver(page(), { width: 640 }, [
      [314, 232],
      [340, 232],
    ]);
    await page().getByText('1 shape', { exact: true }).waitFor();
    await page().getByText(texts['title.saved'], { exact: true }).waitFor();
    await chooseInMenu(page(), texts['menu.file'], texts['menu.closeProject']);
    rmSync(join(clips, 'bunny.mp4'));
    mkdirSync(join(clips, 'moved'));
    copyFileSync(demo('bunny.mp4'), join(clips, 'moved', 'rabbit.mp4'));
    copyFileSync(demo('campus.mp4'), join(clips, 'campus.mp4'));

    await page().locator('.recent button').first().click();
    const relink = page().getByRole('alert');
    expect(await relink.innerText()).toMatch(/bunny\.mp4 was not found/);
    expect(await relink.innerText()).toContain(join(clips, 'bunny.mp4'));
    // Said once: neither the estimate nor a click on the button says it again.
    const estimate = page().getByRole('region', { name: texts['estimate.title'], exact: true });
    await estimate.getByText(texts['estimate.noClip'], { exact: true }).waitFor();
    expect(await estimate.getByRole('alert').count()).toBe(0);
    const run = page().locator('.run-button');
    expect(await run.getAttribute('aria-disabled')).toBe('true');
    await run.press('Enter');
    expect(await page().locator('.notice').count()).toBe(0);
    expect(await page().locator('.jobs > li').count()).toBe(0);
    const find = (): Promise<void> => button(page(), texts['relink.find']).click();
    await program.choose(join(clips, 'campus.mp4'), find);
    const notice = page().locator('.notice.error');
    expect(await notice.innerText()).toMatch(
      /has \d+ frames at .*the project’s clip has 50 frames at 640 × 360/s,
    );
    await button(page(), texts['notice.close']).click();
    await program.choose(join(clips, 'moved', 'rabbit.mp4'), find);
    await waitForPicture(page());
    expect(await relink.count()).toBe(0);
    await generateAll(page());
    expect(await readEstimate(page())).toBeGreaterThan(0);
  });

  it('has logged no error but of pictures that were not there', () => {
    expect(program.problems.filter((problem) => !problem.includes('/media/'))).toEqual([]);
  });
});
