import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import type { ComposedHole } from '../../src-shared/core/plate/index.ts';
import {
  composeHere,
  type OpenPlateComposer,
  type PlateComposer,
  type PlateTask,
} from '../engine/plate/plate-composer.ts';

/** A bundle puts the address of its own file here. */
const workerUrl = new URL('./plate-worker.ts', import.meta.url);

/** From the sources a thread needs tsx of its own: that of the main thread does not reach it. */
function startWorker(): Worker {
  if (!workerUrl.pathname.endsWith('.ts')) return new Worker(workerUrl);
  const load = `import('tsx/esm/api').then((tsx) => (tsx.register(), import(${JSON.stringify(workerUrl.href)})));`;
  return new Worker(load, { eval: true });
}

/** More threads than this wait for memory. */
const mostLanes = 8;
/** A thread's copies of a frame and what it makes of them, in bytes per pixel (8 bit, 4:2:0; measured 14 to 19). */
const bytesPerPixel = 20;
/** Memory for all threads, in bytes. */
const laneMemory = 512e6;
/** Starting threads costs as much as composing this many pixels. */
const worthThreads = 250_000;

/** Composes frames in threads, as many as the machine has cores; a few small holes in this thread. */
export const openPlateWorkers: OpenPlateComposer = (work) => {
  const { width, height, bitDepth } = work.layout;
  const laneBytes = width * height * bytesPerPixel * (bitDepth === 8 ? 1 : 2);
  const lanes = Math.min(mostLanes, availableParallelism(), Math.floor(laneMemory / laneBytes));
  return lanes < 2 || work.holePixels < worthThreads ? composeHere(work) : startWorkers(lanes);
};

/** A task under way or waiting. */
interface Order {
  readonly task: PlateTask;
  readonly resolve: (hole: ComposedHole) => void;
  readonly reject: (reason: Error) => void;
}

export function startWorkers(lanes: number): PlateComposer {
  const idle: Worker[] = [];
  const waiting: Order[] = [];
  const underWay = new Map<Worker, Order>();
  let broken: Error | undefined;

  const next = (worker: Worker): void => {
    const order = waiting.shift();
    if (order === undefined) {
      idle.push(worker);
      return;
    }
    underWay.set(worker, order);
    worker.postMessage(order.task);
  };
  const fail = (cause: Error): void => {
    broken ??= new Error(`a thread of the plate stage ended: ${cause.message}`, { cause });
    for (const { reject } of [...underWay.values(), ...waiting]) reject(broken);
    underWay.clear();
    waiting.length = 0;
  };
  const workers = Array.from({ length: lanes }, () => {
    const worker = startWorker();
    worker.on('message', (hole: ComposedHole) => {
      underWay.get(worker)?.resolve(hole);
      underWay.delete(worker);
      next(worker);
    });
    worker.on('error', fail);
    worker.on('exit', (code) => fail(new Error(`exit code ${code}`)));
    // A job that has ended otherwise does not wait for a thread.
    worker.unref();
    idle.push(worker);
    return worker;
  });
  return {
    lanes,
    compose: (task) =>
      new Promise((resolve, reject) => {
        if (broken !== undefined) {
          reject(broken);
          return;
        }
        waiting.push({ task, resolve, reject });
        const worker = idle.pop();
        if (worker !== undefined) next(worker);
      }),
    async close() {
      await Promise.all(workers.map((worker) => worker.terminate()));
    },
  };
}
