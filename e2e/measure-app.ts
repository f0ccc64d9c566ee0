/**
 * Measures the desktop program in the Electron that the tests use, and prints the table of docs/benchmarks/app.md.
 *   xvfb-run -a node --import tsx e2e/measure-app.ts [start|scrub|play|stroke|memory|bundle|preview|seek …]
 * Nothing else should run on the machine meanwhile.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { gzipSync } from 'node:zlib';
import { _electron, type ElectronApplication, type Page } from 'playwright';
import { runJob } from '../src-main/host/run-job.ts';
import { demoJob, quietHooks } from '../src-main/host/testing/demo-job.ts';
import { findBinaries } from '../src-main/media/index.ts';
import { en as texts } from '../src-renderer/i18n/en.ts';
import { buildIfStale, findElectron, requirePath } from './app/runtimes.ts';
import { root } from './hetcut.ts';
import { measurePlay } from './measure-play.ts';
import { measureSeek } from './measure-seek.ts';

const starts = 5;
const viewport = { width: 1440, height: 900 };
const electron = requirePath(findElectron());
const folder = mkdtempSync(join(tmpdir(), 'hetcut-measure-'));
const home = join(folder, 'home');

interface Window {
  readonly app: ElectronApplication;
  readonly page: Page;
  /** Milliseconds from the start of the process until a clip can be opened. */
  readonly startMs: number;
  /** Seconds of processor time that its processes had used by then. */
  readonly startProcessorSec: number;
}

/** Seconds of processor time that the program's processes have used, of one kind or all; of Linux, in ticks of 10 ms. */
async function processorSec({ app }: Pick<Window, 'app'>, type?: 'Tab' | 'GPU'): Promise<number> {
  const pids = await app.evaluate(
    ({ app: running }, wanted) =>
      running
        .getAppMetrics()
        .filter((metric) => wanted === null || metric.type === wanted)
        .map(({ pid }) => pid),
    type ?? null,
  );
  const ticksOf = (pid: number): number => {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ') ?? [];
    return Number(fields[11]) + Number(fields[12]);
  };
  return pids.reduce((sum, pid) => sum + ticksOf(pid), 0) / 100;
}

async function open(): Promise<Window> {
  const begun = performance.now();
  const app = await _electron.launch({
    executablePath: electron,
    args: [...(process.getuid?.() === 0 ? ['--no-sandbox'] : []), join(root, 'dist/app/main.cjs')],
    env: { ...(process.env as Record<string, string>), HETCUT_HOME: home },
  });
  const page = await app.firstWindow();
  await page.waitForFunction(
    (label) => [...document.querySelectorAll('button')].some((b) => b.textContent === label && !b.disabled),
    texts['start.open'],
  );
  const startMs = performance.now() - begun;
  const startProcessorSec = await processorSec({ app });
  await app.evaluate(({ BrowserWindow }, size) => {
    BrowserWindow.getAllWindows()[0].setContentSize(size.width, size.height);
  }, viewport);
  // The functions below are handed to the page as tsx compiled them, with calls of this.
  await page.evaluate('globalThis.__name = (made) => made');
  return { app, page, startMs, startProcessorSec };
}

async function openClip({ app, page }: Window, path: string): Promise<void> {
  await app.evaluate(({ dialog }, chosen) => {
    dialog.showOpenDialog = async () => ({ canceled: false, filePaths: [chosen] });
  }, path);
  await page.getByRole('button', { name: texts['start.open'], exact: true }).click();
  await page.locator('.viewer canvas[role="img"]').waitFor({ timeout: 120_000 });
  await page.waitForTimeout(2000);
}

function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.ceil(share * sorted.length) - 1)];
}

