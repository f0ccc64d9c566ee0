import { usageError } from '../errors/index.ts';
import { adacache } from './adacache.ts';
import type { CacheMethod } from './cache-method.ts';
import { easycache } from './easycache.ts';
import { fastcache } from './fastcache.ts';
import { full } from './full.ts';
import { hetcache } from './hetcache.ts';
import { magcache } from './magcache.ts';
import { resolveOptions, type OptionTable, type OptionValue } from './method-options.ts';
import type { MethodRow } from './method-table.ts';
import { pab } from './pab.ts';
import { taylorseer } from './taylorseer.ts';
import { teacache } from './teacache.ts';

/** A method with its options: plain data. */
export interface MethodSpec {
  readonly name: string;
  readonly options: Readonly<Record<string, OptionValue>>;
}

const rows = { full, teacache, pab, adacache, fastcache, easycache, magcache, taylorseer, hetcache } as const;

export type MethodName = keyof typeof rows;

/** All methods by name. A new one is one file and one row; the contract suite runs over every row. */
export const cacheMethods = rows as unknown as Readonly<Record<MethodName, MethodRow<OptionTable>>>;

/**
 * Checks a method's name and options and fills in the defaults.
 * @throws HetcutError `cache-method` or `cache-option`, naming what is wrong and what would do
 */
export function resolveMethod(spec: MethodSpec): MethodSpec {
  const { options } = rowOf(spec.name);
  return { name: spec.name, options: resolveOptions(spec.name, options, spec.options) };
}

/** The method, ready for `start`. Throws as `resolveMethod`. */
export function createMethod(spec: MethodSpec): CacheMethod {
  const row = rowOf(spec.name);
  return row.create(resolveOptions(spec.name, row.options, spec.options));
}

function rowOf(name: string): MethodRow<OptionTable> {
  if (Object.hasOwn(cacheMethods, name)) return cacheMethods[name as MethodName];
  throw usageError(
    'cache-method',
    `There is no cache method "${name}".`,
    `Methods: ${Object.keys(cacheMethods).join(', ')}.`,
  );
}
