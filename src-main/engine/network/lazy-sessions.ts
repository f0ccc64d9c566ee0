import { HetcutError } from '../../../src-shared/core/errors/index.ts';
import type { GraphPaths } from './model-folder.ts';
import type { Session, SessionFactory, SessionOptions } from './session.ts';

/** Several graphs of one model part. Each is opened when it is first asked for and stays until `release`. */
export interface LazySessions<Graph extends string> {
  /** Throws HetcutError `graph-missing` for one that the model's family does not have. */
  session(graph: Graph): Promise<Session>;
  /** Closes what was opened; a later `session` opens it again. */
  release(): Promise<void>;
}

/** Nothing is loaded before it is needed: a job uses few of a part's graphs. */
export function lazySessions<Graph extends string>(
  factory: SessionFactory,
  paths: GraphPaths<Graph>,
  options: SessionOptions | ((graph: Graph) => SessionOptions) = {},
): LazySessions<Graph> {
  const opened = new Map<Graph, Promise<Session>>();
  return {
    session(graph) {
      const path = paths[graph];
      if (path === undefined) return Promise.reject(graphMissing(graph));
      const session =
        opened.get(graph) ?? factory.open(path, typeof options === 'function' ? options(graph) : options);
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

/**
 * Several parts of which only one is open at a time: asking one of them for a graph closes the others first. For models
 * whose parts do not fit into memory together.
 */
export function takeTurns(parts: readonly LazySessions<string>[]): LazySessions<string>[] {
  return parts.map((part, index) => ({
    async session(graph) {
      for (const [other, each] of parts.entries()) if (other !== index) await each.release();
      return part.session(graph);
    },
    release: () => part.release(),
  }));
}

/** A method asks for a graph that the model's family does not have. */
export function graphMissing(graph: string): HetcutError {
  return new HetcutError(
    'graph-missing',
    `The model has no graph "${graph}", which the cache method needs.`,
    {
      hint: 'Choose another method (--method full works with every model), or another model.',
    },
  );
}

/** One session that is open already, whatever graph is asked for. */
export function openSession<Graph extends string>(session: Session): LazySessions<Graph> {
  return { session: async () => session, release: () => session.release() };
}
