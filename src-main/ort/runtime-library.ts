import type * as Runtime from 'onnxruntime-node';

export type { Runtime };

let loading: Promise<typeof Runtime> | undefined;

/**
 * The native library, loaded at its first use (150 MB that most commands never need). Its own log is silenced:
 * what matters arrives as exceptions, and stderr belongs to progress.
 */
export function loadRuntime(): Promise<typeof Runtime> {
  loading ??= import('onnxruntime-node').then((runtime) => {
    runtime.env.logLevel = 'fatal';
    return runtime;
  });
  return loading;
}

/** `logSeverityLevel` that lets only fatal messages through. */
export const fatalOnly = 4;
