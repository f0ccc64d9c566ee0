import { readFile } from 'node:fs/promises';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cleanPrompt } from './clean-prompt.ts';
import { codePages } from './code-pages.ts';
import { unescapeHtml, unescapeHtmlCautiously } from './html-entities.ts';

interface GoldenRow {
  readonly text: string;
  readonly cleaned: string;
}

/** `text` as a program shows it that takes its UTF-8 for that encoding; null where a byte has no character there. */
function misread(text: string, pageName: string): string | null {
  const page = codePages().find(({ name }) => name === pageName);
  if (page === undefined) throw new Error(`no code page ${pageName}`);
  const characterOf = new Map([...page.byteOf].map(([character, byte]) => [byte, character]));
  const characters = [...new TextEncoder().encode(text)].map((byte) =>
    byte < 0x80 ? String.fromCharCode(byte) : characterOf.get(byte),
  );
  return characters.includes(undefined) ? null : characters.join('');
}

describe('cleanPrompt', () => {
  it('returns the golden rows', async () => {
    const rows = JSON.parse(
      await readFile('e2e/fixtures/golden/H_tokenizer/case.json', 'utf8'),
    ) as GoldenRow[];
    expect(rows).toHaveLength(30);
    expect(rows.map(({ text }) => cleanPrompt(text))).toEqual(rows.map(({ cleaned }) => cleaned));
  });

  const prompts = [
    'the man’s café — “naïve” résumé… ½ cup, 50 °C, £20, €30, 3×4 m², © Acme® ™',
    '« Où est-il ? » demanda l’élève à côté du château.',
    'Entferne die Person, lass die Straße übrig, „Öl“',
    '¿Qué? ¡No! El niño está aquí, señor Núñez',
    'não é possível, coração, maçã, às vezes',
    'usuń człowieka, zażółć gęślą jaźń',
    'příliš žluťoučký kůň úpěl ďábelské ódy',
    "İstanbul'da güneş, ağaç, öğle ışığı",
    'удали человека с дорожки',
    'αφαίρεσε τον άνθρωπο από το μονοπάτι',
    'הסר את האדם מהשביל',
    'أزل الشخص من الطريق',
    'क्षत्रिय हटाएं सड़क से',
    'ลบคนออกจากทางเดิน',
    '删除画面中的行人，你好',
    '歩行者を消して カタカナ',
    '보행자를 지워 주세요',
    'xoá người đi bộ khỏi đường phố đẹp',
    'happy 😀 face 🎬🐰 👩‍👩‍👧 ❤️ ✓ → ★',
  ];

  it.each(prompts)('leaves the letters of well-read text alone: %s', (prompt) => {
    const straight = prompt.replace(/[“”„]/g, '"').replace(/’/g, "'").replace(/，/g, ',');
    expect(cleanPrompt(prompt)).toBe(straight);
  });

  it.each(prompts)('repairs a single and a double misreading: %s', (prompt) => {
    for (const page of ['latin-1', 'windows-1252']) {
      const once = misread(prompt, page);
      expect(once).not.toBeNull();
      expect(cleanPrompt(once ?? '')).toBe(cleanPrompt(prompt));
      expect(cleanPrompt(misread(once ?? '', page) ?? '')).toBe(cleanPrompt(prompt));
    }
  });

  // Pairs that ftfy 6.3.1 repairs to the same text.
  it.each([
    ['donâ€™t, itâ€™s â€œfineâ€\u009d â€” reallyâ€¦', 'don\'t, it\'s "fine" — really…'],
    ['voilÃ  le travail Ã  la mode', 'voilà le travail à la mode'],
    ['quotes â€œlike thisâ€\ufffd', 'quotes "like this�'],
    ['keep “this” cafÃ© Ð¿Ñ€Ð¸Ð²ÐµÑ‚ 好', 'keep "this" café привет 好'],
    ['ðŸ˜€ grinning âœ”', '😀 grinning ✔'],
    ['ï»¿byte order mark', 'byte order mark'],
    ['caf├⌐ au lait', 'café au lait'],
    ['caf√© au lait', 'café au lait'],
    ['РїСЂРёРІРµС‚ РјРёСЂ', 'привет мир'],
    ['\u0093C1 quotes\u0094', '"C1 quotes"'],
    ['high\u0085', 'high…'],
    ['Â£20 and 50 Â°C', '£20 and 50 °C'],
    ['\u001b[36;44mblue\u001b[0m', 'blue'],
    ['ﬀ ﬃ ﬄ ﬆ ﬅ ĳ ǆ', 'ff ffi ffl st ſt ij dž'],
    ['ﾊﾝｶｸ ＡＢＣ！ ￡５', 'ハンカク ABC! £5'],
    ['‘a’ ‚b‛ “c” „d‟ ʼe', "'a' 'b' \"c\" \"d\" 'e"],
    ['lone \ud800 surrogate', 'lone � surrogate'],
    ['a\u2028b\u2029c\u000bd\u000ce\u001ff', 'a b cd ef'],
    ['e\u0301 A\u030a', 'é Å'],
    ['&EACUTE;t&eacute; &amp;amp;lt; &copy 5', 'Été < © 5'],
    ['<b>&amp;amp;amp;</b>', '<b>&amp;</b>'],
    ['line &amp;amp;amp; one\n<i> &amp;amp;amp;', 'line & one <i> &amp;'],
  ])('%j → %j', (text, cleaned) => {
    expect(cleanPrompt(text)).toBe(cleaned);
  });

  it.each([
    'CAFÉ… TOUCHÉ — VOILÀ™ À™ É®',
    'Д’Артаньян, «ЖК «Д»», В№5, ПРИКАЗ№5',
    'ΑΘΗΝΑ… Ω «Ελλάδα» ο…',
    'NÃO REMOVER O CÃO, MAÇÃ',
    'PŘÍŠTÍ ČŠ ŽLUŤOUČKÝ, İSTANBUL’UN',
    '┌──┐│x│└──┘ ├─┤ ═╣ █▓▒░',
    '¯\\_(ツ)_/¯ ಠ_ಠ (°□°) ô_ô',
    '√π ≈ 1.77, 5 Å i Åland, km², ±5 µm, 1º 2ª',
  ])('does not see garble in %s', (text) => {
    expect(cleanPrompt(text)).toBe(text.replace(/’/g, "'"));
  });

  it('ends on any text, with white space collapsed', () => {
    const awkward = fc.constantFrom(
      ...'ÃÂâ€™œ©® \u00a0ðŸ&;#lt<amp\u0085\u0090\ud83d\u3000ﬁЍРІ√├⌐Ä‚\n\ufffd?',
    );
    fc.assert(
      fc.property(fc.array(awkward, { maxLength: 24 }), (characters) => {
        expect(cleanPrompt(characters.join(''))).not.toMatch(/^\s|\s$|\s\s|[^ \S]/);
      }),
      { numRuns: 2000 },
    );
  });
});

describe('unescapeHtml', () => {
  // Python's html.unescape returns the same.
  it.each([
    ['&lt;b&gt; &amp;amp; &quot;', '<b> &amp; "'],
    ['&amp &ltx &notit; &notin; this&not', '& <x ¬it; ∉ this¬'],
    ['&#65; &#x41; &#X41 &#0; &#128; &#150;', 'A A A � € –'],
    ['&#x1F600; &#55296; &#1114112; &#99999999999;', '😀 � � �'],
    ['[&#1;&#11;&#127;&#65535;&#xFDD0;] &#13;', '[] \r'],
    [
      '& &; &# &#; &#x; &#xg; &nosuch; && &CounterClockwiseContourIntegral;',
      '& &; &# &#; &#x; &#xg; &nosuch; && ∳',
    ],
    ['&#38;lt;', '&lt;'],
  ])('%j → %j', (text, expected) => {
    expect(unescapeHtml(text)).toBe(expected);
  });

  it('is cautious on request', () => {
    expect(
      unescapeHtmlCautiously('this&not that &amp x &lt; &NTILDE; &nTILDE; &COPYSR; &#59; &notin1;'),
    ).toBe('this&not that &amp x < Ñ &nTILDE; &COPYSR; &#59; &notin1;');
  });
});
