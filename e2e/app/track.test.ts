import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { overlap } from '../../src-shared/core/track/index.ts';
import { parseProjectFile, type Edit } from '../../src-shared/project/index.ts';
import { rasteriseMask, trackConfidence, type TrackShape } from '../../src-shared/project/mask/index.ts';
import { en as texts } from '../../src-renderer/i18n/en.ts';
import { createMedia } from '../../src-main/media/index.ts';
import { prepareHome, root } from '../hetcut.ts';
import { button, dragOver, goToFrame, openClipDialog, playheadFrame, waitForPicture } from './editor-page.ts';
import { openInBrowser, type Program } from './program.ts';
import { findChromium, isSkipped, requirePath } from './runtimes.ts';
import '../../src-main/media/testing/use-npm-binaries.ts';

const name = 'tracking in the window';
const found = findChromium();
const walker = (file: string): string => resolve(root, 'e2e/fixtures/walker', file);
const [width, height, frames] = [374, 300, 33];

/** A rough stroke over her in frame 0, from the head over the coat to both feet, with the brush as it comes. */
const stroke: readonly (readonly [number, number])[] = [
  [259, 122],
  [271, 175],
  [257, 222],
  [272, 190],
  [300, 232],
];

/** A walker is painted once, followed, corrected and removed. */
describe.skipIf(isSkipped(found))(name, () => {
  let folder: string;
  let home: string;
  let program: Program;
  let truth: readonly Uint8Array[];
  const page = (): Program['page'] => program.page;

  beforeAll(async () => {
    requirePath(found);
    folder = mkdtempSync(join(tmpdir(), 'hetcut-tracking-'));
    home = join(folder, 'home');
    mkdirSync(join(folder, 'clips'));
    copyFileSync(walker('clip.mp4'), join(folder, 'clips', 'walker.mp4'));
    copyFileSync(walker('mask.mkv'), join(folder, 'clips', 'her walk.mkv'));
    prepareHome(home);
    const media = await createMedia();
    const source = await media.openMask(walker('mask.mkv'), await media.probe(walker('clip.mp4')));
    const masks: Uint8Array[] = [];
    for await (const mask of source.masks(0, frames)) masks.push(Uint8Array.from(mask));
    truth = masks;
    program = await openInBrowser(requirePath(found), { home, folder: join(folder, 'clips') });
    await program.choose(join(folder, 'clips', 'walker.mp4'), openClipDialog(page()));
    await waitForPicture(page());
  });
  afterAll(async () => {
    await program?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const bar = () => page().getByRole('toolbar', { name: texts['track.bar'] });
  const track = () => bar().getByRole('button', { name: texts['track.both'], exact: true });
  const stop = () => bar().getByRole('button', { name: texts['track.stop'], exact: true });
  /** The window's edit as it was saved. */
  async function savedEdit(): Promise<Edit> {
    await page().getByText(texts['title.saved'], { exact: true }).waitFor();
    const [file] = readdirSync(join(home, 'projects')).filter((one) => one.endsWith('.hetcut'));
    const text = readFileSync(join(home, 'projects', file), 'utf8');
    return parseProjectFile(JSON.parse(text), file).clips[0].edits[0] as Edit;
  }
  async function object(): Promise<TrackShape> {
    const [shape] = (await savedEdit()).mask.shapes;
    if (shape.kind !== 'track') throw new Error(`the mask has a ${shape.kind}`);
    return shape;
  }
  async function masks(): Promise<Uint8Array[]> {
    const { mask } = await savedEdit();
    const document = { format: 'hetcut-mask', version: 1, width, height, frames, ...mask } as const;
    return truth.map((_, frame) => rasteriseMask(document, frame));
  }
  const mean = (values: readonly number[]): number =>
    values.reduce((sum, value) => sum + value, 0) / values.length;
  const kinds = async (): Promise<string[]> => (await savedEdit()).mask.shapes.map(({ kind }) => kind);
  const undo = (): Promise<void> => page().keyboard.press('Control+z');
  const done = (): Promise<void> => track().and(page().locator('[aria-disabled="false"]')).waitFor();

  it('says what is missing while nothing is painted', async () => {
    await bar().getByText(texts['track.nothing']).waitFor();
    expect(await track().getAttribute('aria-disabled')).toBe('true');
    await track().click({ force: true });
    await page().locator('.notice').getByText(texts['track.nothing']).waitFor();
    await button(page(), texts['notice.close']).click();
  });

  it('takes three actions from a clip to a job: stroke, Track, Remove', async () => {
    let actions = 0;
    const act = async (action: () => Promise<void>): Promise<void> => {
      actions++;
      await action();
    };
    await act(() => dragOver(page(), { width }, stroke));
    await act(() => track().click());
    await stop().waitFor();
    await done();
    await act(() => page().locator('.run-button').click());
    expect(actions).toBe(3);
    await page().locator('.jobs > li').getByRole('img', { name: texts['jobs.done'], exact: true }).waitFor();

    const tracked = await masks();
    const fits = tracked.map((mask, frame) => overlap(mask, truth[frame]));
    // The stroke is rougher than the truth is; what was painted is followed as well as it was painted.
    const painted = fits[0];
    expect(painted).toBeGreaterThan(0.7);
    expect(mean(fits)).toBeGreaterThan(painted - 0.03);
    expect(Math.min(...fits)).toBeGreaterThan(painted - 0.1);
    // What the job removed is what the window showed.
    const stored = readdirSync(join(home, 'masks')).map(
      (one) => JSON.parse(readFileSync(join(home, 'masks', one), 'utf8')) as { shapes: { kind: string }[] },
    );
    expect(stored.some(({ shapes }) => shapes.length === 1 && shapes[0].kind === 'track')).toBe(true);
  });

  it('is one step of the history', async () => {
    const before = await object();
    await undo();
    await page().getByText('1 shape', { exact: true }).waitFor();
    await expect.poll(kinds).toEqual(['stroke']);
    await page().keyboard.press('Control+Shift+z');
    await expect.poll(kinds).toEqual(['track']);
    expect(await object()).toEqual(before);
  });

  it('keeps a corrected frame exactly, and tracks only around it again', async () => {
    const before = await masks();
    await goToFrame(page(), 16);
    await page().keyboard.press('g');
    // More of her than there is: a stroke beside her, which tracking alone would not keep.
    await dragOver(page(), { width }, [
      [40, 40],
      [60, 40],
    ]);
    await expect.poll(async () => (await object()).keyframes.map(({ frame }) => frame)).toEqual([0, 16]);
    const painted = await masks();
    expect(painted[16][40 * width + 50]).toBe(255);
    expect(painted[16][150 * width + 165]).toBe(before[16][150 * width + 165]);
    expect(painted[15]).toEqual(before[15]);
    await bar().getByText(texts['track.hintAgain']).waitFor();
    await track().click();
    await stop().waitFor();
    await done();
    await bar().getByText(texts['track.hintCorrect']).waitFor();
    const after = await masks();
    expect(after[16]).toEqual(painted[16]);
    expect(after[0]).toEqual(before[0]);
    expect(trackConfidence(await object(), 16)).toBe(1);
    await undo();
    await undo();
    await expect.poll(async () => (await object()).keyframes.map(({ frame }) => frame)).toEqual([0]);
  });

  it('keeps what is done when it is stopped', async () => {
    await undo();
    await expect.poll(kinds).toEqual(['stroke']);
    await track().click();
    await expect.poll(() => program.hostPids(), { interval: 20 }).toHaveLength(1);
    const [tracker] = await program.hostPids();
    // It gets on by the moment only, so that no machine is too quick for the Stop.
    const share = async (): Promise<number> => Number(await bar().locator('progress').getAttribute('value'));
    for (process.kill(tracker, 'SIGSTOP'); (await share()) < 55; process.kill(tracker, 'SIGSTOP')) {
      process.kill(tracker, 'SIGCONT');
      await setTimeout(50);
    }
    // Some frames have their masks: they show on the timeline, and the clip can be looked through meanwhile.
    await page().keyboard.press('.');
    expect(await playheadFrame(page())).toBe(17);
    await stop().click();
    process.kill(tracker, 'SIGCONT');
    await done();
    const { tracked } = await object();
    expect(tracked.length).toBeGreaterThan(0);
    expect(tracked.length).toBeLessThan(32);
    // It goes on where it was stopped.
    await track().click();
    await stop().waitFor();
    await done();
    expect((await object()).tracked).toHaveLength(32);
  });

  it('is told that she is not in a frame, and ends there', async () => {
    await undo();
    await undo();
    await expect.poll(kinds).toEqual(['stroke']);
    await goToFrame(page(), 6);
    await button(page(), texts['track.absent']).click();
    await expect.poll(kinds).toEqual(['track']);
    await track().click();
    await stop().waitFor();
    await done();
    await bar().getByText(texts['track.hintCorrect']).waitFor();
    const tracked = await masks();
    expect(tracked.map((mask) => mask.includes(255))).toEqual(truth.map((_, frame) => frame < 6));
    expect(overlap(tracked[5], truth[5])).toBeGreaterThan(0.6);
    await button(page(), texts['track.present']).click();
    await expect.poll(async () => (await object()).keyframes.length).toBe(1);
  });

  it('is selected by one click, with another click taken from it, and followed', async () => {
    const clear = button(page(), texts['mask.clear']);
    if (await clear.isEnabled()) await clear.click();
    await goToFrame(page(), 0);
    await page().keyboard.press('s');
    await dragOver(page(), { width }, [[268, 170]]);
    await bar().getByText(texts['select.hintMore']).waitFor();
    await expect.poll(kinds).toEqual(['track']);
    const selected = await masks();
    expect(overlap(selected[0], truth[0])).toBeGreaterThan(0.75);
    expect(selected[1].includes(255)).toBe(false);
    mkdirSync(resolve(root, 'e2e/output'), { recursive: true });
    await page().screenshot({ path: resolve(root, 'e2e/output/select.png') });
    // Her head is not to be taken.
    await page().keyboard.down('Alt');
    await dragOver(page(), { width }, [[262, 122]]);
    await page().keyboard.up('Alt');
    await expect.poll(async () => (await masks())[0][122 * width + 262], { timeout: 20_000 }).toBe(0);
    await undo();
    await expect.poll(async () => (await masks())[0]).toEqual(selected[0]);
    // Held out she stays; switched off she is not there at all.
    const list = page().getByRole('list', { name: texts['object.list'] });
    const named = (key: 'object.holdOut' | 'object.holdIn' | 'object.hide' | 'object.show'): string =>
      texts[key].replace('{{name}}', 'Object 1');
    await list.getByRole('button', { name: named('object.holdOut') }).click();
    await expect.poll(async () => (await savedEdit()).mask.shapes[0].holdOut).toBe(true);
    await list.getByRole('button', { name: named('object.holdIn') }).click();
    await list.getByRole('button', { name: named('object.hide') }).click();
    await expect.poll(async () => (await masks())[0].includes(255)).toBe(false);
    await list.getByRole('button', { name: named('object.show') }).click();
    await list.getByRole('button', { name: 'Object 1', exact: true }).click();
    await track().click();
    await stop().waitFor();
    await done();
    const fits = (await masks()).map((mask, frame) => overlap(mask, truth[frame]));
    expect(mean(fits)).toBeGreaterThan(0.75);
    await undo();
    await page().keyboard.press('g');
  });

  it('takes in a matte as a second object', async () => {
    await button(page(), texts['object.import']).click();
    await program.choose(join(folder, 'clips', 'her walk.mkv'), async () => {
      await page().getByRole('menuitem', { name: texts['object.importFile'] }).click();
    });
    const list = page().getByRole('list', { name: texts['object.list'] });
    await list.getByRole('button', { name: 'her walk', exact: true }).waitFor();
    await expect.poll(kinds).toEqual(['track', 'track']);
    mkdirSync(resolve(root, 'e2e/output'), { recursive: true });
    await page().screenshot({ path: resolve(root, 'e2e/output/objects.png') });
    const imported = (await savedEdit()).mask.shapes[1];
    expect(imported.colour).toMatch(/^#/);
    // The sky is overcast: she throws none that is seen.
    await list.getByRole('button', { name: 'More for her walk' }).click();
    await page().getByRole('menuitem', { name: texts['object.shadow'] }).click();
    await page().locator('.notice').getByText(texts['shadow.none']).waitFor();
    await button(page(), texts['notice.close']).click();
    expect((await masks())[20]).toEqual(truth[20].map((value) => (value > 127 ? 255 : 0)));
    await undo();
  });

  it('says that what was painted is outside the edit', async () => {
    await goToFrame(page(), 5);
    await page().keyboard.press('i');
    await bar()
      .getByText(/^Frame 0, where you painted, is outside this edit \(frames 5 to 32\)/)
      .waitFor();
    expect(await track().getAttribute('aria-disabled')).toBe('true');
  });

  it('has logged no error', () => expect(program.problems).toEqual([]));
});
