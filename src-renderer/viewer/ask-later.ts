import { HetcutError } from '../../src-shared/core/errors/index.ts';

/** A drag does not ask for every frame that it passes. */
const delayMs = 40;

/**
 * Asks what an overlay shows, a moment later, unless the function it returns is called before. Failures of the program are
 * left to whoever shows the same edit: the estimate, or the viewer's picture.
 */
export function askLater<Answer>(ask: () => Promise<Answer>, onAnswer: (answer: Answer) => void): () => void {
  let stopped = false;
  const timer = setTimeout(() => {
    ask()
      .then((answer) => {
        if (!stopped) onAnswer(answer);
      })
      .catch((error: unknown) => {
        if (!(error instanceof HetcutError)) throw error;
      });
  }, delayMs);
  return () => {
    stopped = true;
    clearTimeout(timer);
  };
}
