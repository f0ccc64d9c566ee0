import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { ModelFolder } from '../engine/network/model-folder.ts';
import type { SessionFactory } from '../engine/network/session.ts';
import { openModel } from '../models/index.ts';
import { createOrt } from '../ort/index.ts';
import { countUnknownTexts, encodePrompts } from './encode-prompts.ts';

let home: string;
let model: ModelFolder;
let opened: string[];
const ort = createOrt();
const sessions: SessionFactory = {
  open(path, options) {
    opened.push(path);
    return ort.open(path, options);
  },
};
beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'hetcut-text-'));
  model = await openModel(home, 'words');
});
afterAll(() => rm(home, { recursive: true, force: true }));

const encode = (...prompts: string[]): Promise<Float32Array[]> => {
  opened = [];
  return encodePrompts(home, sessions, model, prompts);
};

it('encodes a text once, and for each model and its settings by itself', async () => {
  const unknown = (...prompts: string[]): Promise<number> => countUnknownTexts(home, model, prompts);
  expect(await unknown('a red ball', '', ' a  red ball ')).toBe(2);
  const [ball, nothing] = await encode('a red ball', '');
  expect(await unknown('a red ball', '', 'a blue box')).toBe(1);
  expect(opened).toEqual([model.textEncoder?.graph]);
  expect(ball).toHaveLength(model.settings.textTokens * model.transformer.spec.textDim);
  expect(ball.some((value) => value !== 0)).toBe(true);
  // Rows after the last token are zeros.
  expect(ball.subarray(-model.transformer.spec.textDim).every((value) => value === 0)).toBe(true);
  expect(nothing).not.toEqual(ball);

  expect(await encode('', ' a  red ball ')).toEqual([nothing, ball]);
  expect(opened).toEqual([]);
  const [other] = await encode('a blue box', 'a red ball');
  expect(opened).toHaveLength(1);
  expect(other).not.toEqual(ball);

  model = { ...model, fingerprint: `${model.fingerprint} of other settings` };
  expect(await encode('a red ball')).toEqual([ball]);
  expect(opened).toHaveLength(1);
});

it('encodes again what is kept of no use', async () => {
  const [ball] = await encode('a red ball');
  const names = await readdir(join(home, 'text'));
  for (const spoilt of [Buffer.alloc(0), Buffer.alloc(7), Buffer.alloc(ball.byteLength, 0xff)]) {
    for (const name of names) await writeFile(join(home, 'text', name), spoilt);
    expect(await encode('a red ball')).toEqual([ball]);
    expect(opened).toHaveLength(1);
  }
});
