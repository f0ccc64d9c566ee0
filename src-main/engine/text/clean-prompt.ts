import { unescapeHtml, unescapeHtmlCautiously } from './html-entities.ts';
import { repairMojibake } from './mojibake.ts';
import { tidyCharacters } from './tidy-characters.ts';

/** White space, except for the byte order mark, which JavaScript counts as such and Python does not. */
const whiteSpace = /(?:(?!\ufeff)\s)+/g;

/**
 * Cleans a prompt the way the text encoder's training data was cleaned (diffusers' `prompt_clean`):
 * repairs misread encodings and typographic variants as ftfy does, resolves HTML character references twice,
 * and makes every stretch of white space one space, with none at the ends.
 */
export function cleanPrompt(prompt: string): string {
  const repaired = repairText(prompt);
  return unescapeHtml(unescapeHtml(repaired)).replace(whiteSpace, ' ').replace(/^ | $/g, '');
}

/** Line by line, because one garbled line says nothing about the next. */
function repairText(text: string): string {
  // Text with "<" is taken for markup, in which "&lt;" is meant as written; from there on to the end.
  let mayUnescape = true;
  let result = '';
  for (const line of text.split(/(?<=\n)/)) {
    mayUnescape &&= !line.includes('<');
    result += repairLine(line, mayUnescape);
  }
  return result;
}

/** Repeats the repairs until nothing changes: one may bring to light what another can repair. */
function repairLine(line: string, mayUnescape: boolean): string {
  let repaired = line;
  for (;;) {
    const unescaped = mayUnescape ? unescapeHtmlCautiously(repaired) : repaired;
    const next = tidyCharacters(repairMojibake(unescaped)).normalize('NFC');
    if (next === repaired) return repaired;
    repaired = next;
  }
}
