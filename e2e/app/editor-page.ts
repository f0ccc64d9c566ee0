import type { Locator, Page } from 'playwright';
import { expect } from 'vitest';
import { en as texts } from '../../src-renderer/i18n/en.ts';

/** A picture as the viewer shows it. */
export interface Picture {
  readonly width: number;
  readonly height: number;
  /** [height, width, RGBA], 0…255; alpha 0 outside the clip. */
  readonly pixels: Buffer;
}

/** A rectangle in a picture's pixels. */
export interface Box {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

export const button = (page: Page, name: string): Locator => page.getByRole('button', { name, exact: true });

/** An item of the menu that hangs on a button. */
export async function chooseInMenu(page: Page, menu: string, item: string): Promise<void> {
  await button(page, menu).click();
  await page.getByRole('menuitem', { name: item }).click();
}

export const openClipDialog = (page: Page) => async (): Promise<void> => {
  await button(page, texts['start.open']).click();
};

/** The first picture of a clip is seen: the middle of the viewer is not empty. */
export async function waitForPicture(page: Page): Promise<void> {
  await page.waitForFunction(() => {
    const canvas = document.querySelector<HTMLCanvasElement>('.viewer canvas[role="img"]');
    const context = canvas?.getContext('2d');
    if (!canvas || !context || canvas.width * canvas.height === 0) return false;
    return context.getImageData(canvas.width >> 1, canvas.height >> 1, 1, 1).data[3] === 255;
  }, undefined);
}

/** What the viewer's canvas shows, without the mask: that one is above it. */
export async function readPicture(page: Page): Promise<Picture> {
  const { width, height, text } = await page.evaluate(() => {
    const canvas = document.querySelector<HTMLCanvasElement>('.viewer canvas[role="img"]');
    const context = canvas?.getContext('2d');
    if (!canvas || !context || canvas.width * canvas.height === 0) return { width: 0, height: 0, text: '' };
    const { data } = context.getImageData(0, 0, canvas.width, canvas.height);
    let binary = '';
    for (let at = 0; at < data.length; at += 8192)
      binary += String.fromCharCode(...data.subarray(at, at + 8192));
    return { width: canvas.width, height: canvas.height, text: btoa(binary) };
  });
  return { width, height, pixels: Buffer.from(text, 'base64') };
}

/** The picture once it is the one at the playhead, and does not change any more. */
export async function waitForStillPicture(page: Page): Promise<Picture> {
  // What was asked for by a key or a click is drawn in the next frame of the screen, or marked as on its way.
  await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
  await page.locator('.viewer canvas[role="img"][aria-busy="false"]').waitFor();
  let last = await readPicture(page);
  await expect
    .poll(
      async () => {
        const before = last;
        last = await readPicture(page);
        return before.pixels.equals(last.pixels);
      },
      { interval: 250 },
    )
    .toBe(true);
  return last;
}

/** Where the clip is in the picture: the pixels that are opaque. */
export function clipBox({ width, height, pixels }: Picture): Box {
  let [left, top, right, bottom] = [width, height, -1, -1];
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      if (pixels[(y * width + x) * 4 + 3] < 255) continue;
      left = Math.min(left, x);
      right = Math.max(right, x);
      top = Math.min(top, y);
      bottom = Math.max(bottom, y);
    }
  }
  return { left, top, width: Math.max(0, right - left + 1), height: Math.max(0, bottom - top + 1) };
}

/** Root of the mean square of the channels' differences over the pixels for which `counts` holds; and how many. */
export function rmsBetween(
  one: Picture,
  other: Picture,
  counts: (x: number, y: number) => boolean,
): { readonly rms: number; readonly most: number; readonly pixels: number } {
  let [sum, most, pixels] = [0, 0, 0];
  for (let y = 0; y < one.height; y++) {
    for (let x = 0; x < one.width; x++) {
      if (!counts(x, y)) continue;
      pixels++;
      for (let channel = 0; channel < 3; channel++) {
        const at = (y * one.width + x) * 4 + channel;
        const difference = Math.abs(one.pixels[at] - other.pixels[at]);
        sum += difference * difference;
        most = Math.max(most, difference);
      }
    }
  }
  return { rms: Math.sqrt(sum / (3 * pixels)), most, pixels };
}

/** What is painted over the picture: how many pixels of the screen, and their middle in the viewer. */
export async function readPainted(
  page: Page,
): Promise<{ readonly pixels: number; readonly middle: readonly [number, number] }> {
  return page.evaluate(() => {
    let [pixels, sumX, sumY] = [0, 0, 0];
    const place = document.querySelector('.viewer-surface')?.getBoundingClientRect();
    // The mask is drawn in tiles.
    for (const canvas of document.querySelectorAll<HTMLCanvasElement>('.viewer-tiles canvas')) {
      const context = canvas.getContext('2d');
      if (context === null || canvas.width * canvas.height === 0) continue;
      const box = canvas.getBoundingClientRect();
      const { data } = context.getImageData(0, 0, canvas.width, canvas.height);
      for (let at = 0; at < data.length / 4; at++) {
        if (data[at * 4 + 3] <= 127) continue;
        pixels++;
        sumX += box.left - (place?.left ?? 0) + (at % canvas.width);
        sumY += box.top - (place?.top ?? 0) + Math.floor(at / canvas.width);
      }
    }
    return { pixels, middle: [sumX / pixels, sumY / pixels] as const };
  });
}

/**
 * How opaque what is painted over the picture is, 0…255, for each pixel of the viewer's place. With one pixel of the
 * screen to a CSS pixel.
 */
