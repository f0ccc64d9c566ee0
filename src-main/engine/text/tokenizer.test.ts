import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cleanPrompt } from './clean-prompt.ts';
import { loadTokenizer } from './tokenizer.ts';
import type { PromptTokenizer } from './tokenizer.ts';

const golden = 'e2e/fixtures/golden/H_tokenizer';

interface GoldenRow {
  readonly text: string;
  readonly cleaned: string;
  readonly ids: number[];
}

describe('the golden tokenizer', () => {
  let tokenizer: PromptTokenizer;
  let rows: GoldenRow[];
  beforeAll(async () => {
    tokenizer = await loadTokenizer(`${golden}/tokenizer.json`);
    rows = JSON.parse(await readFile(`${golden}/case.json`, 'utf8')) as GoldenRow[];
  });

  it('returns the golden ids for every row, cleaned by us', () => {
    expect(rows).toHaveLength(30);
    for (const { text, cleaned, ids } of rows) {
      expect(tokenizer.encode(cleaned)).toEqual(ids);
      expect(tokenizer.encode(cleanPrompt(text))).toEqual(ids);
    }
    expect(tokenizer.vocabularySize).toBe(2000);
  });

  // What the Python library (tokenizers 0.22.2) returns for the same file.
  const reference: [string, number[]][] = [
    [
      'ZWJ \ud83d\udc69\u200d\ud83d\udc67 \u0915\u094d\u200d\u0937',
      [
        259, 1141, 664, 1991, 259, 243, 162, 148, 172, 229, 131, 144, 243, 162, 148, 170, 259, 1406, 1707,
        229, 131, 144, 227, 167, 186, 1,
      ],
    ],
    [
      '\ufb01\u0301 e\u0301 \u338f \u32cb \u00bd \u00c5',
      [381, 294, 259, 1316, 562, 316, 259, 772, 233, 159, 139, 382, 229, 132, 135, 333, 259, 198, 136, 1],
    ],
    ['a \u2581\u2581 b\u2581c', [266, 404, 411, 1]],
    ['x</s> y<pad>z', [576, 1, 830, 0, 259, 528, 1]],
    ['<0x41> <unk>', [259, 68, 2, 1]],
    ['--- --- ...', [489, 279, 489, 279, 761, 1]],
    ['\ufeff\uff21\u00ad\u200b\u2060.', [330, 197, 176, 259, 229, 132, 163, 260, 1]],
    [
      '\u05e9\u05dc\u05d5\u05dd \u05e2\u05dc\u05d9\u05db\u05dd',
      [259, 218, 172, 218, 159, 218, 152, 218, 160, 259, 218, 165, 218, 159, 218, 156, 218, 158, 218, 160, 1],
    ],
    ['\u202eabc\u202c', [259, 229, 131, 177, 1082, 229, 131, 175, 1]],
    ['\ud835\udd18\ud835\udd2b\ud835\udd26 \u2177 \u2473', [259, 936, 294, 380, 294, 294, 294, 1051, 1]],
    ['\r\n\r\na\tb', [266, 404, 1]],
    ['\uac00\uac01\u1100', [259, 237, 179, 131, 237, 179, 132, 228, 135, 131, 1]],
    [' \u3000 tail  ', [379, 1315, 1]],
  ];
  it.each(reference)('%j', (text, ids) => {
    expect(tokenizer.encode(text)).toEqual(ids);
  });

  it('cuts long text and keeps the end token', async () => {
    const short = await loadTokenizer(`${golden}/tokenizer.json`, { maxTokens: 4 });
    expect(tokenizer.encode('a red ball')).toEqual([266, 393, 281, 404, 716, 1]);
    expect(short.encode('a red ball')).toEqual([266, 393, 281, 1]);
    expect(short.encode('')).toEqual([1]);
  });
});

