import type { Carrier, Reply } from '../../src-shared/ipc/index.ts';

/** What the preload script of the desktop program gives the page. */
interface DesktopBridge extends Carrier {
  /** Path of a dropped file; it may be opened from then on. */
  pathOfFile(file: File): string;
}

declare global {
  interface Window {
    readonly hetcut?: DesktopBridge;
  }
}

/** What `serve` sends: the reply to a request, or an event. */
interface Message {
  readonly id?: number;
  readonly reply?: Reply<unknown>;
  readonly event?: string;
  readonly value?: unknown;
}

/** Requests over the WebSocket of `serve`. Requests that wait when it closes fail; it connects again by itself. */
function webSocketCarrier(url: string): Carrier {
  const waiting = new Map<number, (reply: Reply<unknown>) => void>();
  const listeners = new Set<(name: string, value: unknown) => void>();
  let lastId = 0;
  let socket = connect();

  function connect(): Promise<WebSocket> {
    const opening = new WebSocket(url);
    opening.addEventListener('message', ({ data }) => receive(JSON.parse(String(data)) as Message));
    opening.addEventListener('close', () => {
      for (const settle of waiting.values()) settle(lost);
      waiting.clear();
      setTimeout(() => {
        socket = connect();
      }, 1000);
    });
    return new Promise((resolve) => opening.addEventListener('open', () => resolve(opening), { once: true }));
  }

  function receive(message: Message): void {
    if (message.id !== undefined && message.reply !== undefined) {
      waiting.get(message.id)?.(message.reply);
      waiting.delete(message.id);
    } else if (message.event !== undefined) {
      for (const listener of listeners) listener(message.event, message.value);
    }
  }

  return {
    async call(name, input) {
      const open = await socket;
      const id = ++lastId;
      return new Promise((resolve) => {
        waiting.set(id, resolve);
        open.send(JSON.stringify({ id, name, input }));
      });
    },
    onEvent: (listener) => void listeners.add(listener),
  };
}

const lost: Reply<unknown> = {
  ok: false,
  code: 'connection-lost',
  message: 'The connection to HetCut was lost.',
  hint: 'See whether the program still runs; the page connects again by itself.',
};

/** The carrier of this page: the desktop program's where there is one. */
export function openCarrier(): Carrier {
  return window.hetcut ?? webSocketCarrier(`ws://${window.location.host}/ipc`);
}
