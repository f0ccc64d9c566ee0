import fc from 'fast-check';

/** How a JSON value is changed; `at` and `other` choose places in it, as shares of all. */
interface Change {
  readonly kind: (typeof kinds)[number];
  readonly at: number;
  readonly other: number;
  readonly value: unknown;
}

const kinds = ['replace', 'remove', 'copy', 'swap', 'rename', 'wrap', 'add', 'repeat'] as const;

const nested = (depth: number, inner: unknown): unknown => {
  let value = inner;
  for (let i = 0; i < depth; i++) value = i % 2 === 0 ? [value] : { a: value };
  return value;
};

/** What parsers stumble over. Infinity becomes 1e999 in a text. */
const nasty: readonly unknown[] = [
  ...[null, true, false, '', ' ', 'x', [], {}, [null], [[]], { a: 1 }],
  ...[
    0,
    -0,
    1,
    -1,
    2,
    3,
    7,
    0.5,
    1e-320,
    255,
    256,
    65_535,
    65_536,
    1e6,
    2 ** 24,
    2 ** 31,
    2 ** 32,
    -(2 ** 31),
  ],
  ...[2 ** 40, 2 ** 53 - 1, 2 ** 53, 1e15, 1e20, 1e308, -1e308, Infinity, -Infinity],
  ...['\ud800', '\0', 'a\0b', '__proto__', 'constructor', 'toString', '🐈'.repeat(40), 'x'.repeat(100_000)],
  ...[
    '.',
    '..',
    '/',
    '../../etc/passwd',
    '/etc/passwd',
    '..\\..\\x',
    'C:\\x',
    '\\\\host\\share\\x',
    'NUL',
    'con.json',
  ],
  ...['NaN', '1e999', '-1', '0', '1/0', '0/0', '0:0', '99999999999999999999', '1'.repeat(400)],
  ...[
    JSON.parse('{"__proto__":{"polluted":true}}') as unknown,
    nested(100, 1),
    Array.from({ length: 5000 }, () => 1),
  ],
];

const anything: fc.Arbitrary<unknown> = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom(...nasty) },
  { weight: 1, arbitrary: fc.jsonValue() },
  { weight: 1, arbitrary: fc.double({ noNaN: true }) },
  { weight: 1, arbitrary: fc.maxSafeInteger() },
);

const share = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
const change: fc.Arbitrary<Change> = fc.record({
  // A value of the wrong kind finds most.
  kind: fc.oneof(
    { weight: 4, arbitrary: fc.constant('replace' as const) },
    { weight: 4, arbitrary: fc.constantFrom(...kinds) },
  ),
  at: share,
  other: share,
  value: anything,
});

type Holder = Record<string, unknown> | unknown[];
interface Place {
  readonly holder: Holder;
  readonly key: string;
}

function placesIn(value: unknown): Place[] {
  const found: Place[] = [];
  const waiting: unknown[] = [value];
  // Of a long list the first ones stand for all.
  while (waiting.length > 0 && found.length < 20_000) {
    const holder = waiting.pop();
    if (typeof holder !== 'object' || holder === null) continue;
    for (const key of Object.keys(holder)) {
      found.push({ holder: holder as Holder, key });
      waiting.push((holder as Record<string, unknown>)[key]);
    }
  }
  return found;
}

function set(holder: Holder, key: string, value: unknown): void {
  // As JSON.parse does: `__proto__` is a field like any other.
  Object.defineProperty(holder, key, { value, enumerable: true, configurable: true, writable: true });
}

const get = ({ holder, key }: Place): unknown => (holder as Record<string, unknown>)[key];

