import { open, type FileHandle } from 'node:fs/promises';

/** What a shared library of Linux says of itself: the part of the ELF format that tells machine and dependencies. */
export interface ElfLibrary {
  readonly is64Bit: boolean;
  /** `e_machine`: 62 is x86-64, 183 is AArch64. */
  readonly machine: number;
  /** Libraries that the loader must find with it, by file name. */
  readonly needed: readonly string[];
}

export const x86_64 = 62;

const programDynamic = 2;
const programLoad = 1;
const tagNeeded = 1n;
const tagStringTable = 5n;
/** More than any library has; above it the file is damaged. */
const mostHeaders = 4096;

interface Segment {
  readonly type: number;
  readonly offset: number;
  readonly address: number;
  readonly fileBytes: number;
}

async function readAt(handle: FileHandle, offset: number, length: number): Promise<Buffer> {
  const target = Buffer.alloc(length);
  const { bytesRead } = await handle.read(target, 0, length, offset);
  return target.subarray(0, bytesRead);
}

async function readNeeded(handle: FileHandle, segments: readonly Segment[]): Promise<string[]> {
  const dynamic = segments.find(({ type }) => type === programDynamic);
  if (dynamic === undefined) return [];
  const entries = await readAt(handle, dynamic.offset, Math.min(dynamic.fileBytes, 2 ** 20));
  const names: number[] = [];
  let tableAddress: number | undefined;
  for (let at = 0; at + 16 <= entries.length; at += 16) {
    const tag = entries.readBigInt64LE(at);
    const value = Number(entries.readBigUInt64LE(at + 8));
    if (tag === tagNeeded) names.push(value);
    if (tag === tagStringTable) tableAddress = value;
    if (tag === 0n) break;
  }
  if (tableAddress === undefined) return [];
  const address = tableAddress;
  const holder = segments.find(
    (segment) =>
      segment.type === programLoad &&
      address >= segment.address &&
      address < segment.address + segment.fileBytes,
  );
  if (holder === undefined) return [];
  const table = holder.offset + address - holder.address;
  return Promise.all(
    names.map(async (name) => {
      const bytes = await readAt(handle, table + name, 256);
      const end = bytes.indexOf(0);
      return bytes.subarray(0, end < 0 ? bytes.length : end).toString('latin1');
    }),
  );
}

/** Reads a library's headers; undefined where the file is none, is cut short, or cannot be read. */
export async function readElf(path: string): Promise<ElfLibrary | undefined> {
  const handle = await open(path, 'r').catch(() => undefined);
  if (handle === undefined) return undefined;
  try {
    const head = await readAt(handle, 0, 64);
    if (head.length < 64 || head.readUInt32BE(0) !== 0x7f454c46 || head[5] !== 1) return undefined;
    const is64Bit = head[4] === 2;
    const machine = head.readUInt16LE(18);
    if (!is64Bit) return { is64Bit, machine, needed: [] };
    const tableOffset = Number(head.readBigUInt64LE(32));
    const entryBytes = head.readUInt16LE(54);
    const count = head.readUInt16LE(56);
    if (entryBytes < 56 || count > mostHeaders) return undefined;
    const table = await readAt(handle, tableOffset, entryBytes * count);
    if (table.length < entryBytes * count) return undefined;
    const segments = Array.from({ length: count }, (_, i): Segment => {
      const at = i * entryBytes;
      return {
        type: table.readUInt32LE(at),
        offset: Number(table.readBigUInt64LE(at + 8)),
        address: Number(table.readBigUInt64LE(at + 16)),
        fileBytes: Number(table.readBigUInt64LE(at + 32)),
      };
    });
    const { size } = await handle.stat();
    const isCut = segments.some(
      ({ type, offset, fileBytes }) => type === programLoad && offset + fileBytes > size,
    );
    return isCut ? undefined : { is64Bit, machine, needed: await readNeeded(handle, segments) };
  } catch {
    return undefined;
  } finally {
    await handle.close();
  }
}