/** Ten seconds of 1080p at 25 pictures a second with sound; `repeats` of them one after the other. */
async function makeClip(repeats: number): Promise<string> {
  const { ffmpeg } = await findBinaries();
  const part = join(folder, 'part.mp4');
  const path = join(folder, `${repeats * 10}s.mp4`);
  const run = (args: readonly string[]): Buffer => execFileSync(ffmpeg.path, ['-v', 'error', '-y', ...args]);
  run([
    ...['-f', 'lavfi', '-i', 'testsrc2=s=1920x1080:r=25:d=10', '-f', 'lavfi', '-i', 'sine=r=48000:d=10'],
    ...['-c:v', 'libx264', '-preset', 'ultrafast', '-crf', '30', '-g', '50', '-pix_fmt', 'yuv420p'],
    ...['-c:a', 'aac', part],
  ]);
  run(['-stream_loop', String(repeats - 1), '-i', part, '-c', 'copy', path]);
  return path;
}

/** From the start of the process until the window takes a clip; the first start of a home, then later ones. */
async function measureStart(): Promise<string[]> {
  const times: number[] = [];
  const busy: number[] = [];
  for (let run = 0; run <= starts; run++) {
    const { app, startMs, startProcessorSec } = await open();
    times.push(startMs);
    busy.push(startProcessorSec);
    await app.close();
  }
  const [first, ...later] = times;
  const all = later.map((ms) => Math.round(ms)).join(', ');
  return [
    `| cold start to a window that takes a clip, median of ${starts} | ${Math.round(percentile(later, 0.5))} ms (${all}) |`,
    `| processor time of that, all processes, median | ${(1000 * percentile(busy.slice(1), 0.5)).toFixed(0)} ms |`,
    `| the same, first start of a new home | ${Math.round(first)} ms |`,
  ];
}

/** Pictures a second while the playhead is dragged to and fro over frames whose pictures are in the window. */
async function measureScrub(): Promise<string[]> {
  const window = await open();
  await openClip(window, await makeClip(1));
  const { page } = window;
  let before: readonly [number, number] = [0, 0];
  await page.exposeFunction('beforeScrub', async () => {
    before = [await processorSec(window, 'Tab'), await processorSec(window, 'GPU')];
  });
  const figures = await page.evaluate(async () => {
    const viewer = document.querySelector<HTMLCanvasElement>('.viewer canvas[role="img"]')!;
    const line = document.querySelector<HTMLCanvasElement>('.timeline-canvas')!;
    const playhead = document.querySelector<HTMLElement>('.playhead')!;
    const box = line.getBoundingClientRect();
    const frames = Number(playhead.getAttribute('aria-valuemax')) + 1;
    const send = (type: string, frame: number): void => {
      const clientX = box.left + ((frame + 0.5) / frames) * box.width;
      const common = { bubbles: true, pointerId: 1, isPrimary: true, button: 0, buttons: 1 };
      line.dispatchEvent(new PointerEvent(type, { ...common, clientX, clientY: box.top + 8 }));
    };
    // What came with a synthetic event cannot be captured.
    line.setPointerCapture = () => undefined;
    const frame = (): Promise<number> => new Promise((settle) => requestAnimationFrame(settle));
    let shown: CanvasImageSource | undefined;
    let pictures = 0;
    const drawImage = Reflect.get(CanvasRenderingContext2D.prototype, 'drawImage') as (
      ...all: unknown[]
    ) => void;
    CanvasRenderingContext2D.prototype.drawImage = function (
      this: CanvasRenderingContext2D,
      ...args: unknown[]
    ) {
      const [picture] = args as [CanvasImageSource];
      if (this.canvas === viewer && picture !== shown) {
        shown = picture;
        pictures++;
      }
      drawImage.apply(this, args);
    };
    const span = 24;
    const from = 40;
    send('pointerdown', from);
    for (let at = 0; at < span; at++) {
      send('pointermove', from + at);
      for (let wait = 0; wait < 30; wait++) await frame();
    }
    await (globalThis as unknown as { beforeScrub(): Promise<void> }).beforeScrub();
    pictures = 0;
    const begun = performance.now();
    let moves = 0;
    while (performance.now() - begun < 5000) {
      const at = moves % (2 * (span - 1));
      send('pointermove', from + (at < span ? at : 2 * (span - 1) - at));
      moves++;
      await frame();
    }
    const seconds = (performance.now() - begun) / 1000;
    send('pointerup', from);
    return { pictures, seconds };
  });
  const [pageSec, drawingSec] = [
    (await processorSec(window, 'Tab')) - before[0],
    (await processorSec(window, 'GPU')) - before[1],
  ];
  await window.app.close();
  const perPicture = (sec: number): string => `${((1000 * sec) / figures.pictures).toFixed(0)} ms`;
  return [
    `| dragging over cached pictures of a 1080p clip | ` +
      `${(figures.pictures / figures.seconds).toFixed(0)} pictures/s |`,
    `| processor time of that for each picture | page ${perPicture(pageSec)}, drawing ${perPicture(drawingSec)} |`,
  ];
}

