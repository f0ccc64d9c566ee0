import { HetcutError } from '../core/errors/index.ts';
import {
  requests,
  type CheckedInput,
  type Failure,
  type Reply,
  type RequestName,
  type RequestOutput,
} from './contract.ts';

/** One function per request; inputs have been checked. `page`: which page asks, where there are several. */
export type Handlers = {
  readonly [Name in RequestName]: (input: CheckedInput<Name>, page?: string) => Promise<RequestOutput<Name>>;
};

/** What was thrown, as it crosses the border; what nobody foresaw is `unexpected`. */
export function failureOf(error: unknown): Failure {
  if (error instanceof HetcutError) return { code: error.code, message: error.message, hint: error.hint };
  return {
    code: 'unexpected',
    message: error instanceof Error ? error.message : String(error),
    hint: 'This is a bug in HetCut: report it with what you did.',
  };
}

/** Checks a request that came over the border and answers it. Never throws: what is wrong is in the reply. */
export async function answer(
  handlers: Handlers,
  name: unknown,
  input: unknown,
  page?: string,
): Promise<Reply<unknown>> {
  if (typeof name !== 'string' || !Object.hasOwn(requests, name)) {
    return {
      ok: false,
      code: 'ipc-request',
      // What is no text may have no form as text either.
      message: `There is no request ${typeof name === 'string' ? name.slice(0, 100) : `of type ${typeof name}`}.`,
      hint: 'Update HetCut.',
    };
  }
  const known = name as RequestName;
  const checked = requests[known].input.safeParse(input);
  if (!checked.success) {
    const [issue] = checked.error.issues;
    const field = issue.path.join('.') || 'the input';
    return {
      ok: false,
      code: 'ipc-input',
      message: `${name}: ${field}: ${issue.message}.`,
      hint: 'Correct the field.',
    };
  }
  try {
    const handler = handlers[known] as (input: unknown, page?: string) => Promise<unknown>;
    return { ok: true, value: await handler(checked.data, page) };
  } catch (error) {
    return { ok: false, ...failureOf(error) };
  }
}
