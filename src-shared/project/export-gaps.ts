import { paintedSpans } from './mask/index.ts';
import type { Clip, Edit, FrameRange } from './project.ts';

type Span = readonly [start: number, end: number];

/** Frames of an edit that an export would show otherwise than the edit says. */
export interface ExportGap {
  readonly edit: Edit;
  /** `notRun`: the source is seen there. `changed`: what was made before the edit was changed. */
  readonly kind: 'notRun' | 'changed';
  /** [start, end), ascending, at least one. */
  readonly spans: readonly Span[];
}

const within = (spans: readonly Span[], { startFrame, endFrame }: FrameRange): Span[] =>
  spans
    .map(([start, end]): Span => [Math.max(start, startFrame), Math.min(end, endFrame)])
    .filter(([start, end]) => start < end);

/**
 * What is missing from an export of edits: frames on which something is painted and which no result holds, or one of
 * an edit that is another now.
 * @param exported frames that are written
 * @param hasChanged whether an edit with a result is another than the one that made it
 */
export function exportGaps(
  clip: Clip,
  edits: readonly Edit[],
  exported: FrameRange,
  hasChanged: (edit: Edit) => boolean,
): ExportGap[] {
  const whole = { startFrame: 0, endFrame: clip.frames };
  return edits.flatMap((edit): ExportGap[] => {
    const wanted = within(within(paintedSpans(edit.mask, clip.frames), edit.range ?? whole), exported);
    const held = edit.result === undefined ? undefined : (edit.result.range ?? whole);
    const missing =
      held === undefined
        ? wanted
        : [
            ...within(wanted, { startFrame: 0, endFrame: held.startFrame }),
            ...within(wanted, { startFrame: held.endFrame, endFrame: clip.frames }),
          ];
    const old =
      held !== undefined && hasChanged(edit)
        ? within(within(paintedSpans(edit.mask, clip.frames), held), exported)
        : [];
    return [
      ...(missing.length > 0 ? [{ edit, kind: 'notRun' as const, spans: missing }] : []),
      ...(old.length > 0 ? [{ edit, kind: 'changed' as const, spans: old }] : []),
    ];
  });
}

/** "0–24, 40": the first and last frame of each span. */
export const frameList = (spans: readonly Span[]): string =>
  spans.map(([start, end]) => (end - start === 1 ? `${start}` : `${start}–${end - 1}`)).join(', ');