/**
 * At 1080p in actual size, until the screen frame with an event's part of the stroke is drawn: from when the page receives
 * of the event, which is what the program takes; and from the event itself, with its wait for the screen's next frame.
 */
async function measureStroke(): Promise<string[]> {
  const window = await open();
  await openClip(window, await makeClip(1));
  const { page } = window;
  await page.keyboard.press('Control+1');
  await page.waitForTimeout(1000);
  await page.evaluate(() => {
    const times: { event: number; received: number }[] = [];
    const { port1, port2 } = new MessageChannel();
    let waiting: { event: number; received: number }[] = [];
    port1.onmessage = () => {
      const now = performance.now();
      times.push(...waiting.map(({ event, received }) => ({ event: now - event, received: now - received })));
      waiting = [];
    };
    const surface = document.querySelector('.viewer-surface')!;
    surface.addEventListener(
      'pointermove',
      (event) => {
        if ((event as PointerEvent).buttons !== 1) return;
        if (waiting.length === 0)
          requestAnimationFrame(() => {
            port2.postMessage(0);
          });
        waiting.push({ event: event.timeStamp, received: performance.now() });
      },
      true,
    );
    Object.assign(globalThis, { strokeTimes: times });
  });
  const box = await page.locator('.viewer-surface').boundingBox();
  if (box === null) throw new Error('there is no viewer');
  for (let stroke = 0; stroke < 6; stroke++) {
    const y = box.y + 60 + stroke * 50;
    await page.mouse.move(box.x + 60, y);
    await page.mouse.down();
    for (let step = 0; step < 60; step++) {
      await page.mouse.move(box.x + 60 + step * 10, y + 20 * Math.sin(step / 5));
    }
    await page.mouse.up();
    await page.waitForTimeout(300);
  }
  const times = await page.evaluate(
    () => (globalThis as unknown as { strokeTimes: { event: number; received: number }[] }).strokeTimes,
  );
  await window.app.close();
  const figures = (values: readonly number[]): string =>
    `p50 ${percentile(values, 0.5).toFixed(1)} ms, p95 ${percentile(values, 0.95).toFixed(1)} ms |`;
  return [
    `| stroke at 1080p, received to painted (${times.length} events) | ${figures(times.map(({ received }) => received))}`,
    `| the same, with the wait for the screen's next frame | ${figures(times.map(({ event }) => event))}`,
  ];
}

/** Resident memory of the page's process with ten minutes of 1080p: opened, dragged over all of it, played. */
async function measureMemory(): Promise<string[]> {
  const window = await open();
  const { app, page } = window;
  const residentMb = async (): Promise<number> => {
    const kilobytes = await app.evaluate(
      ({ app: running }) =>
        running.getAppMetrics().find(({ type }) => type === 'Tab')?.memory.workingSetSize ?? NaN,
    );
    return kilobytes / 1000;
  };
  const empty = await residentMb();
  await openClip(window, await makeClip(60));
  const opened = await residentMb();
  let most = opened;
  const box = await page.locator('.timeline-canvas').boundingBox();
  if (box === null) throw new Error('there is no timeline');
  await page.mouse.move(box.x + 5, box.y + 8);
  await page.mouse.down();
  for (let at = 0; at < 100; at++) {
    await page.mouse.move(box.x + 5 + ((box.width - 10) * at) / 100, box.y + 8);
    await page.waitForTimeout(250);
    most = Math.max(most, await residentMb());
  }
  await page.mouse.up();
  const dragged = most;
  await page.keyboard.press('Home');
  await page.keyboard.press('l');
  for (let second = 0; second < 20; second++) {
    await page.waitForTimeout(1000);
    most = Math.max(most, await residentMb());
  }
  await app.close();
  return [
    `| the page's process with 10 minutes of 1080p, resident | at most ${most.toFixed(0)} MB (start ` +
      `${empty.toFixed(0)}, opened ${opened.toFixed(0)}, dragged over all ${dragged.toFixed(0)}) |`,
  ];
}

