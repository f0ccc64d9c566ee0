import type { Session, SessionFactory, SessionOptions } from './session.ts';

/** Several graphs of one model part. Each is opened when it is first asked for and stays until `release`. */
export interface LazySessions<Graph extends string> {
  session(graph: Graph): Promise<Session>;
  /** Closes what was opened; a later `session` opens it again. */
  release(): Promise<void>;
}

/** Nothing is loaded before it is needed: a job uses few of a part's graphs. */
export function lazySessions<Graph extends string>(
  factory: SessionFactory,
  paths: Readonly<Record<Graph, string>>,
  options: SessionOptions = {},
): LazySessions<Graph> {
  const opened = new Map<Graph, Promise<Session>>();
  return {
    session(graph) {
      const session = opened.get(graph) ?? factory.open(paths[graph], options);
      opened.set(graph, session);
      return session;
    },
    async release() {
      const sessions = await Promise.allSettled(opened.values());
      opened.clear();
      for (const result of sessions) if (result.status === 'fulfilled') await result.value.release();
    },
  };
}

/** One session that is open already, whatever graph is asked for. */
export function openSession<Graph extends string>(session: Session): LazySessions<Graph> {
  return { session: async () => session, release: () => session.release() };
}
