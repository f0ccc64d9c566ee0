import { on } from 'node:events';
import { createReadStream } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import zlib from 'node:zlib';
import { Parser, type ReadEntry } from 'tar';
import { openPromise } from 'yauzl';

/** A file of an archive, or of a folder, while it is being read. */
export interface ArchiveEntry {
  /** With `/`. */
  readonly name: string;
  /** Its content, to be read before the next entry, or not at all. */
  readonly content: AsyncIterable<Buffer>;
}

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

/** A tar member's bytes; Error where it ends before its size. */
async function* whole(entry: ReadEntry, name: string): AsyncGenerator<Buffer> {
  let left = entry.size;
  for await (const chunk of entry) {
    left -= chunk.length;
    yield chunk;
  }
  if (left !== 0) throw new Error(`it ends amid ${name}`);
}

/** `strict`: what the reader would only warn of, a wrong checksum or an early end, is an error. */
async function* readTgz(path: string): AsyncGenerator<ArchiveEntry> {
  const parser = new Parser({ strict: true });
  const source = createReadStream(path, { highWaterMark: 2 ** 20 });
  source.on('error', (error) => parser.emit('error', error));
  // Begun before the first byte: members that come at once are kept until they are asked for.
  const members = on(parser, 'entry', { close: ['end'] }) as AsyncIterable<[ReadEntry]>;
  let current: ReadEntry | undefined;
  // A member that is being read would wait for the rest for ever.
  parser.on('error', (error) => current?.destroy(error));
  source.pipe(parser);
  try {
    for await (const [entry] of members) {
      current = entry;
      // Whoever reads it hears of it; one that nobody reads must not end the program.
      entry.on('error', () => undefined);
      const name = entry.path.replace(/^\.\//, '');
      if (entry.type === 'File' || entry.type === 'OldFile') yield { name, content: whole(entry, name) };
      // What was not asked for: the reader waits for it.
      entry.resume();
    }
  } finally {
    source.destroy();
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
    yield* readTgz(path);
  } else throw new Error('it is no folder, .whl, .nupkg, .zip, .tgz or .tar.gz');
}