/** Playing of 1080p H.264, as it comes from a camera, and with its sound. */
async function measurePlaying(): Promise<string[]> {
  const window = await open();
  await openClip(window, await makeClip(1));
  const rows = await measurePlay(window.page, () => processorSec(window), '1080p H.264');
  await window.app.close();
  return rows;
}

/** What the window loads, as a server would send it compressed. */
function measureBundle(): string[] {
  const assets = resolve(root, 'dist/renderer/assets');
  const sizeOf = (ending: string): number =>
    readdirSync(assets)
      .filter((name) => name.endsWith(ending))
      .reduce((sum, name) => sum + gzipSync(readFileSync(join(assets, name)), { level: 9 }).length, 0);
  return [
    `| scripts and styles of the window, gzip | ${(sizeOf('.js') / 1000).toFixed(0)} kB and ` +
      `${(sizeOf('.css') / 1000).toFixed(0)} kB |`,
  ];
}

/**
 * Sampling of one job with the live preview over the same without, in turns: in seconds of the clock, and in those of
 * the processor, which other work on the machine disturbs less.
 */
async function measurePreview(): Promise<string[]> {
  const pairs = 9;
  let pictures = 0;
  const job = demoJob(join(folder, 'preview.mp4'), {
    range: { startFrame: 0, endFrame: 17 },
    steps: 24,
    encode: { quality: 'visually-lossless' },
  });
  const run = async (withPreview: boolean): Promise<{ clockSec: number; processorSec: number }> => {
    const before = { clockSec: 0, processorSec: 0 };
    const after = { ...before };
    await runJob(job, home, {
      ...quietHooks,
      onProgress({ stage, step, steps }) {
        if (stage !== 'sample' || (step > 0 && step < steps)) return;
        const { user, system } = process.cpuUsage();
        const now = step === 0 ? before : after;
        now.clockSec = performance.now() / 1000;
        now.processorSec = (user + system) / 1e6;
      },
      ...(withPreview && { onPreview: () => void pictures++ }),
    });
    return {
      clockSec: after.clockSec - before.clockSec,
      processorSec: after.processorSec - before.processorSec,
    };
  };
  // The first one measures the machine, too.
  await run(false);
  const clock: number[] = [];
  const processor: number[] = [];
  for (let pair = 0; pair < pairs; pair++) {
    // Which of the two comes first changes as well.
    const first = await run(pair % 2 === 0);
    const second = await run(pair % 2 === 1);
    const [on, off] = pair % 2 === 0 ? [first, second] : [second, first];
    clock.push(on.clockSec / off.clockSec);
    processor.push(on.processorSec / off.processorSec);
  }
  const text = (ratios: readonly number[]): string =>
    `${percentile(ratios, 0.5).toFixed(3)} (${ratios.map((ratio) => ratio.toFixed(3)).join(', ')})`;
  return [
    `| sampling with the live preview over without, processor time, median of ${pairs} | ${text(processor)}, ` +
      `${(pictures / pairs).toFixed(1)} pictures a run |`,
    `| the same, by the clock | ${text(clock)} |`,
  ];
}

const measures = {
  start: measureStart,
  scrub: measureScrub,
  play: measurePlaying,
  stroke: measureStroke,
  memory: measureMemory,
  bundle: measureBundle,
  preview: measurePreview,
  seek: () => measureSeek(folder),
} as const;

const asked = process.argv.slice(2);
const names = (Object.keys(measures) as (keyof typeof measures)[]).filter(
  (name) => asked.length === 0 || asked.includes(name),
);
mkdirSync(home, { recursive: true });
try {
  buildIfStale();
  const [{ model }] = cpus();
  process.stdout.write(`${cpus().length} × ${model}\n| what | measured |\n| --- | --- |\n`);
  for (const name of names) process.stdout.write(`${(await measures[name]()).join('\n')}\n`);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
