import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { CostModel } from '../../src-shared/core/estimate/index.ts';
import { loadCosts, networkKey, saveCosts } from './machine-costs.ts';

let home: string;
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'hetcut-home-'));
});
afterEach(() => rm(home, { recursive: true, force: true }));

const costsOf = (speed: number): CostModel => ({
  pictureFactor: 1.25,
  network: {
    call: { fixedSec: 0.01, perTokenSec: speed, perTokenPairSec: 0 },
    encode: { fixedSec: 0.1, perFlopSec: speed },
    decode: { fixedSec: 0.2, perFlopSec: speed },
    firstCallSec: 0.3,
    firstEncodeSec: 0.4,
    firstDecodeSec: 0.5,
    loadSec: 0.6,
  },
  votes: { sample: [speed], plate: [1.5, 2] },
  seenKinds: { easycache: ['full', 'reuse', 'full'] },
});
const key = networkKey('fingerprint', 'cpu');

describe('machine costs', () => {
  it('come back as they were kept, and leave nothing else behind', async () => {
    expect(await loadCosts(home, key)).toBeUndefined();
    await saveCosts(join(home, 'new'), key, costsOf(2));
    expect(await loadCosts(join(home, 'new'), key)).toEqual(costsOf(2));
    expect(await readdir(join(home, 'new'))).toEqual(['machine.json']);
  });

  it('keep two models, and a model on two providers, apart; pictures are common', async () => {
    const other = networkKey('another', 'cpu');
    const cuda = networkKey('fingerprint', 'cuda');
    await saveCosts(home, key, costsOf(2));
    await saveCosts(home, other, { ...costsOf(3), votes: { sample: [3], plate: [4] } });
    expect(await loadCosts(home, key)).toEqual({ ...costsOf(2), votes: { sample: [2], plate: [4] } });
    expect(await loadCosts(home, other)).toEqual({ ...costsOf(3), votes: { sample: [3], plate: [4] } });
    expect(await loadCosts(home, cuda)).toEqual({
      pictureFactor: 1.25,
      votes: { plate: [4] },
      seenKinds: {},
    });
  });

  it('of pictures alone leave the networks as they are', async () => {
    await saveCosts(home, key, costsOf(2));
    const { network: _, ...pictures } = costsOf(2);
    await saveCosts(home, undefined, { ...pictures, pictureFactor: 3, votes: { plate: [5] } });
    expect(await loadCosts(home, key)).toEqual({
      ...costsOf(2),
      pictureFactor: 3,
      votes: { sample: [2], plate: [5] },
    });
  });

  it.each([
    ['cut short', '{"version": 2, "pictures": {'],
    ['of an older version', '{"version": 1, "rates": {}}'],
    ['of another shape', '{"version": 2, "pictures": {"factor": -1, "votes": {}}, "networks": {}}'],
  ])('are measured again where the file is %s', async (_, text) => {
    await writeFile(join(home, 'machine.json'), text);
    expect(await loadCosts(home, key)).toBeUndefined();
    await saveCosts(home, key, costsOf(2));
    expect(await loadCosts(home, key)).toEqual(costsOf(2));
  });
});
