import { HetcutError } from '../../src-shared/core/errors/index.ts';
import type { EditEstimate } from '../engine/plan/edit-estimate.ts';
import { errorOf, type HostProcess, type StartHost } from './message-loop.ts';
import type { Estimator, FramePartition } from './estimator.ts';
import { HostTools } from './host-tools.ts';
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

function estimatorDied(how: string, stderr: string): HetcutError {
  return new HetcutError('host-died', `The process that makes estimates ended unexpectedly (${how}).`, {
    hint: 'Change something, or ask again: it is started again. Jobs are not affected.',
    details: { stderr },
  });
}

function closedError(): HetcutError {
  return new HetcutError('superseded', 'The program is closing.', { hint: 'Start it again.' });
}

/**
 * An estimator in a process of its own: it reads whole masks and runs a small graph, which would hold up the process
 * that asks, and with it its window. Started with the first question; started again where it died.
 */
export class HostedEstimator implements Estimator {
  readonly #startHost: StartHost;
  readonly #home: string;
  readonly #onNote: (text: string) => void;
  #running: Running | undefined;
  #numbers = 0;
  #closed = false;

  constructor(startHost: StartHost, home: string, onNote: (text: string) => void) {
    this.#startHost = startHost;
    this.#home = home;
    this.#onNote = onNote;
  }

  // The host answers what it was asked.
  estimate(job: Parameters<Estimator['estimate']>[0]): Promise<EditEstimate> {
    return this.#ask({ about: 'estimate', job }) as Promise<EditEstimate>;
  }

  partition(job: Parameters<Estimator['partition']>[0], frame: number): Promise<FramePartition | null> {
    return this.#ask({ about: 'partition', job, frame }) as Promise<FramePartition | null>;
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#end(closedError());
  }

  /** What is asked from now on is answered by a new process, with the environment of now. */
  restart(): void {
    this.#end(
      new HetcutError('superseded', 'The settings have changed.', { hint: 'The estimate is made anew.' }),
    );
  }

  #ask(question: HostQuestion): Promise<unknown> {
    return new Promise((resolve, reject) => {
      if (this.#closed) {
        reject(closedError());
        return;
      }
      const id = ++this.#numbers;
      this.#running ??= this.#start();
      this.#running.asked.set(id, { resolve, reject });
      this.#running.host.send({ type: 'ask', id, question, home: this.#home });
    });
  }

  #start(): Running {
    const host = this.#startHost('estimates');
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
      return waiting;
    };
    host.onReply((reply) => {
      if (reply.type === 'answer') settle(reply.id)?.resolve(reply.answer);
      else if (reply.type === 'refused') settle(reply.id)?.reject(errorOf(reply.failure));
      else if (reply.type === 'tool-process') tools.track(reply);
      else if (reply.type === 'note') this.#onNote(reply.text);
    });
    const died = (how: string): void => {
      if (this.#running === running) this.#end(estimatorDied(how, host.stderrTail()));
    };
    host.onError(({ message }) => died(message));
    host.onEnd(died);
    process.once('exit', kill);
    return running;
  }

  #end(error: HetcutError): void {
    const running = this.#running;
    this.#running = undefined;
    if (running === undefined) return;
    process.off('exit', running.kill);
    running.kill();
    for (const { reject } of running.asked.values()) reject(error);
  }
}

/** Errors: those of the estimator, and `host-died` where its process ended; `superseded` once it was closed. */
export function openHostedEstimator(
  startHost: StartHost,
  home: string,
  onNote: (text: string) => void,
): HostedEstimator {
  return new HostedEstimator(startHost, home, onNote);
}
