import { useEffect, useState } from 'react';
import { HetcutError } from '../../src-shared/core/errors/index.ts';
import type { ExportPlan, RequestInput } from '../../src-shared/ipc/index.ts';
import { backend } from '../state/backend.ts';
import { showFailure } from '../state/notices.ts';

export type ExportRequest = RequestInput<'export.check'>;

/** What is known of an export that is asked for; both null while it is being looked at for the first time. */
export interface CheckedExport {
  readonly plan: ExportPlan | null;
  readonly failure: HetcutError | null;
  /** The answer is that to what is asked now. */
  readonly current: boolean;
}

/** Asks the program anew whenever something changes; the last answer stays meanwhile, so that nothing jumps. */
export function useExportPlan(asked: ExportRequest | null): CheckedExport {
  const [answer, setAnswer] = useState<Omit<CheckedExport, 'current'> & { readonly key: string }>({
    plan: null,
    failure: null,
    key: '',
  });
  const key = JSON.stringify(asked);
  useEffect(() => {
    if (asked === null) return;
    let stale = false;
    backend()
      .call('export.check', asked)
      .then(
        (plan) => {
          if (!stale) setAnswer({ plan, failure: null, key });
        },
        (error: unknown) => {
          if (stale) return;
          if (error instanceof HetcutError) setAnswer(({ plan }) => ({ plan, failure: error, key }));
          else showFailure(error);
        },
      );
    return () => {
      stale = true;
    };
    // The key stands for all that is asked.
  }, [key]);
  return { plan: answer.plan, failure: answer.failure, current: answer.key === key };
}
