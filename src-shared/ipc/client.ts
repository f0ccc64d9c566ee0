import { HetcutError } from '../core/errors/index.ts';
import type { Carrier, EventName, Events, RequestInput, RequestName, RequestOutput } from './contract.ts';

/** The renderer's side of the contract. */
export interface Client {
  /** @throws HetcutError as the main process failed */
  call<Name extends RequestName>(name: Name, input: RequestInput<Name>): Promise<RequestOutput<Name>>;
  on<Name extends EventName>(name: Name, listener: (value: Events[Name]) => void): void;
}

export function createClient(carrier: Carrier): Client {
  return {
    async call(name, input) {
      const reply = await carrier.call(name, input);
      if (!reply.ok) throw new HetcutError(reply.code, reply.message, { hint: reply.hint });
      return reply.value as RequestOutput<typeof name>;
    },
    on(name, listener) {
      carrier.onEvent((event, value) => {
        if (event === name) listener(value as Parameters<typeof listener>[0]);
      });
    },
  };
}
