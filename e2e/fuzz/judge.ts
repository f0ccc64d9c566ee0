import { HetcutError } from '../../src-shared/core/errors/index.ts';

/** More than this for one value that came out of a file of a few kilobytes is a promise that was believed. */
const mostBytes = 256 * 2 ** 20;

class AllocationError extends Error {}

const arrays = [
  'Uint8Array',
  'Int8Array',
  'Uint16Array',
  'Int16Array',
  'Int32Array',
  'Uint32Array',
  'Float32Array',
  'Float64Array',
] as const;

function refuse(bytes: number): void {
  if (bytes > mostBytes) throw new AllocationError(`${bytes} bytes were to be allocated`);
}

/**
 * Makes every typed array or buffer beyond 256 MB an error that is no HetcutError, until the returned function is called:
 * the system would give out terabytes that nobody writes to, and nothing would show.
 */
export function guardAllocations(): () => void {
  const globals = globalThis as unknown as Record<string, unknown>;
  const kept = new Map<string, unknown>();
  for (const name of arrays) {
    const usual = globalThis[name];
    kept.set(name, usual);
    globals[name] = new Proxy(usual, {
      construct(target, [first, ...rest]: unknown[], newTarget) {
        if (typeof first === 'number') refuse(first * usual.BYTES_PER_ELEMENT);
        return Reflect.construct(target, [first, ...rest], newTarget) as object;
      },
    });
  }
  const alloc = Buffer.alloc.bind(Buffer);
  const allocUnsafe = Buffer.allocUnsafe.bind(Buffer);
  const own = {
    alloc(size: number, ...rest: []) {
      refuse(size);
      return alloc(size, ...rest);
    },
    allocUnsafe(size: number) {
      refuse(size);
      return allocUnsafe(size);
    },
  };
  const before = Object.fromEntries(
    (['alloc', 'allocUnsafe'] as const).map((name) => [
      name,
      Object.getOwnPropertyDescriptor(Buffer, name)?.value as unknown,
    ]),
  );
  Object.assign(Buffer, own);
  return () => {
    for (const [name, array] of kept) globals[name] = array;
    Object.assign(Buffer, before);
  };
}

/** A message is read by people: what a file holds is quoted, not repeated. */
const mostLetters = 3000;

/** Throws where an error is none that says what was wrong and what to do next. */
function requireClear(error: unknown): void {
  if (!(error instanceof HetcutError)) throw error;
  const { code, message, hint } = error;
  const faults = [
    ...(/^[a-z0-9]+(?:-[a-z0-9]+)*$/.test(code) && code !== 'unexpected' ? [] : [`its code is "${code}"`]),
    ...(message.trim() === '' ? ['it has no message'] : []),
    ...(hint.trim() === '' ? ['it has no hint'] : []),
    ...(message.length > mostLetters ? [`its message has ${message.length} letters`] : []),
    ...(/\[object |(?<!received )undefined|NaN bytes/.test(message) ? ['its message is no sentence'] : []),
  ];
  if (faults.length > 0) throw new Error(`${faults.join(', ')}: ${message.slice(0, 500)}`, { cause: error });
}

/** The value, or undefined where the work was refused with an error as it should be. Anything else is thrown on. */
export async function valueOrClear<Value>(work: () => Value | Promise<Value>): Promise<Value | undefined> {
  try {
    return await work();
  } catch (error) {
    requireClear(error);
    return undefined;
  } finally {
    if ('polluted' in {}) {
      Reflect.deleteProperty(Object.prototype, 'polluted');
      // eslint-disable-next-line no-unsafe-finally -- whatever else happened, this is worse
      throw new Error('the prototype of all objects was changed');
    }
  }
}
