import { expect, it } from 'vitest';
import { kinds, tryMedia } from './media.ts';

// Two files of each kind, always the same; `e2e/fuzz-media.ts` tries hundreds.
it.skipIf(process.platform !== 'linux')(
  'damaged clips and pictures are opened, or refused in words, and nothing is left',
  async () => {
    const rows = await tryMedia(process.env, { perKind: 2, seed: 20_26, mostMs: 240_000 });
    expect(rows.flatMap(({ problems }) => problems)).toEqual([]);
    expect(rows.map(({ files }) => files)).toEqual(kinds.map(() => 2));
  },
);
