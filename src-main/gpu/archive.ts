import { createReadStream } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import zlib from 'node:zlib';
import { openPromise } from 'yauzl';
import { readTar, type ArchiveEntry } from './tar.ts';

/** Passes a zip member's bytes on and compares its checksum at the end, where this Node computes it. */
async function* checked(
  content: AsyncIterable<Buffer>,
  name: string,
  expected: number,
): AsyncGenerator<Buffer> {
  const { crc32 } = zlib as { crc32?: (data: Buffer, value?: number) => number };
  let found = 0;
  for await (const chunk of content) {
    if (crc32 !== undefined) found = crc32(chunk, found);
    yield chunk;
  }
  if (crc32 !== undefined && found !== expected) throw new Error(`${name} is damaged (CRC-32)`);
}

async function* readZip(path: string): AsyncGenerator<ArchiveEntry> {
  const zip = await openPromise(path, { autoClose: false });
  try {
    for await (const entry of zip.eachEntry()) {
      const { fileName } = entry;
      if (fileName.endsWith('/')) continue;
      const open = async function* (): AsyncGenerator<Buffer> {
        yield* checked(await zip.openReadStreamPromise(entry), fileName, entry.crc32);
      };
      yield { name: fileName, content: open() };
    }
  } finally {
    zip.close();
  }
}

async function* readFolder(folder: string, root = folder): AsyncGenerator<ArchiveEntry> {
  const entries = await readdir(folder, { withFileTypes: true });
  for (const { name } of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const path = join(folder, name);
    // Links are followed to files: distributions make them of every library.
    const entry = await stat(path).catch(() => undefined);
    if (entry?.isFile() === true) {
      yield { name: relative(root, path).split(sep).join('/'), content: createReadStream(path) };
    } else if (entries.find((one) => one.name === name)?.isDirectory() === true) {
      yield* readFolder(path, root);
    }
  }
}

/** The files of a folder, of a zip (.nupkg and .whl are such) or of a .tgz, in the order in which they lie. */
export async function* readArchive(path: string): AsyncGenerator<ArchiveEntry> {
  if ((await stat(path)).isDirectory()) yield* readFolder(path);
  else if (/\.(?:zip|nupkg|whl)$/i.test(path)) yield* readZip(path);
  else if (/\.(?:tgz|tar\.gz)$/i.test(path)) {
    yield* readTar(createReadStream(path, { highWaterMark: 2 ** 20 }).pipe(zlib.createGunzip()));
  } else throw new Error('it is no folder, .whl, .nupkg, .zip, .tgz or .tar.gz');
}
