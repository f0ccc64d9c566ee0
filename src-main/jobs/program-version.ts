import { readFile } from 'node:fs/promises';

const packageFile = new URL('../../package.json', import.meta.url);

/** The program's own version, as in "0.1.0". */
export async function programVersion(): Promise<string> {
  const { version } = JSON.parse(await readFile(packageFile, 'utf8')) as { version: string };
  return version;
}
