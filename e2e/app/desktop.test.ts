import { copyFileSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { MenuCommand } from '../../src-shared/ipc/index.ts';
import { en as texts } from '../../src-renderer/i18n/en.ts';
import { demo, prepareHome } from '../hetcut.ts';
import { button, dragOver, waitForPicture } from './editor-page.ts';
import { describeFlow } from './flow.ts';
import { describePlayingKeys } from './playing-keys.ts';
import { openInElectron, type DesktopProgram } from './program.ts';
import { findElectron, isSkipped, requirePath } from './runtimes.ts';

const found = findElectron();

describeFlow('an edit in the desktop program', found, openInElectron);
describePlayingKeys('keys and playhead in the desktop program', found, openInElectron);

describe.skipIf(isSkipped(found))('the native menu', () => {
  let folder: string;
  let program: DesktopProgram;
  const page = (): DesktopProgram['page'] => program.page;
  const choose = (command: MenuCommand): Promise<void> => program.chooseInNativeMenu(command);

  beforeAll(async () => {
    requirePath(found);
    folder = mkdtempSync(join(tmpdir(), 'hetcut-menu-'));
    mkdirSync(join(folder, 'clips'));
    copyFileSync(demo('bunny.mp4'), join(folder, 'clips', 'bunny.mp4'));
    prepareHome(join(folder, 'home'));
    program = await openInElectron(requirePath(found), {
      home: join(folder, 'home'),
      folder: join(folder, 'clips'),
    });
    await button(page(), texts['start.sample.removal']).waitFor();
  });
  afterAll(async () => {
    await program?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it('does what the window’s own controls do', async () => {
    await choose('app.doctor');
    await page().getByRole('dialog', { name: texts['doctor.title'] }).waitFor();
    await page().keyboard.press('Escape');
    await program.choose(join(folder, 'clips', 'bunny.mp4'), () => choose('clip.open'));
    await waitForPicture(page());
    await dragOver(page(), { width: 640 }, [
      [314, 232],
      [340, 232],
    ]);
    await page().getByText('1 shape', { exact: true }).waitFor();
    await choose('edit.undo');
    await page().getByText(texts['mask.empty']).waitFor();
    await choose('edit.redo');
    await page().getByText('1 shape', { exact: true }).waitFor();
    await choose('result.export');
    await page().getByText(texts['export.noResult']).waitFor();
    await page().keyboard.press('Escape');
    await choose('project.save');
    await page().getByText(texts['title.saved'], { exact: true }).waitFor();
    await choose('project.new');
    await button(page(), texts['start.sample.removal']).waitFor();
    await expect.poll(() => page().locator('.recent li').count()).toBe(1);
  });

  it('has logged no error', () => expect(program.problems).toEqual([]));
});
