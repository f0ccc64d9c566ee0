import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { z } from 'zod';

const load = createRequire(import.meta.url);

/** The ONNX Runtime that the program brings. */
export interface BundledRuntime {
  /** Folder of the package `onnxruntime-node`. */
  readonly folder: string;
  /** Folder of the package `onnxruntime-common`, which it needs. */
  readonly commonFolder: string;
  readonly version: string;
  /** Where, in its folder, the binding lies and looks for providers. */
  readonly binaries: string;
}

export async function bundledRuntime(): Promise<BundledRuntime> {
  const entry = load.resolve('onnxruntime-node');
  const folder = dirname(dirname(entry));
  const text = await readFile(join(folder, 'package.json'), 'utf8');
  const { version } = z.object({ version: z.string() }).parse(JSON.parse(text));
  // …/onnxruntime-common/dist/cjs/index.js
  const commonFolder = dirname(dirname(dirname(createRequire(entry).resolve('onnxruntime-common'))));
  return { folder, commonFolder, version, binaries: `bin/napi-v6/${process.platform}/${process.arch}` };
}

/** Where `gpu install` puts the runtime with its provider. */
export function providerFolder(home: string): string {
  return join(home, 'gpu', 'onnxruntime');
}

/** Names the folder of another `onnxruntime-node` than the bundled one, for this process and those that it starts. */
export const runtimeVariable = 'HETCUT_ONNXRUNTIME';

export const providerNames = [
  'libonnxruntime_providers_cuda.so',
  'libonnxruntime_providers_shared.so',
] as const;
