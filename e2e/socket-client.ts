import type { WebSocket } from 'ws';
import { createClient, type Carrier, type Client, type Reply } from '../src-shared/ipc/index.ts';

/** The window's client over an open socket of `serve`. */
export function clientOver(socket: WebSocket): Client {
  const waiting = new Map<number, (reply: Reply<unknown>) => void>();
  const listeners: Parameters<Carrier['onEvent']>[0][] = [];
  let lastId = 0;
  socket.on('message', (data: Buffer) => {
    const message = JSON.parse(data.toString()) as {
      id?: number;
      reply: Reply<unknown>;
      event: string;
      value: unknown;
    };
    if (message.id === undefined) listeners.forEach((listener) => listener(message.event, message.value));
    else waiting.get(message.id)?.(message.reply);
  });
  return createClient({
    call: (name, input) =>
      new Promise((resolve) => {
        waiting.set(++lastId, resolve);
        socket.send(JSON.stringify({ id: lastId, name, input }));
      }),
    onEvent: (listener) => void listeners.push(listener),
  });
}