function changed(root: { value: unknown }, { kind, at, other, value }: Change): void {
  const places = placesIn(root);
  const place = places[Math.floor(at * places.length)];
  const second = places[Math.floor(other * places.length)];
  const { holder, key } = place;
  const own = get(place);
  const fresh = (): unknown => structuredClone(value);
  if (kind === 'replace') set(holder, key, fresh());
  else if (kind === 'wrap')
    set(holder, key, other < 0.5 ? [own] : { [typeof value === 'string' ? value : 'a']: own });
  else if (kind === 'copy') set(holder, key, structuredClone(get(second)));
  else if (kind === 'swap') {
    const theirs = structuredClone(get(second));
    set(second.holder, second.key, structuredClone(own));
    set(holder, key, theirs);
  } else if (kind === 'add') {
    if (Array.isArray(own)) own.push(fresh());
    else if (typeof own === 'object' && own !== null) {
      const names = ['__proto__', 'constructor', 'toString', '', 'extra', ...Object.keys(own)];
      set(own as Holder, names[Math.floor(other * names.length)], fresh());
    }
  } else if (key === 'value' && holder === (root as unknown)) return;
  else if (Array.isArray(holder)) {
    if (kind === 'repeat')
      holder.splice(
        Number(key),
        0,
        ...Array.from({ length: 1 + Math.floor(other * 50) }, () => structuredClone(own)),
      );
    else holder.splice(Number(key), 1);
  } else if (kind === 'remove') Reflect.deleteProperty(holder, key);
  else {
    Reflect.deleteProperty(holder, key);
    set(holder, typeof value === 'string' ? value : `${key}${String(Math.floor(other * 10))}`, own);
  }
}

/** A valid value with some changes; none in the smallest case. */
export function mutatedJson(seeds: readonly unknown[]): fc.Arbitrary<unknown> {
  const changes = fc.array(change, { maxLength: 4, size: 'max' });
  return fc.tuple(fc.nat({ max: seeds.length - 1 }), changes).map(([seed, all]) => {
    const root = { value: structuredClone(seeds[seed]) };
    for (const one of all) changed(root, one);
    return root.value;
  });
}

/** The value as text; Infinity, which JSON has no word for, as a number that is read as such. */
export function textOf(value: unknown): string {
  const mark = '\u0001infinity';
  const text = JSON.stringify(value, (_, one: unknown) =>
    one === Infinity ? mark : one === -Infinity ? `-${mark}` : one,
  );
  return (text ?? 'null').replaceAll(`"\\u0001infinity"`, '1e999').replaceAll(`"-\\u0001infinity"`, '-1e999');
}

type TextChange = (text: string, at: number, other: number) => string;

const cutIn = (text: string, at: number, middle: string, skip = 0): string => {
  const place = Math.floor(at * text.length);
  return text.slice(0, place) + middle + text.slice(place + skip);
};

const textChanges: readonly TextChange[] = [
  (text, at) => text.slice(0, Math.floor(at * text.length)),
  (text, at, other) => cutIn(text, at, '', 1 + Math.floor(other * 20)),
  (text, at, other) => cutIn(text, at, String.fromCharCode(Math.floor(other * 256)), 1),
  (text) => `\ufeff${text}`,
  (text) => `${text}${text}`,
  // Nested as deep as no stack is.
  (text, at, other) => cutIn(text, at, '['.repeat(Math.floor(other * 200_000))),
  (text, at) =>
    text.replace(/(?<=:)(?=[\d"[{tfn])/, '['.repeat(100_000) + ']'.repeat(100_000) + (at < 0.5 ? ',' : '')),
  // A field twice, the second one another.
  (text, _at, other) =>
    text.replace(
      /\{"([^"]*)":/,
      (all, name: string) => `{"${name}":${other < 0.5 ? '1' : '{}'},${all.slice(1)}`,
    ),
  (text, at) => {
    const numbers = [...text.matchAll(/-?\d+(?:\.\d+)?/g)];
    const one = numbers[Math.floor(at * numbers.length)];
    if (one === undefined) return text;
    const big = ['1e999', '-1e999', '9007199254740993', '1e-999', '00', '0x10', 'NaN'];
    return (
      text.slice(0, one.index) +
      big[Math.floor(at * 997) % big.length] +
      text.slice(one.index + one[0].length)
    );
  },
];

/** The text of a valid value, with changes of the value and now and then of its letters. */
export function mutatedJsonText(seeds: readonly unknown[]): fc.Arbitrary<string> {
  const letters = fc.array(fc.tuple(fc.nat({ max: textChanges.length - 1 }), share, share), { maxLength: 2 });
  return fc
    .tuple(
      mutatedJson(seeds),
      fc.oneof({ weight: 3, arbitrary: fc.constant([]) }, { weight: 1, arbitrary: letters }),
    )
    .map(([value, all]) =>
      all.reduce((text, [which, at, other]) => textChanges[which](text, at, other), textOf(value)),
    );
}
