import { createRequire } from 'node:module';
import type * as Runtime from 'onnxruntime-node';

export type { Runtime };

let loading: Promise<typeof Runtime> | undefined;

/** Names the folder of an `onnxruntime-node` that takes the bundled one's place; set by `src-main/gpu`. */
const runtimeVariable = 'HETCUT_ONNXRUNTIME';

/** The runtime that `hetcut gpu install` has put together with its CUDA provider, else the bundled one. */
async function importRuntime(): Promise<typeof Runtime> {
  const folder = process.env[runtimeVariable];
  if (folder === undefined) return import('onnxruntime-node');
  return createRequire(import.meta.url)(folder) as typeof Runtime;
}

/**
 * The native library, loaded at its first use (150 MB that most commands never need). Its own log is silenced:
 * what matters arrives as exceptions, and stderr belongs to progress.
 */
export function loadRuntime(): Promise<typeof Runtime> {
  loading ??= importRuntime().then((runtime) => {
    runtime.env.logLevel = 'fatal';
    return runtime;
  });
  return loading;
}

/** `logSeverityLevel` that lets only fatal messages through. */
export const fatalOnly = 4;
