import type { HostReply, HostRequest } from './messages.ts';

/** Electron's `process.parentPort` in a utility process, as far as it is used. */
interface ParentPort {
  postMessage(message: unknown): void;
  on(event: 'message', listener: (event: { readonly data: HostRequest }) => void): void;
}

/** The inference process's line to the program that started it. */
export interface Port {
  /** Settles when the reply is on its way. */
  send(reply: HostReply): Promise<void>;
  onRequest(listener: (request: HostRequest) => void): void;
  /** The program is gone. */
  onLost(listener: () => void): void;
  /** No more will be said; the process may end. */
  close(): void;
}

function utilityPort(parent: ParentPort): Port {
  return {
    send: async (reply) => parent.postMessage(reply),
    onRequest: (listener) => parent.on('message', ({ data }) => listener(data)),
    // Chromium ends a utility process whose program is gone.
    onLost: () => undefined,
    // The program ends it when it has received the outcome: what was posted could be lost if it ended itself.
    close: () => undefined,
  };
}

function childPort(): Port {
  return {
    send: (reply) =>
      new Promise((resolve) => {
        if (process.send === undefined || !process.connected) resolve();
        else process.send(reply, () => resolve());
      }),
    onRequest: (listener) => void process.on('message', listener),
    onLost: (listener) => void process.on('disconnect', listener),
    close: () => process.disconnect?.(),
  };
}

/** The port of this process, be it a forked Node or a utility process of Electron. */
export function openPort(): Port {
  const { parentPort } = process as { parentPort?: ParentPort };
  return parentPort === undefined ? childPort() : utilityPort(parentPort);
}
