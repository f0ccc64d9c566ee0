import fc from 'fast-check';

/** As `z.toJSONSchema` writes it, as far as it is used here. */
interface Schema {
  readonly type?: string;
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly allOf?: readonly Schema[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: boolean | Schema;
  readonly items?: Schema | boolean;
  readonly prefixItems?: readonly Schema[];
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly exclusiveMinimum?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly pattern?: string;
}

/** Texts for the patterns of our schemas; the one that fits is taken. */
const samples = [
  'p1',
  '#e5484d',
  'a b',
  'Frr',
  'F',
  'a'.repeat(64),
  '0'.repeat(40),
  'x.json',
  '',
  '~AB',
  '12:00',
  '1.0',
];

function textFor({ pattern, minLength = 0, maxLength = 30 }: Schema): fc.Arbitrary<string> {
  if (pattern !== undefined) {
    const fitting = samples.filter((one) => new RegExp(pattern).test(one));
    if (fitting.length === 0)
      throw new Error(`no sample fits ${pattern}: add one to e2e/fuzz/from-schema.ts`);
    return fc.constantFrom(...fitting);
  }
  return fc.string({ minLength, maxLength: Math.min(maxLength, minLength + 20) });
}

/** Values that a schema takes; refinements that are no part of JSON Schema may refuse them. */
export function fromSchema(schema: object): fc.Arbitrary<unknown> {
  const one = schema as Schema;
  if ('const' in one) return fc.constant(one.const);
  if (one.enum !== undefined) return fc.constantFrom(...one.enum);
  const choices = one.anyOf ?? one.oneOf;
  if (choices !== undefined) return fc.oneof(...choices.map(fromSchema));
  if (one.allOf !== undefined) return fromSchema(one.allOf[0]);
  switch (one.type) {
    case 'object': {
      const fields = Object.fromEntries(
        Object.entries(one.properties ?? {}).map(([name, field]) => [name, fromSchema(field)]),
      );
      if (Object.keys(fields).length === 0 && typeof one.additionalProperties === 'object') {
        return fc.dictionary(fc.constantFrom('delta', 'a', 'b'), fromSchema(one.additionalProperties), {
          noNullPrototype: true,
        });
      }
      const requiredKeys = (one.required ?? []).filter((name) => name in fields);
      return fc.record(fields, { requiredKeys, noNullPrototype: true });
    }
    case 'array': {
      if (one.prefixItems !== undefined) return fc.tuple(...one.prefixItems.map(fromSchema));
      const items = typeof one.items === 'object' ? fromSchema(one.items) : fc.constant(null);
      const minLength = one.minItems ?? 0;
      return fc.array(items, { minLength, maxLength: Math.min(one.maxItems ?? 4, minLength + 3) });
    }
    case 'integer': {
      const least = one.minimum ?? (one.exclusiveMinimum === undefined ? -100 : one.exclusiveMinimum + 1);
      const min = Math.max(least, -1000);
      return fc.integer({ min, max: Math.max(min, Math.min(one.maximum ?? 1000, 100_000)) });
    }
    case 'number': {
      const min = one.minimum ?? one.exclusiveMinimum ?? -100;
      return fc.double({
        min,
        max: Math.max(min, one.maximum ?? 1000),
        noNaN: true,
        minExcluded: one.exclusiveMinimum !== undefined,
      });
    }
    case 'string':
      return textFor(one);
    case 'boolean':
      return fc.boolean();
    case 'null':
      return fc.constant(null);
    case undefined:
    default:
      return fc.jsonValue();
  }
}
