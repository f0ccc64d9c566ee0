import { mkdir, statfs } from 'node:fs/promises';
import { cpus, freemem, totalmem } from 'node:os';
import { createHardwareProbe, describeBinaries, type HardwareFinding } from '../media/index.ts';
import { listModels, listSegmenters } from '../models/index.ts';
import { describeGpu, gpuProblemText } from '../gpu/index.ts';
import type { StartHost } from './message-loop.ts';
import { tryProviders } from './try-providers.ts';

const gib = 2 ** 30;
/** Below these an edit may fail; what it really needs depends on clip and model. */
const minFreeMemoryGib = 2;
const minFreeDiskGib = 2;

/** What HetCut finds on this machine, and what is wrong with it. */
export type MachineReport = Awaited<ReturnType<typeof examineMachine>>;

/**
 * `startHost`: starts the process in which providers are tried. `findHardware`: a probe of encoders that may know the
 * answer already; absent: a new one.
 */
export async function examineMachine(
  home: string,
  startHost: StartHost,
  findHardware: () => Promise<readonly HardwareFinding[]> = createHardwareProbe(),
) {
  const problems: string[] = [];
  const trial = await tryProviders(startHost, home);
  const gpu = await describeGpu({ home, trial });
  problems.push(...gpu.problems.map(gpuProblemText));
  const binaries = await describeBinaries();
  problems.push(...binaries.problems);
  // Without an ffmpeg there is nothing to try; that is a problem of its own.
  const hardwareEncoders = binaries.ffmpeg === undefined ? [] : await findHardware();
  const models = await listModels(home);
  for (const model of models) {
    if (model.problem !== undefined) problems.push(`model ${model.id}: ${model.problem}`);
  }
  const segmenters = await listSegmenters(home);
  for (const { id, problem } of segmenters)
    if (problem !== undefined) problems.push(`segmenter ${id}: ${problem}`);
  const memory = { totalGib: totalmem() / gib, freeGib: freemem() / gib };
  if (memory.freeGib < minFreeMemoryGib)
    problems.push(`only ${memory.freeGib.toFixed(1)} GiB of memory are free`);
  let freeDiskGib: number | null = null;
  try {
    await mkdir(home, { recursive: true });
    const { bavail, bsize } = await statfs(home);
    freeDiskGib = (bavail * bsize) / gib;
    if (freeDiskGib < minFreeDiskGib)
      problems.push(`only ${freeDiskGib.toFixed(1)} GiB of disk are free at ${home}`);
  } catch (error) {
    problems.push(`HETCUT_HOME ${home} cannot be written to: ${String(error)}`);
  }
  return {
    ok: problems.length === 0,
    node: process.versions.node,
    platform: `${process.platform} ${process.arch}`,
    processor: { model: cpus()[0]?.model ?? 'unknown', threads: cpus().length },
    memory,
    home: { path: home, freeDiskGib },
    onnxRuntime: trial.version,
    providers: trial.reports,
    gpu,
    ffmpeg: binaries,
    hardwareEncoders,
    models: models.map(({ id, bytes, path }) => ({ id, bytes, path })),
    segmenters: segmenters.map(({ id, bytes, path }) => ({ id, bytes, path })),
    problems,
  };
}
