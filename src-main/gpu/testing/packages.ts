import { createHash } from 'node:crypto';
import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';

export interface ElfOptions {
  readonly machine?: number;
  readonly is64Bit?: boolean;
  readonly needed?: readonly string[];
  /** Text that the library holds, such as its version. */
  readonly text?: string;
}

/** A library with no code: ELF header, one load segment over the whole file, the dynamic section, and its strings. */
export function elfBytes({ machine = 62, is64Bit = true, needed = [], text = '' }: ElfOptions = {}): Buffer {
  const strings = Buffer.from(`\0${needed.map((name) => `${name}\0`).join('')}${text}\0`, 'latin1');
  const headerBytes = 64 + 2 * 56;
  const dynamic = Buffer.alloc((needed.length + 2) * 16);
  let name = 1;
  needed.forEach((one, i) => {
    dynamic.writeBigInt64LE(1n, i * 16);
    dynamic.writeBigUInt64LE(BigInt(name), i * 16 + 8);
    name += one.length + 1;
  });
  dynamic.writeBigInt64LE(5n, needed.length * 16);
  // Addresses are positions in the file plus this.
  const base = 0x10000;
  const stringsAt = headerBytes + dynamic.length;
  dynamic.writeBigUInt64LE(BigInt(base + stringsAt), needed.length * 16 + 8);
  const head = Buffer.alloc(headerBytes);
  head.write('\x7fELF', 0, 'latin1');
  head[4] = is64Bit ? 2 : 1;
  head[5] = 1;
  head.writeUInt16LE(3, 16);
  head.writeUInt16LE(machine, 18);
  head.writeBigUInt64LE(64n, 32);
  head.writeUInt16LE(56, 54);
  head.writeUInt16LE(2, 56);
  const total = stringsAt + strings.length;
  const segment = (at: number, type: number, offset: number, bytes: number): void => {
    head.writeUInt32LE(type, at);
    head.writeBigUInt64LE(BigInt(offset), at + 8);
    head.writeBigUInt64LE(BigInt(base + offset), at + 16);
    head.writeBigUInt64LE(BigInt(bytes), at + 32);
  };
  segment(64, 1, 0, total);
  segment(120, 2, headerBytes, dynamic.length);
  return Buffer.concat([head, dynamic, strings]);
}

const crcTable = Uint32Array.from({ length: 256 }, (_, n) => {
  let c = n;
  for (let k = 0; k < 8; k++) c = c & 1 ? 0xedb88320 ^ (c >>> 1) : c >>> 1;
  return c >>> 0;
});

function crc32(bytes: Buffer): number {
  let c = 0xffffffff;
  for (const byte of bytes) c = crcTable[(c ^ byte) & 0xff] ^ (c >>> 8);
  return (c ^ 0xffffffff) >>> 0;
}

/** A zip whose members are stored as they are. */
export function zipBytes(files: Readonly<Record<string, Buffer>>): Buffer {
  const parts: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const [name, content] of Object.entries(files)) {
    const fields = Buffer.alloc(26);
    fields.writeUInt16LE(20, 0);
    fields.writeUInt32LE(crc32(content), 10);
    fields.writeUInt32LE(content.length, 14);
    fields.writeUInt32LE(content.length, 18);
    fields.writeUInt16LE(name.length, 22);
    const local = Buffer.concat([Buffer.from('PK\x03\x04', 'latin1'), fields, Buffer.from(name), content]);
    const central = Buffer.alloc(46);
    central.write('PK\x01\x02', 0, 'latin1');
    central.writeUInt16LE(20, 4);
    fields.copy(central, 6);
    central.writeUInt32LE(offset, 42);
    directory.push(central, Buffer.from(name));
    parts.push(local);
    offset += local.length;
  }
  const list = Buffer.concat(directory);
  const end = Buffer.alloc(22);
  end.write('PK\x05\x06', 0, 'latin1');
  end.writeUInt16LE(directory.length / 2, 8);
  end.writeUInt16LE(directory.length / 2, 10);
  end.writeUInt32LE(list.length, 12);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...parts, list, end]);
}

/** A gzipped tar; names above 100 bytes as GNU's writes them. */
export function tgzBytes(files: Readonly<Record<string, Buffer>>): Buffer {
  const blocks: Buffer[] = [];
  const add = (name: string, type: string, content: Buffer): void => {
    const header = Buffer.alloc(512);
    header.write(name.slice(0, 100), 0);
    header.write(content.length.toString(8).padStart(11, '0'), 124);
    header.write(' '.repeat(8), 148);
    header.write(type, 156);
    header.write('ustar\0', 257);
    const sum = header.reduce((total, byte) => total + byte, 0);
    header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
    blocks.push(header, content, Buffer.alloc((512 - (content.length % 512)) % 512));
  };
  for (const [name, content] of Object.entries(files)) {
    if (name.length > 100) add('././@LongLink', 'L', Buffer.from(`${name}\0`));
    add(name, '0', content);
  }
  return gzipSync(Buffer.concat([...blocks, Buffer.alloc(1024)]));
}

export const cuda13Libraries = ['libcublasLt.so.13', 'libcublas.so.13', 'libcudart.so.13', 'libcuda.so.1'];

/** The two libraries of a provider, as far as they are looked at. */
export function providerFiles(version: string, options: ElfOptions = {}): { cuda: Buffer; shared: Buffer } {
  return {
    cuda: elfBytes({ needed: [...cuda13Libraries, 'libc.so.6'], text: version, ...options }),
    shared: elfBytes({ needed: ['libc.so.6'], ...options }),
  };
}

/** A wheel as pip has it: libraries, METADATA and RECORD. `stated`: the version in METADATA. */
export function wheelBytes(version: string, stated = version, options: ElfOptions = {}): Buffer {
  const { cuda, shared } = providerFiles(version, options);
  const libraries = {
    'onnxruntime/capi/libonnxruntime_providers_cuda.so': cuda,
    'onnxruntime/capi/libonnxruntime_providers_shared.so': shared,
  };
  const record = Object.entries(libraries).map(
    ([name, bytes]) =>
      `${name},sha256=${createHash('sha256').update(bytes).digest('base64url')},${bytes.length}`,
  );
  const info = `onnxruntime_gpu-${stated}.dist-info`;
  return zipBytes({
    ...libraries,
    [`${info}/METADATA`]: Buffer.from(`Metadata-Version: 2.4\nName: onnxruntime-gpu\nVersion: ${stated}\n`),
    [`${info}/RECORD`]: Buffer.from(`${record.join('\n')}\n${info}/RECORD,,\n`),
  });
}

/** A NuGet package. */
export function nupkgBytes(version: string): Buffer {
  const { cuda, shared } = providerFiles(version);
  return zipBytes({
    'Microsoft.ML.OnnxRuntime.Gpu.Linux.nuspec': Buffer.from(
      `<package><metadata><id>Microsoft.ML.OnnxRuntime.Gpu.Linux</id><version>${version}</version></metadata></package>`,
    ),
    'runtimes/linux-x64/native/libonnxruntime_providers_cuda.so': cuda,
    'runtimes/linux-x64/native/libonnxruntime_providers_shared.so': shared,
  });
}

/** A folder with an `nvidia-smi` that answers by this shell script, to be put before PATH. */
export async function fakeNvidiaSmi(folder: string, script: string): Promise<NodeJS.ProcessEnv> {
  const path = join(folder, 'bin', 'nvidia-smi');
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, `#!/bin/sh\n${script}\n`);
  await chmod(path, 0o755);
  return { ...process.env, PATH: `${dirname(path)}:${process.env['PATH'] ?? ''}` };
}