export async function readOpacities(
  page: Page,
): Promise<{ readonly width: number; readonly height: number; readonly values: Uint8Array }> {
  const { width, height, text } = await page.evaluate(() => {
    const place = document.querySelector('.viewer-surface')?.getBoundingClientRect();
    const [across, down] = [Math.ceil(place?.width ?? 0), Math.ceil(place?.height ?? 0)];
    const alphas = new Uint8Array(across * down);
    for (const canvas of document.querySelectorAll<HTMLCanvasElement>('.viewer-tiles canvas')) {
      const context = canvas.getContext('2d');
      if (context === null || canvas.width * canvas.height === 0) continue;
      const box = canvas.getBoundingClientRect();
      const [left, top] = [box.left - (place?.left ?? 0), box.top - (place?.top ?? 0)].map(Math.round);
      const { data } = context.getImageData(0, 0, canvas.width, canvas.height);
      for (let at = 0; at < data.length / 4; at++) {
        const [x, y] = [left + (at % canvas.width), top + Math.floor(at / canvas.width)];
        if (x < across && y < down) alphas[y * across + x] = data[at * 4 + 3];
      }
    }
    let binary = '';
    for (let at = 0; at < alphas.length; at += 8192)
      binary += String.fromCharCode(...alphas.subarray(at, at + 8192));
    return { width: across, height: down, text: btoa(binary) };
  });
  return { width, height, values: Buffer.from(text, 'base64') };
}

/** The playhead's frame, as a screen reader reads it. */
export async function playheadFrame(page: Page): Promise<number> {
  const playhead = page.getByRole('slider', { name: texts['timeline.playhead'], exact: true });
  return Number(await playhead.getAttribute('aria-valuenow'));
}

/** Puts the playhead on a frame with the keys: Home, then steps of ten and of one. */
export async function goToFrame(page: Page, frame: number): Promise<void> {
  await leaveFields(page);
  await page.keyboard.press('Home');
  for (let at = 0; at + 10 <= frame; at += 10) await page.keyboard.press('Shift+ArrowRight');
  for (let at = 0; at < frame % 10; at++) await page.keyboard.press('.');
  await expect.poll(() => playheadFrame(page)).toBe(frame);
}

/**
 * Drags the pointer over the viewer along points of the clip, in the clip's pixels; `before` it is let go, what is to
 * be looked at then.
 */
export async function dragOver(
  page: Page,
  clip: { readonly width: number },
  points: readonly (readonly [number, number])[],
  before?: () => Promise<void>,
): Promise<void> {
  const [first, ...rest] = await onScreen(page, clip, points);
  await page.mouse.move(...first);
  await page.mouse.down();
  for (const point of rest) await page.mouse.move(...point, { steps: 6 });
  await before?.();
  await page.mouse.up();
}

/** A double click on a point of the clip, as quick as a hand's whatever the machine does meanwhile. */
export async function doubleClickOn(
  page: Page,
  clip: { readonly width: number },
  point: readonly [number, number],
): Promise<void> {
  const [[x, y]] = await onScreen(page, clip, [point]);
  await page.mouse.dblclick(x, y);
}

/** Points of the clip as those of the page. */
async function onScreen(
  page: Page,
  clip: { readonly width: number },
  points: readonly (readonly [number, number])[],
): Promise<(readonly [number, number])[]> {
  const box = await page.locator('.viewer canvas[role="img"]').boundingBox();
  const { left, top, width } = clipBox(await readPicture(page));
  if (box === null) throw new Error('there is no picture');
  const scale = width / clip.width;
  return points.map(([x, y]) => [box.x + left + x * scale, box.y + top + y * scale] as const);
}

/** Has all of the hole generated: the starter by itself removes without its network. */
export async function generateAll(page: Page): Promise<void> {
  await page.getByLabel(texts['prompt.plate'], { exact: true }).selectOption('off');
}

/** Seconds of the estimate's network stage, once it is that of what is on the screen. */
export async function readEstimate(page: Page): Promise<number> {
  const estimate = page.getByRole('region', { name: texts['estimate.title'], exact: true });
  await estimate.locator('.estimate-head strong').waitFor();
  const details = estimate.getByRole('button', { name: texts['estimate.details'], exact: true });
  if ((await details.getAttribute('aria-expanded')) === 'false') await details.click();
  await expect
    .poll(() => estimate.getAttribute('aria-busy'), { message: 'the estimate is stale' })
    .toBe('false');
  const stage = estimate.locator('.stages > div').filter({ hasText: texts['estimate.stage.sample'] });
  const written = await stage.locator('dd').innerText();
  const [, minutes, seconds] = /(?:(\d+)\s*min)?\s*(?:([\d.]+)\s*s)?$/.exec(written) ?? [];
  const value = Number(minutes ?? 0) * 60 + Number(seconds ?? 0);
  if (!(value > 0)) throw new Error(`the estimate reads "${written}"`);
  return value;
}

/** Sets the preset by its name: 0 quality, 1 balanced, 2 fast. */
export async function choosePreset(page: Page, at: 0 | 1 | 2): Promise<void> {
  await page.locator('.preset-names > button').nth(at).click();
}

/** Chooses what the viewer compares. */
export async function compare(page: Page, name: 'before' | 'after' | 'wipe' | 'side' | 'difference') {
  await page.getByRole('radio', { name: texts[`viewer.${name}`], exact: true }).click();
}

/** Returns the keyboard focus to the window: no field has the focus. */
async function leaveFields(page: Page): Promise<void> {
  await page.evaluate(() => (document.activeElement as HTMLElement | null)?.blur());
}
