import fc from 'fast-check';
import { z } from 'zod';
import { answer, requests, type Handlers, type RequestName } from '../../src-shared/ipc/index.ts';
import { fromSchema } from './from-schema.ts';
import { mutatedJson, textOf } from './mutate-json.ts';
import { require, subject, type Subject } from './subject.ts';

const requestNames = Object.keys(requests) as RequestName[];

/** Some valid inputs of each request, made from its schema: always the same. */
const inputs = new Map(
  requestNames.map((name) => [
    name,
    fc.sample(fromSchema(z.toJSONSchema(requests[name].input, { io: 'input', unrepresentable: 'any' })), {
      numRuns: 6,
      seed: 7,
    }),
  ]),
);

/** A request of the window with its input changed. */
export const request: fc.Arbitrary<{ readonly name: string; readonly input: unknown }> = fc
  .constantFrom(...requestNames)
  .chain((name) => mutatedJson(inputs.get(name)!).map((input) => ({ name, input })));

/** What no JSON holds, but a message of Electron does (the structured clone algorithm). */
const cyclic: Record<string, unknown> = {};
cyclic['self'] = cyclic;
const cloned = fc.constantFrom<unknown>(
  ...[NaN, -0, undefined, 2n ** 70n, new Date(NaN), new Map([[1, 2]]), new Set([1]), /x/, cyclic],
  ...[new Uint8Array(8), new ArrayBuffer(8), new Error('x'), new Array(3)],
);

/** Handlers that are given checked inputs only, and do nothing with them. */
const handlers = Object.fromEntries(
  requestNames.map((name) => [
    name,
    (input: unknown) => {
      // The schema has made a value of its own: what it let through passes again.
      require(requests[name].input.safeParse(input).success, `${name} was given what its schema refuses`);
      return Promise.resolve(null);
    },
  ]),
) as unknown as Handlers;

async function asked(name: unknown, input: unknown): Promise<void> {
  const reply = await answer(handlers, name, input);
  if (reply.ok) return;
  const { code, message, hint } = reply;
  require(code === 'ipc-input' || code === 'ipc-request', `it was refused with ${code}: ${message}`);
  require(message !== '' &&
    hint !== '' &&
    message.length < 1000, `it was refused with: ${message.slice(0, 300)}`);
}

/** Electron's carrier: what the page sends arrives as a structured clone. */
const overElectron = subject('ipc-electron', 12, async () => {
  const odd = fc
    .record({ name: fc.constantFrom(...requestNames), at: fc.nat(), value: cloned })
    .map(({ name, at, value }) => {
      const input = structuredClone(inputs.get(name)![at % 6]);
      if (typeof input !== 'object' || input === null) return { name, input: value };
      const keys = Object.keys(input);
      return { name, input: { ...input, [keys[at % Math.max(1, keys.length)] ?? 'x']: value } };
    });
  return {
    arbitrary: fc.oneof(
      { weight: 8, arbitrary: request },
      { weight: 4, arbitrary: odd },
      {
        weight: 1,
        arbitrary: fc.record({
          name: fc.oneof(cloned, fc.string(), fc.constantFrom('__proto__', 'constructor', 'toString')),
          input: cloned,
        }),
      },
    ),
    read: ({ name, input }) => asked(name, structuredClone(input)),
  };
});

/** The web socket's: a text. `e2e/fuzz/serve.ts` sends such texts to a running server. */
const overSocket = subject('ipc-socket', 6, async () => ({
  arbitrary: request,
  read({ name, input }) {
    const { name: read, input: given } = JSON.parse(textOf({ name, input })) as {
      name: unknown;
      input: unknown;
    };
    return asked(read, given);
  },
}));

export const contractSubjects: readonly Subject[] = [overElectron, overSocket];
