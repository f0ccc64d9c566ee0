import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { openSafetensors } from '../safetensors.ts';
import { encodeSafetensors, type TensorBytes } from './safetensors-bytes.ts';

/** The smallest whole model at hand. */
const goldenPipeline = fileURLToPath(new URL('../../../e2e/fixtures/golden/E_pipeline', import.meta.url));

/** A scratch folder with a copy of a model that a test may spoil, and an empty home. */
export interface Scratch {
  readonly folder: string;
  readonly source: string;
  readonly home: string;
  remove(): Promise<void>;
}

export async function openScratch(): Promise<Scratch> {
  const folder = await mkdtemp(join(tmpdir(), 'hetcut-models-'));
  const source = join(folder, 'source');
  await cp(goldenPipeline, source, { recursive: true });
  await rm(join(source, 'case.safetensors'));
  const remove = (): Promise<void> => rm(folder, { recursive: true, force: true });
  return { folder, source, home: join(folder, 'home'), remove };
}

/** Changes fields of a JSON file; a field given as undefined goes. */
export async function editJson(path: string, changes: Readonly<Record<string, unknown>>): Promise<void> {
  const json = JSON.parse(await readFile(path, 'utf8')) as Record<string, unknown>;
  await writeFile(path, JSON.stringify({ ...json, ...changes }));
}

/** Rewrites a safetensors file with its tensors changed. */
export async function editTensors(
  path: string,
  change: (tensors: Record<string, TensorBytes>) => void,
): Promise<void> {
  const store = await openSafetensors(path);
  const tensors: Record<string, TensorBytes> = {};
  for (const tensor of store.tensors.values()) {
    tensors[tensor.name] = { type: tensor.type, shape: tensor.shape, bytes: await store.readBytes(tensor) };
  }
  await store.close();
  change(tensors);
  await writeFile(path, encodeSafetensors(tensors));
}
