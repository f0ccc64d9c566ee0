import { HetcutError } from '../../src-shared/core/errors/index.ts';
import { HostTools } from './host-tools.ts';
import { errorOf, type HostProcess, type HostPurpose, type StartHost } from './message-loop.ts';
import type { HostQuestion } from './messages.ts';

interface PendingQuestion {
  readonly resolve: (answer: unknown) => void;
  readonly reject: (error: HetcutError) => void;
}

/** A host that runs, and what it still owes. */
interface Running {
  readonly host: HostProcess;
  /** Ends it and what it has started. */
  readonly kill: () => void;
  readonly asked: Map<number, PendingQuestion>;
}

function hostDied(purpose: HostPurpose, how: string, stderr: string): HetcutError {
  return new HetcutError('host-died', `The process of ${purpose} ended unexpectedly (${how}).`, {
    hint: 'Change something, or ask again: it is started again. Jobs are not affected.',
    details: { stderr },
  });
}

function closedError(): HetcutError {
  return new HetcutError('superseded', 'The program is closing.', { hint: 'Start it again.' });
}

/** A process that answers questions, whose work would hold up the one that asks: started with the first question. */
export class QuestionHost {
  readonly #startHost: StartHost;
  readonly #purpose: HostPurpose;
  readonly #home: string;
  readonly #onNote: (text: string) => void;
  readonly #idleMs: number;
  #running: Running | undefined;
  #idleTimer: NodeJS.Timeout | undefined;
  #numbers = 0;
  #closed = false;

  /** @param idleMs Without a question for so long, the process ends; the next question starts it again. */
  constructor(
    startHost: StartHost,
    purpose: HostPurpose,
    home: string,
    onNote: (text: string) => void,
    idleMs = Infinity,
  ) {
    this.#startHost = startHost;
    this.#purpose = purpose;
    this.#home = home;
    this.#onNote = onNote;
    this.#idleMs = idleMs;
  }

  close(): void {
    this.#closed = true;
    this.#end(closedError());
  }

  /** Ends the process that runs; what is asked from now on is answered by a new one, with the environment of now. */
  restart(): void {
    this.#end(new HetcutError('superseded', 'The settings have changed.', { hint: 'Ask again.' }));
  }

  /** The answer as plain data. Throws what the host throws, `host-died` and `superseded`. */
  ask(question: HostQuestion): Promise<unknown> {
    return new Promise((resolve, reject) => {
      if (this.#closed) {
        reject(closedError());
        return;
      }
      clearTimeout(this.#idleTimer);
      const id = ++this.#numbers;
      this.#running ??= this.#start();
      this.#running.asked.set(id, { resolve, reject });
      this.#running.host.send({ type: 'ask', id, question, home: this.#home });
    });
  }

  #start(): Running {
    const host = this.#startHost(this.#purpose);
    const tools = new HostTools();
    const kill = (): void => {
      host.kill();
      tools.killAll();
    };
    const asked = new Map<number, PendingQuestion>();
    const running: Running = { host, kill, asked };
    const settle = (id: number): PendingQuestion | undefined => {
      const waiting = asked.get(id);
      asked.delete(id);
      if (asked.size === 0) this.#waitForIdle();
      return waiting;
    };
    host.onReply((reply) => {
      if (reply.type === 'answer') settle(reply.id)?.resolve(reply.answer);
      else if (reply.type === 'refused') settle(reply.id)?.reject(errorOf(reply.failure));
      else if (reply.type === 'tool-process') tools.track(reply);
      else if (reply.type === 'note') this.#onNote(reply.text);
    });
    const died = (how: string): void => {
      if (this.#running === running) this.#end(hostDied(this.#purpose, how, host.stderrTail()));
    };
    host.onError(({ message }) => died(message));
    host.onEnd(died);
    process.once('exit', kill);
    return running;
  }

  #waitForIdle(): void {
    if (this.#idleMs === Infinity) return;
    this.#idleTimer = setTimeout(() => this.#end(closedError()), this.#idleMs).unref();
  }

  #end(error: HetcutError): void {
    clearTimeout(this.#idleTimer);
    const running = this.#running;
    this.#running = undefined;
    if (running === undefined) return;
    process.off('exit', running.kill);
    running.kill();
    for (const { reject } of running.asked.values()) reject(error);
  }
}
