/** Ligatures and digraphs of Latin letters that are letters in one glyph, not letters of their own as æ and œ are. */
const ligatures: ReadonlyMap<string, string> = new Map([
  ...['Ĳ', 'ĳ', 'Ǆ', 'ǅ', 'ǆ', 'Ǉ', 'ǈ', 'ǉ', 'Ǌ', 'ǋ', 'ǌ', 'Ǳ', 'ǲ', 'ǳ'].map(decomposed),
  ...['ŉ', 'ﬀ', 'ﬁ', 'ﬂ', 'ﬃ', 'ﬄ', 'ﬆ'].map(decomposed),
  // Compatibility would give "st"; the long s is kept.
  ['ﬅ', 'ſt'] as const,
]);

function decomposed(character: string): readonly [string, string] {
  return [character, character.normalize('NFKC')];
}

const escape = '\u001b';

/**
 * Replaces typographic variants by what a keyboard types, as ftfy does: Latin ligatures, full- and half-width
 * forms, curled quotation marks, line breaks; lone surrogates become U+FFFD; terminal escapes and control
 * characters without a printed effect vanish. Joiners and marks of direction stay: they shape the writing.
 */
export function tidyCharacters(text: string): string {
  return text
    .replace(/[ŉĲĳǄ-ǌǱ-ǳﬀ-ﬆ]/g, (character) => ligatures.get(character) ?? character)
    .replace(/\u3000/g, ' ')
    .replace(/[\uff01-\uffef]/g, (character) => character.normalize('NFKC'))
    .replace(/[\u201c-\u201f]/g, '"')
    .replace(/[\u02bc\u2018-\u201b]/g, "'")
    .replace(/\r\n|[\r\u2028\u2029\u0085]/g, '\n')
    .replace(/\p{Surrogate}/gu, '\ufffd')
    .replace(/(\p{Cc})\[[\d;]*[a-zA-Z]/gu, (sequence, first) => (first === escape ? '' : sequence))
    .replace(/(?![\t\n\f\r\x80-\x9f])\p{Cc}|[\u206a-\u206f\ufeff\ufff9-\ufffc]/gu, '');
}
