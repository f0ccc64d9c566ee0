import { mkdtemp, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { requirePlainData } from './external-data.ts';

let folder: string;
let path: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hetcut-onnx-'));
  path = join(folder, 'graph.onnx');
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** A field that holds bytes, as protobuf writes it. */
function field(number: number, content: Buffer | string): Buffer {
  const bytes = Buffer.from(content as string);
  const varint = (value: number): number[] => (value < 128 ? [value] : [128 + (value % 128), ...varint(Math.floor(value / 128))]);
  return Buffer.concat([Buffer.from([...varint(number * 8 + 2), ...varint(bytes.length)]), bytes]);
}
const pair = (key: string, value: string): Buffer => field(13, Buffer.concat([field(1, key), field(2, value)]));
const tensorIn = (location: string): Buffer => Buffer.concat([field(8, 'w'), pair('location', location), pair('offset', '0')]);
const graphWith = (location: string): Buffer => field(5, tensorIn(location));
const modelOf = (graph: Buffer): Buffer => Buffer.concat([Buffer.from([8, 10]), field(2, 'maker'), field(7, graph)]);

it('names the files beside a graph', async () => {
  await writeFile(path, modelOf(Buffer.concat([graphWith('graph.onnx_data'), field(5, field(9, Buffer.alloc(200_000))), graphWith('more.onnx.data')])));
  expect(await requirePlainData(path)).toEqual(['graph.onnx_data', 'more.onnx.data']);
});

it.each([
  ['a way up', graphWith('../../.ssh/id_rsa')],
  ['an absolute path', graphWith('/etc/passwd')],
  ['a drive', graphWith('C:\\secrets')],
  ['a name beyond all names', graphWith('x'.repeat(5000))],
  ['a branch of a node', field(1, field(5, field(6, graphWith('../outside'))))],
  ['a constant of a node', field(1, field(5, field(5, tensorIn('../outside'))))],
  ['a sparse tensor', field(15, field(1, tensorIn('../outside')))],
])('refuses %s', async (_, graph) => {
  await writeFile(path, modelOf(graph));
  await expect(requirePlainData(path)).rejects.toMatchObject({
    code: 'segmenter-graph',
    message: expect.stringMatching(/graph\.onnx: it has tensors in ".*", which is no file beside it/) as string,
  });
});

it('looks into functions too', async () => {
  await writeFile(path, Buffer.concat([modelOf(graphWith('a.data')), field(25, field(7, field(5, field(5, tensorIn('..')))))]));
  await expect(requirePlainData(path)).rejects.toMatchObject({ code: 'segmenter-graph' });
});

it('refuses what is no graph, and reads nothing of what one promises', async () => {
  for (const bytes of [Buffer.from('a page'), Buffer.from([0x3a, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f]), Buffer.alloc(20, 255)]) {
    await writeFile(path, bytes);
    await expect(requirePlainData(path)).rejects.toMatchObject({ code: 'segmenter-graph', message: expect.stringMatching(/no ONNX graph/) as string });
  }
  // A terabyte of one tensor, without a block on the disk, is stepped over.
  const size = 2 ** 40;
  const varint: number[] = [];
  for (let rest = size; rest > 0; rest = Math.floor(rest / 128)) varint.push((rest % 128) + (rest >= 128 ? 128 : 0));
  await writeFile(path, Buffer.from([10, ...varint]));
  await truncate(path, 1 + varint.length + size);
  expect(await requirePlainData(path)).toEqual([]);
});
