import { useEffect, useState } from 'react';
import { HetcutError } from '../../src-shared/core/errors/index.ts';
import type { ExportPlan, RequestInput } from '../../src-shared/ipc/index.ts';
import { backend } from '../state/backend.ts';
import { showFailure } from '../state/notices.ts';

export type ExportRequest = RequestInput<'export.check'>;

/** What is known of exports that are asked for; no plan and no failure while they are looked at for the first time. */
export interface CheckedExport {
  /** Of all of them together. */
  readonly plan: ExportPlan | null;
  /** Of the first that cannot be. */
  readonly failure: HetcutError | null;
  /** The answer is that to what is asked now. */
  readonly current: boolean;
}

/** Several exports in one go, as one: what differs among them is said once. */
export function joinPlans(plans: readonly ExportPlan[]): ExportPlan {
  const [first, ...others] = plans;
  const unique = (list: (plan: ExportPlan) => readonly string[]): string[] => [
    ...new Set(plans.flatMap(list)),
  ];
  return others.reduce<ExportPlan>(
    (joined, plan) => ({
      ...joined,
      frames: joined.frames + plan.frames,
      bytes: joined.bytes + plan.bytes,
      replaces: joined.replaces || plan.replaces,
      leavesSound: joined.leavesSound || plan.leavesSound,
    }),
    { ...first, sound: unique(({ sound }) => sound), notes: unique(({ notes }) => notes) },
  );
}

/** Asks the program anew whenever something changes; the last answer stays meanwhile, so that nothing jumps. */
export function useExportPlan(asked: readonly ExportRequest[]): CheckedExport {
  const [answer, setAnswer] = useState<Omit<CheckedExport, 'current'> & { readonly key: string }>({
    plan: null,
    failure: null,
    key: '',
  });
  const key = JSON.stringify(asked);
  useEffect(() => {
    if (asked.length === 0) return;
    let stale = false;
    Promise.all(asked.map((one) => backend().call('export.check', one))).then(
      (plans) => {
        if (!stale) setAnswer({ plan: joinPlans(plans), failure: null, key });
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
