import type { ChildProcess } from 'node:child_process';
import { WebSocket } from 'ws';

/** A page of a program that Playwright cannot start or attach to, by Chromium's DevTools protocol. */
export interface DebuggedPage {
  /** The value of an expression, once it has settled; it must fit into JSON. */
  evaluate(expression: string): Promise<unknown>;
  close(): void;
}

/** Connects to the first page of a program that was started with `--remote-debugging-port=0`. */
export async function debugPage(program: ChildProcess): Promise<DebuggedPage> {
  const { host } = new URL(await addressIn(program));
  const socket = new WebSocket(await pageAddress(host));
  await new Promise((settle, fail) => socket.once('open', settle).once('error', fail));
  const waiting = new Map<number, (answer: Answer) => void>();
  socket.on('message', (data: Buffer) => {
    const answer = JSON.parse(data.toString('utf8')) as Answer;
    waiting.get(answer.id)?.(answer);
    waiting.delete(answer.id);
  });
  let sent = 0;
  return {
    async evaluate(expression) {
      const id = ++sent;
      const params = { expression, awaitPromise: true, returnByValue: true };
      const answered = new Promise<Answer>((settle) => waiting.set(id, settle));
      socket.send(JSON.stringify({ id, method: 'Runtime.evaluate', params }));
      const { result, error } = await answered;
      const problem = error?.message ?? result?.exceptionDetails?.exception?.description;
      if (problem !== undefined) throw new Error(problem);
      return result?.result.value;
    },
    close: () => socket.close(),
  };
}

interface Answer {
  readonly id: number;
  readonly error?: { readonly message: string };
  readonly result?: {
    readonly result: { readonly value?: unknown };
    readonly exceptionDetails?: { readonly exception?: { readonly description?: string } };
  };
}

/** The debugger's address, which Chromium writes to standard error. */
function addressIn({ stderr }: ChildProcess): Promise<string> {
  return new Promise((settle, fail) => {
    let said = '';
    stderr?.on('data', (text: Buffer) => {
      said += text.toString('utf8');
      const address = /DevTools listening on (ws:\S+)/.exec(said)?.[1];
      if (address !== undefined) settle(address);
    });
    stderr?.once('close', () => fail(new Error(said)));
  });
}

/** The address of the page's own debugger; the page is there a little later than the port. */
async function pageAddress(host: string): Promise<string> {
  for (;;) {
    const targets = (await (await fetch(`http://${host}/json/list`)).json()) as {
      type: string;
      webSocketDebuggerUrl: string;
    }[];
    const page = targets.find(({ type }) => type === 'page');
    if (page !== undefined) return page.webSocketDebuggerUrl;
    await new Promise((settle) => setTimeout(settle, 50));
  }
}
