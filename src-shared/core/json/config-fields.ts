import { HetcutError } from '../errors/index.ts';

/** Reads typed fields out of one parsed config file; every complaint names the file, the field and the value. */
export interface ConfigFields {
  /** A finite number. Without `fallback` the field must be there. */
  number(field: string, fallback?: number): number;
  /** A number above 0. */
  positive(field: string, fallback?: number): number;
  /** A number, or undefined where the field is absent or null. */
  optionalNumber(field: string): number | undefined;
  /** An integer from 1 to 2²⁴, more than any model has of anything. */
  count(field: string, fallback?: number): number;
  /** An integer from 1 to 1000: of what is repeated one after the other. */
  few(field: string, fallback?: number): number;
  boolean(field: string, fallback?: boolean): boolean;
  string(field: string, fallback?: string): string;
  /** A list of finite numbers. */
  numbers(field: string, fallback?: readonly number[]): readonly number[];
  /** A list of at most 16 integers from 1 to 65,536. */
  counts(field: string, fallback?: readonly number[]): readonly number[];
  booleans(field: string, fallback?: readonly boolean[]): readonly boolean[];
  /** Throws unless the field is absent or equal (as JSON) to one of `supported`. */
  only(field: string, supported: readonly unknown[]): void;
  /** As `only`, but the field must be there. */
  require(field: string, supported: readonly unknown[]): void;
  /** The error for a field whose value makes no sense together with others. */
  invalid(field: string, reason: string): HetcutError;
}

const isNumber = (value: unknown): value is number => typeof value === 'number' && Number.isFinite(value);
const isPositive = (value: unknown): value is number => isNumber(value) && value > 0;
/** Letters of a value that are quoted in a message. */
const mostShown = 200;
const mostOfAnything = 2 ** 24;
const mostOfFew = 1000;
const mostOfList = { values: 16, value: 65_536 };
const isCountTo =
  (most: number) =>
  (value: unknown): value is number =>
    isNumber(value) && Number.isInteger(value) && value >= 1 && value <= most;
const isBoolean = (value: unknown): value is boolean => typeof value === 'boolean';
const isString = (value: unknown): value is string => typeof value === 'string';
const listOf =
  <T>(is: (value: unknown) => value is T) =>
  (value: unknown): value is readonly T[] =>
    Array.isArray(value) && value.every(is);

/**
 * @param json  the parsed file
 * @param file  its name, for the messages
 * @throws HetcutError `config-invalid` where the file is no JSON object, or a field is absent or of another type
 */
export function readConfigFields(json: unknown, file: string): ConfigFields {
  if (typeof json !== 'object' || json === null || Array.isArray(json)) {
    throw configError(`${file} does not hold a JSON object.`, { file });
  }
  const values = json as Readonly<Record<string, unknown>>;
  const show = (field: string): string => {
    const text = JSON.stringify(values[field]) ?? 'nothing';
    return text.length > mostShown ? `${text.slice(0, mostShown)}…` : text;
  };

  function read<T>(field: string, expected: string, is: (value: unknown) => value is T, fallback?: T): T {
    const value = values[field];
    if (value === undefined && fallback !== undefined) return fallback;
    if (is(value)) return value;
    throw configError(`${file}: "${field}" must be ${expected}, but is ${show(field)}.`, { file, field });
  }

  function requireOneOf(field: string, supported: readonly unknown[]): void {
    const allowed = supported.map((option) => JSON.stringify(option));
    const value = values[field];
    if (value !== undefined && allowed.includes(JSON.stringify(value))) return;
    throw new HetcutError(
      'config-unsupported',
      `${file}: "${field}": ${show(field)} is not supported; supported: ${allowed.join(', ')}.`,
      {
        hint: 'This part of the model works otherwise than HetCut knows; use a model whose file has that value.',
        details: { file, field, value },
      },
    );
  }

  return {
    number: (field, fallback) => read(field, 'a number', isNumber, fallback),
    positive: (field, fallback) => read(field, 'a number above 0', isPositive, fallback),
    optionalNumber: (field) =>
      values[field] === undefined || values[field] === null ? undefined : read(field, 'a number', isNumber),
    count: (field, fallback) =>
      read(field, `an integer from 1 to ${mostOfAnything}`, isCountTo(mostOfAnything), fallback),
    few: (field, fallback) =>
      read(field, `an integer from 1 to ${mostOfFew}`, isCountTo(mostOfFew), fallback),
    boolean: (field, fallback) => read(field, 'true or false', isBoolean, fallback),
    string: (field, fallback) => read(field, 'a text', isString, fallback),
    numbers: (field, fallback) => read(field, 'a list of numbers', listOf(isNumber), fallback),
    counts: (field, fallback) =>
      read(
        field,
        `a list of at most ${mostOfList.values} integers from 1 to ${mostOfList.value}`,
        (value): value is readonly number[] =>
          listOf(isCountTo(mostOfList.value))(value) && value.length <= mostOfList.values,
        fallback,
      ),
    booleans: (field, fallback) => read(field, 'a list of true and false', listOf(isBoolean), fallback),
    only(field, supported) {
      if (values[field] !== undefined) requireOneOf(field, supported);
    },
    require: requireOneOf,
    invalid: (field, reason) =>
      configError(`${file}: "${field}" is ${show(field)}, but ${reason}.`, { file, field }),
  };
}

function configError(message: string, details: Readonly<Record<string, unknown>>): HetcutError {
  return new HetcutError('config-invalid', message, {
    hint: 'Compare the file with the one published with the model, or download the model again.',
    details,
  });
}
