import type { HostReply } from './messages.ts';

/** The programs that a host has started and that still run: a host that is killed leaves them behind. */
export class HostTools {
  readonly #running = new Set<number>();

  track({ pid, running }: Extract<HostReply, { type: 'tool-process' }>): void {
    if (running) this.#running.add(pid);
    else this.#running.delete(pid);
  }

  killAll(): void {
    for (const pid of this.#running) {
      try {
        process.kill(pid, 'SIGKILL');
      } catch {
        // It ended in the meantime.
      }
    }
    this.#running.clear();
  }
}
