import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cancelledError, HetcutError, usageError } from '../../src-shared/core/errors/index.ts';
import type { ParameterLayout, Precision } from '../../src-shared/core/graph/index.ts';
import type { SessionFactory } from '../engine/network/session.ts';
import { openLoras, planPart, preparePart, readSourcePart, writePart } from '../models/index.ts';
import { broadcastKind } from './broadcast-kind.ts';
import { Comparisons, type ParityCase } from './comparison.ts';
import { findGoldenFolders, type GoldenFolder } from './golden-folder.ts';
import { onCpu, type GoldenKind, type ParityContext } from './golden-kind.ts';
import { ltxKind } from './ltx-kind.ts';
import { removerKind } from './remover-kind.ts';
import { pipelineKind } from './pipeline-kind.ts';
import { singleFilesKind } from './single-files-kind.ts';
import { schedulerKind } from './scheduler-kind.ts';
import { tokenizerKind } from './tokenizer-kind.ts';
import { tolerances } from './tolerances.ts';
import { umt5Kind } from './umt5-kind.ts';
import { wanVaceDitKind } from './wan-vace-dit-kind.ts';
import { wanVaeKind } from './wan-vae-kind.ts';

/** The document that `parity` answers with. */
export interface ParityReport {
  readonly ok: boolean;
  readonly precision: Precision;
  readonly cases: readonly ParityCase[];
  /** Golden folders of what HetCut does not compute yet. */
  readonly skipped: readonly { readonly name: string; readonly reason: string }[];
  readonly seconds: number;
}

export interface ParityRequest {
  readonly root: string;
  readonly precision: Precision;
  readonly sessions: SessionFactory;
  readonly signal?: AbortSignal;
  /** Called before each golden folder: its name, how many are done, how many there are. */
  readonly onFolder?: (name: string, done: number, total: number) => void;
}

/** The first that matches a folder takes it. */
const kinds: readonly GoldenKind[] = [
  pipelineKind,
  removerKind,
  wanVaceDitKind,
  wanVaeKind,
  umt5Kind,
  schedulerKind,
  tokenizerKind,
  broadcastKind,
  singleFilesKind,
  ltxKind,
];

async function withImporter<T>(
  request: ParityRequest,
  use: (context: ParityContext) => Promise<T>,
): Promise<T> {
  const { precision, sessions } = request;
  const home = await mkdtemp(join(tmpdir(), 'hetcut-parity-'));
  let imported = 0;
  const importPart: ParityContext['importPart'] = async (family, name, from, extras, loras = []) => {
    const source = typeof from === 'string' ? await readSourcePart(from) : from;
    const plan = planPart(family, name, source, precision);
    const extraGraphs = extras?.(source.config, source.configPath) ?? [];
    const layout = family.singleFiles?.transformer;
    const open =
      loras.length > 0 && layout !== undefined
        ? ({ parameters }: ParameterLayout) => openLoras(loras, layout, parameters)
        : undefined;
    const prepared = await preparePart({ ...plan, graphs: [...plan.graphs, ...extraGraphs] }, open);
    const target = join(home, `part-${imported++}`);
    try {
      await mkdir(target);
      await writePart(prepared, target);
    } finally {
      await prepared.store.close();
      await prepared.loras?.close();
    }
    const path = (graph: string): string => join(target, `${graph}.onnx`);
    const { config, configPath } = source;
    return { config, configPath, path, open: (graph) => sessions.open(path(graph), onCpu) };
  };
  try {
    return await use({ sessions, precision, tolerances: tolerances[precision], home, importPart });
  } finally {
    await rm(home, { recursive: true, force: true });
  }
}

/** Runs one folder; whatever goes wrong in it fails that folder, not the others. */
async function runFolder(
  folder: GoldenFolder,
  context: ParityContext,
): Promise<{ cases: readonly ParityCase[]; skipped?: string }> {
  const results = new Comparisons(folder.name);
  const kind = kinds.find((candidate) => candidate.matches(folder));
  if (kind === undefined) return { cases: [], skipped: 'unknown contents' };
  try {
    await kind.run(folder, context, results);
    if (results.cases.length === 0) results.fail('case', 'nothing in it could be compared');
  } catch (error) {
    results.fail('run', error instanceof Error ? error.message : String(error));
  }
  return { cases: results.cases };
}

/**
 * Imports and runs every golden folder under `root` and compares the results with the stored ones.
 * `ok` needs at least one case, and all of them within their tolerance.
 * Throws HetcutError where `root` cannot be read, or when cancelled.
 */
export async function runParity(request: ParityRequest): Promise<ParityReport> {
  const start = performance.now();
  await readdir(request.root).catch((cause: unknown) => {
    throw usageError(
      'folder-missing',
      `${request.root}: cannot be read (${String(cause)}).`,
      'Give a folder.',
    );
  });
  const found = await findGoldenFolders(request.root);
  const cases: ParityCase[] = [];
  const skipped: { name: string; reason: string }[] = [];
  await withImporter(request, async (context) => {
    for (const [done, entry] of found.entries()) {
      if (request.signal?.aborted) throw cancelledError();
      if ('error' in entry) {
        const results = new Comparisons(entry.name);
        results.fail('read', entry.error instanceof Error ? entry.error.message : String(entry.error));
        cases.push(...results.cases);
        continue;
      }
      request.onFolder?.(entry.folder.name, done, found.length);
      const outcome = await runFolder(entry.folder, context);
      cases.push(...outcome.cases);
      if (outcome.skipped !== undefined) skipped.push({ name: entry.folder.name, reason: outcome.skipped });
    }
  });
  if (cases.length === 0) {
    throw new HetcutError('no-golden-cases', `${request.root}: no golden case in it that could be run.`, {
      hint: 'Give a folder with case.safetensors files and the models beside them, such as e2e/fixtures/golden.',
      details: { skipped },
    });
  }
  return {
    ok: cases.every((one) => one.ok),
    precision: request.precision,
    cases,
    skipped,
    seconds: (performance.now() - start) / 1000,
  };
}
