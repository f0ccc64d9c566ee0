import { existsSync } from 'node:fs';
import { extname, resolve } from 'node:path';
import { video } from './dialogs.ts';

const endingOf = (path: string): string => extname(path).slice(1).toLowerCase();
export const isProject = (path: string): boolean => endingOf(path) === 'hetcut';

/** The project or clip among a command line's arguments, as the system passes it for a double click or a drop. */
export function fileIn(args: readonly string[], workingFolder: string): string | undefined {
  return args
    .slice(1)
    .filter((arg) => !arg.startsWith('-') && (isProject(arg) || video.includes(endingOf(arg))))
    .map((arg) => resolve(workingFolder, arg))
    .find((path) => existsSync(path));
}
