import type { StepKind } from '../../src-shared/core/caches/index.ts';

/** Every step of a window as a little bar, by what it computes. */
export function StepStrip({ steps, label }: { readonly steps: readonly StepKind[]; readonly label: string }) {
  return (
    <div className="strip" role="img" aria-label={label}>
      {steps.map((kind, step) => (
        <span key={step} className={kind} />
      ))}
    </div>
  );
}
