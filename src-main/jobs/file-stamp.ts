import { stat } from 'node:fs/promises';

/** Says which state of a file is meant: another size or time of change is another one. */
export async function fileStamp(path: string): Promise<string> {
  const { size, mtimeMs } = await stat(path);
  return `${path} ${size} ${mtimeMs}`;
}
