import { copyFileSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createMedia, createPreviewMedia } from './index.ts';
import { makeCodedClip, temporaryFolder } from './testing/clips.ts';

const folder = temporaryFolder(afterAll);
const at = (name: string): string => join(folder, name);

beforeAll(() => {
  makeCodedClip(at('five.mkv'), 5, ['-c:v', 'ffv1']);
  makeCodedClip(at('nine.mkv'), 9, ['-c:v', 'ffv1']);
});

describe('the media layer of the desktop program', () => {
  it('says of a clip what the engine’s says', async () => {
    const media = await createPreviewMedia();
    expect(await media.probe(at('five.mkv'))).toEqual(await (await createMedia()).probe(at('five.mkv')));
  });

  it('probes a file once, and again when it has changed', async () => {
    const media = await createPreviewMedia();
    copyFileSync(at('five.mkv'), at('clip.mkv'));
    const [first, second] = await Promise.all([media.probe(at('clip.mkv')), media.probe(at('clip.mkv'))]);
    expect(second).toBe(first);
    copyFileSync(at('nine.mkv'), at('clip.mkv'));
    const changed = await media.probe(at('clip.mkv'));
    expect(changed.ptsSec).toHaveLength(9);
    utimesSync(at('clip.mkv'), 1000, 1000);
    expect(await media.probe(at('clip.mkv'))).not.toBe(changed);
  });

  it('does not keep a failure', async () => {
    const media = await createPreviewMedia();
    const missing = media.probe(at('later.mkv'));
    await expect(missing).rejects.toMatchObject({ code: 'file-not-found', exitCode: 2 });
    copyFileSync(at('five.mkv'), at('later.mkv'));
    expect((await media.probe(at('later.mkv'))).ptsSec).toHaveLength(5);
  });
});
