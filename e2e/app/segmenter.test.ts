import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { overlap } from '../../src-shared/core/track/index.ts';
import { parseProjectFile, type Edit } from '../../src-shared/project/index.ts';
import { rasteriseMask } from '../../src-shared/project/mask/index.ts';
import { en as texts } from '../../src-renderer/i18n/en.ts';
import { writeSegmenter } from '../../src-main/engine/segment/testing/synthetic-segmenter.ts';
import { prepareHome, root } from '../hetcut.ts';
import { redSquare, squareClip, writeSquare } from '../red-square.ts';
import { button, dragOver, openClipDialog, waitForPicture } from './editor-page.ts';
import { openInBrowser, type Program } from './program.ts';
import { findChromium, isSkipped, requirePath } from './runtimes.ts';
import '../../src-main/media/testing/use-npm-binaries.ts';

const name = 'an imported segmenter, in the window';
const found = findChromium();
const { width, height, frames } = squareClip;

/** A network of its own finds what is clicked, and follows it. */
describe.skipIf(isSkipped(found))(name, () => {
  let folder: string;
  let home: string;
  let program: Program;
  const page = (): Program['page'] => program.page;

  beforeAll(async () => {
    requirePath(found);
    folder = mkdtempSync(join(tmpdir(), 'hetcut-segmenting-'));
    home = join(folder, 'home');
    mkdirSync(join(folder, 'clips'));
    writeSquare(join(folder, 'clips', 'square.mp4'));
    prepareHome(home);
    writeSegmenter(join(folder, 'clips', 'SAM tiny'));
    program = await openInBrowser(requirePath(found), { home, folder: join(folder, 'clips') });
    await program.choose(join(folder, 'clips', 'square.mp4'), openClipDialog(page()));
    await waitForPicture(page());
  });
  afterAll(async () => {
    await program?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const bar = () => page().getByRole('toolbar', { name: texts['track.bar'] });
  async function fits(): Promise<number[]> {
    await page().getByText(texts['title.saved'], { exact: true }).waitFor();
    const [file] = readdirSync(join(home, 'projects')).filter((one) => one.endsWith('.hetcut'));
    const text = readFileSync(join(home, 'projects', file), 'utf8');
    const { mask } = parseProjectFile(JSON.parse(text), file).clips[0].edits[0] as Edit;
    const document = { format: 'hetcut-mask', version: 1, width, height, frames, ...mask } as const;
    return Array.from({ length: frames }, (_, frame) =>
      overlap(rasteriseMask(document, frame), redSquare(frame)),
    );
  }

  it('is imported on the models page', async () => {
    await button(page(), texts['menu.models']).click();
    const list = page().getByRole('list', { name: texts['segmenters.title'] });
    await button(page(), texts['segmenters.import']).click();
    await page().getByRole('dialog').getByRole('button', { name: 'SAM tiny', exact: true }).click();
    await button(page(), texts['files.chooseFolder']).click();
    await list.getByText('sam-tiny', { exact: true }).waitFor();
    mkdirSync(resolve(root, 'e2e/output'), { recursive: true });
    await page().screenshot({ path: resolve(root, 'e2e/output/segmenters.png') });
    await page().keyboard.press('Escape');
  });

  it('is chosen in the settings', async () => {
    await page().keyboard.press('Control+,');
    const field = page().getByLabel(texts['settings.segmenter']);
    await field.selectOption('sam-tiny');
    await expect
      .poll(() => JSON.parse(readFileSync(join(home, 'settings.json'), 'utf8')) as unknown)
      .toMatchObject({ segmenterId: 'sam-tiny' });
    mkdirSync(resolve(root, 'e2e/output'), { recursive: true });
    await field.scrollIntoViewIfNeeded();
    await page().screenshot({ path: resolve(root, 'e2e/output/segmenter-settings.png') });
    await page().keyboard.press('Escape');
  });

  it('selects at a click, and follows from there', async () => {
    await page().keyboard.press('s');
    await dragOver(page(), { width }, [[44, 48]]);
    // It reaches a few pixels beyond the object, as the edge of a result is blended inside it.
    await expect.poll(async () => (await fits())[0], { timeout: 60_000 }).toBeGreaterThan(0.6);
    expect((await fits())[3]).toBe(0);
    await bar().getByRole('button', { name: texts['track.both'], exact: true }).click();
    await expect.poll(async () => Math.min(...(await fits())), { timeout: 60_000 }).toBeGreaterThan(0.6);
  });

  it('says which graph does not fit, and keeps what is done', async () => {
    writeSegmenter(join(home, 'segmenters', 'sam-tiny'), {
      pointer_tpos: (g) => g.output('encoded', g.input('offsets', 'float32', [9]), [9]),
    });
    const before = await fits();
    await page().keyboard.press('Control+z');
    await bar().getByRole('button', { name: texts['track.both'], exact: true }).click();
    await page()
      .locator('.notice')
      .getByText(/pointer_tpos\.onnx: its input offsets is \[9\]/)
      .waitFor();
    await button(page(), texts['notice.close']).click();
    expect((await fits())[0]).toBe(before[0]);
  });

  it('has logged no error', () => expect(program.problems).toEqual([]));
});
