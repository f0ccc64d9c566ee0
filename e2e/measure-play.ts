import type { Page } from 'playwright';

const playedSec = 8;
/** Of the clip. */
const perSecond = 25;

/** How many different pictures the viewer draws while `work` runs. */
async function picturesDrawn(page: Page, work: () => Promise<void>): Promise<number> {
  await page.evaluate(() => {
    const viewer = document.querySelector<HTMLCanvasElement>('.viewer canvas[role="img"]')!;
    const counted = { pictures: 0, last: undefined as CanvasImageSource | undefined };
    const drawImage = Reflect.get(CanvasRenderingContext2D.prototype, 'drawImage') as (
      ...all: unknown[]
    ) => void;
    CanvasRenderingContext2D.prototype.drawImage = function (
      this: CanvasRenderingContext2D,
      ...args: unknown[]
    ) {
      const [picture] = args as [CanvasImageSource];
      if (this.canvas === viewer && picture !== counted.last) {
        counted.last = picture;
        counted.pictures++;
      }
      drawImage.apply(this, args);
    };
    Object.assign(globalThis, { counted });
  });
  const read = (): Promise<number> =>
    page.evaluate(() => (globalThis as unknown as { counted: { pictures: number } }).counted.pictures);
  const before = await read();
  await work();
  return (await read()) - before;
}

/**
 * Playing in the window, from the first frame of a clip that has just been opened: the share of its pictures that are
 * shown, and what that takes. `processorSec`: of all of the program's processes so far.
 */
export async function measurePlay(
  page: Page,
  processorSec: () => Promise<number>,
  what: string,
): Promise<string[]> {
  await page.keyboard.press('Home');
  await page.waitForTimeout(1000);
  const before = await processorSec();
  const pictures = await picturesDrawn(page, async () => {
    await page.keyboard.press('l');
    await page.waitForTimeout(playedSec * 1000);
    await page.keyboard.press('k');
  });
  const spent = (await processorSec()) - before;
  const share = pictures / (playedSec * perSecond);
  return [
    `| ${what} played in the window for ${playedSec} s | ${pictures} pictures, ${(100 * share).toFixed(0)} % of its own |`,
    `| processor time of that, each second | ${(spent / playedSec).toFixed(2)} s |`,
  ];
}
