import { HetcutError } from '../../src-shared/core/errors/index.ts';
import { useEditor } from './editor-store.ts';

/** Shows what failed, why, and what to do. */
export function showFailure(error: unknown): void {
  const failure =
    error instanceof HetcutError
      ? { text: error.message, hint: error.hint, code: error.code }
      : { text: error instanceof Error ? error.message : String(error), code: 'unexpected' };
  useEditor.setState({ notice: { kind: 'error', ...failure } });
}

/** Shows what an editor should know, but need not answer. */
export function showInfo(text: string): void {
  useEditor.setState({ notice: { kind: 'info', text } });
}

/** Does what a control asked for; a failure is shown. */
export function attempt(work: () => Promise<unknown>): void {
  work().catch(showFailure);
}
