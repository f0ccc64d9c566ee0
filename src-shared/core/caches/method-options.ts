import { usageError } from '../errors/index.ts';

/** A number that a method can be asked for. */
export interface NumberOption {
  readonly kind: 'number';
  readonly min: number;
  readonly max: number;
  readonly whole?: boolean;
  readonly default: number;
  /** What it is, and what higher does. */
  readonly help: string;
}

/** One of a few words. */
export interface ChoiceOption {
  readonly kind: 'choice';
  readonly values: readonly string[];
  readonly default: string;
  readonly help: string;
}

export type MethodOption = NumberOption | ChoiceOption;
export type OptionTable = Readonly<Record<string, MethodOption>>;
export type OptionValue = number | string;

/** The values of a table's options. */
export type OptionsOf<T extends OptionTable> = {
  readonly [K in keyof T]: T[K] extends ChoiceOption ? T[K]['values'][number] : number;
};

/** A value as it is written on a command line: a number where the whole text is one, else the text itself. */
export function readOptionValue(text: string): OptionValue {
  return text.trim() === '' || Number.isNaN(Number(text)) ? text : Number(text);
}

/**
 * Checks what was asked of `method` and fills in the defaults.
 * @throws HetcutError `cache-option` naming the option, the value and what would do
 */
export function resolveOptions<T extends OptionTable>(
  method: string,
  table: T,
  given: Readonly<Record<string, OptionValue>>,
): OptionsOf<T> {
  const resolved: Record<string, OptionValue> = {};
  for (const [name, option] of Object.entries(table)) resolved[name] = given[name] ?? option.default;
  for (const [name, value] of Object.entries(given)) {
    if (!Object.hasOwn(table, name)) {
      throw usageError(
        'cache-option',
        `The method ${method} has no option "${name}".`,
        `Its options: ${Object.keys(table).join(', ') || 'none'}.`,
      );
    }
    const expected = violatedRule(table[name], value);
    if (expected !== undefined) {
      throw usageError(
        'cache-option',
        `The option "${name}" of the method ${method} is ${expected}, not ${typeof value === 'string' ? `"${value}"` : value}.`,
        `${table[name].help} Default: ${table[name].default}.`,
      );
    }
  }
  return resolved as OptionsOf<T>;
}

/** What the option must be, where `value` is not that. */
function violatedRule(option: MethodOption, value: OptionValue): string | undefined {
  if (option.kind === 'choice') {
    const words = option.values.join(', ');
    return typeof value === 'string' && option.values.includes(value) ? undefined : `one of ${words}`;
  }
  const { min, max, whole = false } = option;
  const fits =
    typeof value === 'number' && value >= min && value <= max && (!whole || Number.isInteger(value));
  return fits ? undefined : `a ${whole ? 'whole ' : ''}number from ${min} to ${max}`;
}
