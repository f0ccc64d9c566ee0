import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { overlap } from '../../src-shared/core/track/index.ts';
import { parseProjectFile, type Edit } from '../../src-shared/project/index.ts';
import { rasteriseMask, type MaskShape } from '../../src-shared/project/mask/index.ts';
import { en as texts } from '../../src-renderer/i18n/en.ts';
import { prepareHome, root } from '../hetcut.ts';
import { makePoster, posterCorners, writePoster } from '../poster.ts';
import {
  button,
  doubleClickOn,
  dragOver,
  goToFrame,
  openClipDialog,
  readPainted,
  waitForPicture,
} from './editor-page.ts';
import { openInBrowser, type Program } from './program.ts';
import { findChromium, isSkipped, requirePath } from './runtimes.ts';
import '../../src-main/media/testing/use-npm-binaries.ts';

const name = 'shapes that follow a plane, in the window';
const found = findChromium();
const poster = makePoster();
const { width, height } = poster;
const frames = poster.frames.length;

/** A poster is outlined once, followed as a plane, corrected, and its corners are made round. */
describe.skipIf(isSkipped(found))(name, () => {
  let folder: string;
  let home: string;
  let program: Program;
  const page = (): Program['page'] => program.page;

  beforeAll(async () => {
    requirePath(found);
    folder = mkdtempSync(join(tmpdir(), 'hetcut-following-'));
    home = join(folder, 'home');
    mkdirSync(join(folder, 'clips'));
    const clip = join(folder, 'clips', 'poster.mp4');
    writePoster(poster, clip);
    prepareHome(home);
    program = await openInBrowser(requirePath(found), { home, folder: join(folder, 'clips') });
    await program.choose(clip, openClipDialog(page()));
    await waitForPicture(page());
  });
  afterAll(async () => {
    await program?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const bar = () => page().getByRole('toolbar', { name: texts['track.bar'] });
  const track = () => bar().getByRole('button', { name: texts['track.both'], exact: true });
  async function savedEdit(): Promise<Edit> {
    await page().getByText(texts['title.saved'], { exact: true }).waitFor();
    const [file] = readdirSync(join(home, 'projects')).filter((one) => one.endsWith('.hetcut'));
    const text = readFileSync(join(home, 'projects', file), 'utf8');
    return parseProjectFile(JSON.parse(text), file).clips[0].edits[0] as Edit;
  }
  const shape = async (): Promise<MaskShape> => (await savedEdit()).mask.shapes[0];
  const keys = async (): Promise<number[]> => (await shape()).keyframes.map(({ frame }) => frame);
  async function fits(): Promise<number[]> {
    const { mask } = await savedEdit();
    const document = { format: 'hetcut-mask', version: 1, width, height, frames, ...mask } as const;
    return poster.seen.map((seen, frame) => overlap(rasteriseMask(document, frame), seen));
  }
  const screenshot = async (file: string): Promise<void> => {
    mkdirSync(resolve(root, 'e2e/output'), { recursive: true });
    await page().screenshot({ path: resolve(root, 'e2e/output', file) });
  };

  it('outlines the poster with clicks, and offers to follow it as a plane', async () => {
    await page().keyboard.press('p');
    for (const [x, y] of posterCorners(0)) await dragOver(page(), { width }, [[x, y]]);
    await page().keyboard.press('Enter');
    await expect
      .poll(async () => (await savedEdit()).mask.shapes.map(({ kind }) => kind))
      .toEqual(['polygon']);
    await bar().getByLabel(texts['follow.as']).selectOption('perspective');
    await bar().getByText(texts['follow.hint']).waitFor();
  });

  it('follows it through the clip, with few keyframes', async () => {
    await track().click();
    await expect.poll(keys).toContain(frames - 1);
    const found = await keys();
    expect(found[0]).toBe(0);
    expect(found.length).toBeLessThan(10);
    // The clicks are rounded to the screen's pixels; the outline is followed as well as it was drawn.
    const [drawn, ...followed] = await fits();
    expect(drawn).toBeGreaterThan(0.95);
    expect(Math.min(...followed)).toBeGreaterThan(drawn - 0.03);
    await goToFrame(page(), 20);
    expect((await readPainted(page())).pixels).toBeGreaterThan(1000);
    await screenshot('follow.png');
  });

  it('is one step of the history', async () => {
    const followed = await shape();
    await page().keyboard.press('Control+z');
    await expect.poll(async () => (await shape()).keyframes.length).toBe(1);
    await page().keyboard.press('Control+Shift+z');
    await expect.poll(shape).toEqual(followed);
  });

  it('eases from a keyframe as the panel says', async () => {
    await goToFrame(page(), 0);
    await page().getByLabel(texts['shape.easing']).selectOption('hold');
    await expect.poll(async () => (await shape()).keyframes[0]).toMatchObject({ easing: 'hold' });
    const [first, second] = await fits();
    expect(second).toBeLessThan(first - 0.02);
    await page().keyboard.press('Control+z');
    await expect.poll(async () => (await shape()).keyframes[0]).not.toHaveProperty('easing');
  });

  it('makes corners round, and bends them by their handles', async () => {
    await page().getByRole('radio', { name: texts['shape.corners.round'] }).click();
    const handlesOf = async () => {
      const drawn = await shape();
      return drawn.kind === 'polygon' ? drawn.keyframes[0].handles : undefined;
    };
    await expect.poll(async () => (await handlesOf())?.every((pair) => pair !== null)).toBe(true);
    await page().keyboard.press('v');
    const drawn = await shape();
    if (drawn.kind !== 'polygon') throw new Error('the shape is no polygon');
    const [[x, y]] = drawn.keyframes[0].points;
    const [dx, dy] = drawn.keyframes[0].handles?.[0]?.[1] ?? [0, 0];
    await screenshot('handles.png');
    await dragOver(page(), { width }, [
      [x + dx, y + dy],
      [x + dx + 12, y + dy - 10],
    ]);
    await expect.poll(async () => (await handlesOf())?.[0]?.[1][0]).toBeCloseTo(dx + 12, 0);
    const [into, out] = (await handlesOf())?.[0] ?? [];
    // The one on the other side turned with it.
    expect(Math.atan2(into?.[1] ?? 0, into?.[0] ?? 0)).toBeCloseTo(
      Math.atan2(-(out?.[1] ?? 0), -(out?.[0] ?? 0)),
      3,
    );
    // A double click makes that corner straight again.
    await doubleClickOn(page(), { width }, [x, y]);
    await expect
      .poll(async () => (await handlesOf())?.map((pair) => pair === null))
      .toEqual([true, false, false, false]);
  });

  it('makes a corner round with the keyboard too', async () => {
    await page()
      .getByRole('button', { name: /^Corner 1 of 4/ })
      .press('Enter');
    const roundOf = async (): Promise<boolean[] | undefined> => {
      const drawn = await shape();
      return drawn.kind === 'polygon' ? drawn.keyframes[0].handles?.map((pair) => pair !== null) : undefined;
    };
    await expect.poll(roundOf).toEqual([true, true, true, true]);
  });

  it('says where the shape is not', async () => {
    await goToFrame(page(), 5);
    await page().keyboard.press('i');
    await goToFrame(page(), 2);
    await bar()
      .getByText(/^Frame 5 to 23 is this edit/)
      .waitFor();
    await button(page(), texts['mask.clear']).click();
    await expect.poll(async () => (await savedEdit()).mask.shapes.length).toBe(0);
    expect(await bar().getByLabel(texts['follow.as']).count()).toBe(0);
  });

  it('has logged no error', () => expect(program.problems).toEqual([]));
});
