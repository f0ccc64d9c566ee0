/** A word, and other words for the same. */
type Names = Readonly<Record<string, readonly string[]>>;

/** What a small model has learnt words for; of one that reads free text nothing is known. */
export interface Vocabulary {
  readonly kinds: Names;
  readonly colours: Names;
  readonly materials: Names;
  /** Words that it has seen around these, and that change nothing. */
  readonly others: readonly string[];
  /** Tokens of the longest prompts of its training; it is given no more of one. */
  readonly mostTokens: number;
}

export const wordSlots = ['colours', 'materials', 'kinds'] as const;
export type WordSlot = (typeof wordSlots)[number];

/** What a model of few words makes of a prompt. */
export interface PromptReading {
  /** The vocabulary's own words that the prompt names, the last of each. */
  readonly named: Readonly<Partial<Record<WordSlot, string>>>;
  /** Words that it does not know, with those of its own that are spelt nearly so. */
  readonly unknown: readonly { readonly word: string; readonly near: readonly string[] }[];
  /** There is not a single Latin letter, and so nothing that it could know. */
  readonly otherScript: boolean;
  /** There is more of it than is read. */
  readonly tooLong: boolean;
}

/** The words of a text, in lower case. */
function wordsIn(text: string): string[] {
  const parts = text
    .normalize('NFKC')
    .toLowerCase()
    .split(/[^\p{L}\p{N}]+/u);
  return parts.filter((part) => part !== '');
}

/** Letters to change, leave out or put in to come from one word to the other (Levenshtein). */
function spellingDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      next.push(Math.min(row[j] + 1, next[j - 1] + 1, row[j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1)));
    }
    row = next;
  }
  return row[b.length];
}

/** Suggestions for a word, at most. */
const mostNear = 3;

/** Names with all words for them. */
const entriesOf = (names: Names): [name: string, words: readonly string[]][] =>
  Object.entries(names).map(([name, others]) => [name, [name, ...others]]);

/** The words of names that are spelt like `word`: a letter apart, of long words two. */
function nearest(word: string, names: readonly string[]): string[] {
  const most = word.length < 5 ? 1 : 2;
  return names
    .map((name) => ({ name, distance: spellingDistance(word, name) }))
    .filter(({ distance }) => distance <= most)
    .sort((a, b) => a.distance - b.distance)
    .slice(0, mostNear)
    .map(({ name }) => name);
}

/** Reads a prompt as a model of that vocabulary does. Words of several parts ("traffic cone") count by their last. */
export function readWords(prompt: string, vocabulary: Vocabulary): PromptReading {
  const words = wordsIn(prompt);
  const meant = new Map<string, { slot: WordSlot; name: string }>();
  const known = new Set(vocabulary.others);
  for (const slot of wordSlots) {
    for (const [name, all] of entriesOf(vocabulary[slot])) {
      for (const phrase of all) {
        const parts = wordsIn(phrase);
        parts.forEach((part) => known.add(part));
        meant.set(parts[parts.length - 1], { slot, name });
      }
    }
  }
  const named: Partial<Record<WordSlot, string>> = {};
  const strange = new Set<string>();
  for (const word of words) {
    const found = meant.get(word);
    if (found !== undefined) named[found.slot] = found.name;
    else if (!known.has(word)) strange.add(word);
  }
  const candidates = [...meant.keys()];
  return {
    named,
    unknown: [...strange].map((word) => ({ word, near: nearest(word, candidates) })),
    otherScript: /\p{L}/u.test(prompt) && !/\p{Script=Latin}/u.test(prompt),
    // One token is the text's end; a word that it knows is one.
    tooLong: words.length > vocabulary.mostTokens - 1,
  };
}

/** The prompt that says what is named, such as "a red wooden box"; empty where nothing is. */
export function promptOf(named: PromptReading['named']): string {
  const { colours, materials, kinds } = named;
  if (colours === undefined && materials === undefined && kinds === undefined) return '';
  const words = [colours, materials, kinds ?? 'thing'].filter((word) => word !== undefined);
  return `${/^[aeiou]/.test(words[0]) ? 'an' : 'a'} ${words.join(' ')}`;
}

/** The prompt with a word of the vocabulary named, or no longer where it was. Other words of it are left out. */
export function toggleWord(prompt: string, vocabulary: Vocabulary, slot: WordSlot, word: string): string {
  const { [slot]: before, ...named } = readWords(prompt, vocabulary).named;
  return promptOf(before === word ? named : { ...named, [slot]: word });
}
