import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ffmpeg } from '../../src-main/media/testing/clips.ts';
import { en as texts } from '../../src-renderer/i18n/en.ts';
import { prepareHome } from '../hetcut.ts';
import { button, dragOver, goToFrame, openClipDialog, playheadFrame, waitForPicture } from './editor-page.ts';
import { openInBrowser, type Program } from './program.ts';
import { findChromium, isSkipped, requirePath } from './runtimes.ts';
import '../../src-main/media/testing/use-npm-binaries.ts';

const found = findChromium();
describe.skipIf(isSkipped(found))('the way back into the edit', () => {
  let folder: string;
  let clips: string;
  let program: Program;
  const page = (): Program['page'] => program.page;
  const press = async (...keys: readonly string[]): Promise<void> => {
    for (const key of keys) await page().keyboard.press(key);
  };
  const paint = (): Promise<void> =>
    dragOver(page(), { width: 160 }, [
      [60, 40],
      [100, 50],
    ]);

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'hetcut-round-trip-'));
    clips = join(folder, 'clips');
    mkdirSync(join(clips, 'out'), { recursive: true });
    for (const [name, timecode] of [
      ['one.mov', '10:00:00:20'],
      ['two.mov', '01:00:00:00'],
    ]) {
      ffmpeg([
        ...['-f', 'lavfi', '-i', 'testsrc2=s=160x96:r=25:d=0.4', '-c:v', 'libx264', '-pix_fmt', 'yuv420p'],
        ...['-timecode', timecode, join(clips, name)],
      ]);
    }
    prepareHome(join(folder, 'home'));
    program = await openInBrowser(requirePath(found), { home: join(folder, 'home'), folder: clips });
    await program.choose(join(clips, 'one.mov'), openClipDialog(page()));
    await waitForPicture(page());
    await paint();
  });
  afterAll(async () => {
    await program?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it('shows the clip’s own timecode', async () => {
    await goToFrame(page(), 6);
    expect(await page().locator('.transport-time').innerText()).toMatch(/^10:00:01:01 \/ /);
  });

  it('marks frames, names them, goes from one to the next, and undoes it', async () => {
    await press('m', 'Home', 'm');
    const markers = page().locator('.markers button');
    await expect.poll(() => markers.count()).toBe(2);
    expect(await markers.first().getAttribute('aria-label')).toBe('Marker Marker 2 at 10:00:00:20');
    await press('Shift+ArrowDown');
    await expect.poll(() => playheadFrame(page())).toBe(6);
    await press('m');
    await page().getByLabel(texts['marker.rename'], { exact: true }).fill('Boom in shot');
    await press('Enter');
    await page().locator('.transport-marker').getByText('Boom in shot', { exact: true }).waitFor();
    await press('Shift+ArrowUp');
    await expect.poll(() => playheadFrame(page())).toBe(0);
    await markers.first().focus();
    await press('Delete');
    await expect.poll(() => markers.count()).toBe(1);
    await press('Control+z');
    await expect.poll(() => markers.count()).toBe(2);
  });

  it('exports all clips of the project in one go', async () => {
    await program.choose(join(clips, 'two.mov'), () => button(page(), texts['timeline.addClip']).click());
    await page().locator('.clip-tab').nth(1).waitFor();
    await waitForPicture(page());
    await paint();
    await press('Control+e');
    const dialog = page().getByRole('dialog');
    const choose = (name: string): Promise<void> => dialog.getByRole('radio', { name, exact: true }).click();
    await choose('All 2 clips');
    await choose(texts['export.what.matte']);
    // There is no such thing as the active edit of several clips.
    expect(await dialog.getByRole('radio', { name: texts['export.what.edit'], exact: true }).count()).toBe(0);
    await dialog.getByRole('button', { name: texts['export.choose'], exact: true }).click();
    await page().getByRole('button', { name: 'out', exact: true }).click();
    await page().getByRole('button', { name: texts['files.chooseFolder'], exact: true }).click();
    await dialog.getByRole('button', { name: texts['export.start'], exact: true }).click();
    await dialog.getByText('2 of 2 exported and verified', { exact: true }).waitFor();
    expect(readdirSync(join(clips, 'out')).sort()).toEqual(['one-matte.mp4', 'two-matte.mp4']);
    await dialog.getByRole('button', { name: texts.close, exact: true }).last().click();
  });

  it('keeps markers in the project’s file', async () => {
    await page().getByText(texts['title.saved'], { exact: true }).waitFor();
    const projects = join(folder, 'home', 'projects');
    const [name] = readdirSync(projects).filter((file) => file.endsWith('.hetcut'));
    const kept = JSON.parse(readFileSync(join(projects, name), 'utf8')) as { clips: { markers?: unknown }[] };
    expect(kept.clips.map(({ markers }) => markers)).toEqual([
      [
        { frame: 0, name: 'Marker 2' },
        { frame: 6, name: 'Boom in shot' },
      ],
      undefined,
    ]);
  });

  it('has logged no error', () => expect(program.problems).toEqual([]));
});
