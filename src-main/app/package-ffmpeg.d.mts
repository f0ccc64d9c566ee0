/** What is to be known of a binary before it is given to others. Throws with the reason where it cannot be. */
export function inspectForPackage(
  tool: 'ffmpeg' | 'ffprobe',
  path: string,
  platform?: string,
): { readonly version: string; readonly licence: string; readonly configuration: string };

/** Stages what a package carries in `target`; says what was taken, and why. Without any, `target` is not there. */
export function stageFfmpeg(options: {
  readonly folder?: string;
  readonly target: string;
  readonly env?: NodeJS.ProcessEnv;
  readonly platform?: string;
}): string;
