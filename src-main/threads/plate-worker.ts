import { parentPort } from 'node:worker_threads';
import { composePlate } from '../../src-shared/core/plate/index.ts';
import type { PlateTask } from '../engine/plate/plate-composer.ts';

/** Composes the frames that it is sent, one after the other. */
parentPort!.on('message', ({ target, mask, candidates, layout }: PlateTask) => {
  const hole = composePlate(target, mask, candidates, layout);
  const arrays = [...hole.planes, hole.residual, hole.confidence];
  parentPort!.postMessage(
    hole,
    arrays.map(({ buffer }) => buffer as ArrayBuffer),
  );
});
