import { open, writeFile } from 'node:fs/promises';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fastCheck from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { makeCodedClip, temporaryFolder } from '../testing/clips.ts';
import { CopyRefusal } from './refusal.ts';
import { readSample, readSampleTable, unitsInHead, unitsOf } from './sample-table.ts';
import { streamRules } from './stream-rules.ts';

const folder = temporaryFolder(afterAll);
const groups = ['-g', '4', '-bf', '2', '-sc_threshold', '0'];
const h264 = makeCodedClip(join(folder, 'h264.mp4'), 12, ['-c:v', 'libx264', ...groups]);
const hevc = makeCodedClip(join(folder, 'hevc.mp4'), 12, [
  ...['-c:v', 'libx265', '-tag:v', 'hvc1'],
  ...['-x265-params', 'keyint=4:min-keyint=4:open-gop=0:log-level=error'],
]);

/** Reads all that a plan reads of a file. */
async function readAll(path: string, codec: string): Promise<number> {
  const rules = streamRules[codec];
  const file = await open(path);
  try {
    const table = await readSampleTable(file);
    const { lengthSize } = rules.readConfig(table.config);
    let units = 0;
    for (let sample = 0; sample < table.sizes.length; sample++) {
      const bytes = await readSample(file, table, sample);
      rules.kindOf(unitsInHead(bytes, lengthSize));
      units += unitsOf(bytes, lengthSize).length;
    }
    return units;
  } finally {
    await file.close();
  }
}

describe.each([
  ['h264', h264],
  ['hevc', hevc],
])('the index of %s', (codec, path) => {
  it('is read', async () => {
    expect(await readAll(path, codec)).toBeGreaterThanOrEqual(12);
  });

  it('is refused, and nothing else happens, where bytes of it are wrong', async () => {
    const whole = readFileSync(path);
    const start = whole.indexOf('moov', 0, 'latin1');
    const changed = join(folder, `changed-${codec}.mp4`);
    const change = fastCheck.record({
      at: fastCheck.integer({ min: start - 4, max: whole.length - 1 }),
      value: fastCheck.oneof(fastCheck.constantFrom(0, 0x7f, 0x80, 0xff), fastCheck.nat(255)),
      count: fastCheck.integer({ min: 1, max: 4 }),
    });
    let refused = 0;
    await fastCheck.assert(
      fastCheck.asyncProperty(fastCheck.array(change, { minLength: 1, maxLength: 3 }), async (changes) => {
        const bytes = Buffer.from(whole);
        for (const { at, value, count } of changes) bytes.fill(value, at, Math.min(bytes.length, at + count));
        await writeFile(changed, bytes);
        await readAll(changed, codec).catch((error: unknown) => {
          refused++;
          if (!(error instanceof CopyRefusal || error instanceof RangeError)) throw error;
        });
      }),
      { numRuns: 150, seed: 18 },
    );
    expect(refused).toBeGreaterThan(10);
  });
});