describe('loadTokenizer', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'hetcut-tokenizer-'));
  });
  afterAll(() => rm(folder, { recursive: true }));

  async function load(model: object, rest: object = {}): Promise<PromptTokenizer> {
    const path = join(folder, 'tokenizer.json');
    await writeFile(path, JSON.stringify({ ...base, ...rest, model: { ...base.model, ...model } }));
    return loadTokenizer(path);
  }
  const bytes = Array.from({ length: 256 }, (_, i) => [
    `<0x${i.toString(16).toUpperCase().padStart(2, '0')}>`,
    0,
  ]);
  const base = {
    added_tokens: ['<pad>', '</s>', '<unk>'].map((content, id) => ({ id, content, special: true })),
    normalizer: null,
    decoder: null,
    pre_tokenizer: { type: 'Metaspace', replacement: '▁', prepend_scheme: 'always' },
    post_processor: {
      type: 'TemplateProcessing',
      single: [{ Sequence: { id: 'A' } }, { SpecialToken: { id: '</s>' } }],
      pair: [],
    },
    model: {
      type: 'Unigram',
      unk_id: 2,
      byte_fallback: true,
      vocab: [
        ['<pad>', 0],
        ['</s>', 0],
        ['<unk>', 0],
        ['▁', -2],
        ['a', -2.5],
        ['▁a', -3],
        ['-', -4],
        ['--', -5],
      ],
    },
  };

  it('falls back to bytes where the file says so and has them all', async () => {
    const withBytes = await load({ vocab: [...base.model.vocab, ...bytes] });
    expect(withBytes.encode('aé')).toEqual([5, 8 + 0xc3, 8 + 0xa9, 1]);
    expect(withBytes.vocabularySize).toBe(264);
    expect((await load({ vocab: [...base.model.vocab, ...bytes.slice(0, 0xa9)] })).encode('é')).toEqual([
      3, 2, 1,
    ]);
    expect(
      (await load({ vocab: [...base.model.vocab, ...bytes], byte_fallback: false })).encode('é'),
    ).toEqual([3, 2, 1]);
  });

  it('says in words that a part is missing, which the library does not', async () => {
    const normalizer = { type: 'Sequence', normalizers: [7] };
    await expect(load({}, { normalizer })).rejects.toMatchObject({
      code: 'tokenizer-unusable',
      message: expect.stringMatching(/one of its parts is missing or of another kind/) as string,
    });
  });

  it('splits words at the word mark, unless told not to', async () => {
    const vocab = [...base.model.vocab, ['a▁a', -1]];
    expect((await load({ vocab })).encode('a a')).toEqual([5, 5, 1]);
    const whole = { pre_tokenizer: { ...base.pre_tokenizer, split: false } };
    expect((await load({ vocab }, whole)).encode('a a')).toEqual([3, 8, 1]);
  });

  it('counts added tokens beyond the vocabulary', async () => {
    const added_tokens = [...base.added_tokens, { id: 9, content: '<extra>', special: true }];
    const tokenizer = await load({}, { added_tokens });
    expect(tokenizer.encode('a<extra>a')).toEqual([5, 9, 5, 1]);
    expect(tokenizer.vocabularySize).toBe(10);
  });

  it('names the file and the reason where it cannot be used', async () => {
    const path = join(folder, 'tokenizer.json');
    await expect(loadTokenizer(join(folder, 'absent.json'))).rejects.toThrow(/absent\.json: cannot be read/);
    await writeFile(path, '{"model":');
    await expect(loadTokenizer(path)).rejects.toThrow(
      /tokenizer\.json: no tokenizer that HetCut can use: .*JSON/,
    );
    await expect(load({ type: 'BPE' })).rejects.toThrow(/only Unigram models are supported/);
    await expect(load({ vocab: [] })).rejects.toThrow(/model\.vocab/);
    await expect(load({}, { post_processor: null })).rejects.toThrow(/adds 0 special tokens/);
    const damaged = { normalizer: { type: 'Precompiled', precompiled_charsmap: '////' } };
    await expect(load({}, damaged)).rejects.toThrow(/tokenizer\.json: no tokenizer/);
  });
});
