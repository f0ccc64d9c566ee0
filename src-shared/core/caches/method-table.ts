import type { CacheMethod } from './cache-method.ts';
import type { OptionTable, OptionsOf, OptionValue } from './method-options.ts';

/** A row of the table of methods. */
export interface MethodRow<T extends OptionTable = OptionTable> {
  readonly name: string;
  /** One line for people. */
  readonly summary: string;
  readonly options: T;
  /**
   * `fixed`: the schedule follows from the model, the sampler and the options, so that it is known before the run.
   * `content`: it depends on what the network returns.
   */
  readonly schedule: 'fixed' | 'content';
  /** Options with which nothing is ever reused: the run equals `full` bit for bit. */
  readonly exact: Readonly<Record<string, OptionValue>>;
  create(options: OptionsOf<T>): CacheMethod;
}

/** Keeps the type of a row's options while the row is written down. */
export function methodRow<const T extends OptionTable>(row: MethodRow<T>): MethodRow<T> {
  return row;
}
