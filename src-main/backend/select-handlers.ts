import type { BackendParts, HandlersOf } from './backend-parts.ts';

/** Selecting for the window: a click is answered from the frame as it was made ready. */
export function selectHandlers({ paths, selector }: BackendParts): HandlersOf<'select.object'> {
  return {
    async 'select.object'({ clipPath, range, box, size, ...hints }) {
      return selector.select({
        ...hints,
        clipPath: await paths.require(clipPath),
        ...(range === undefined ? {} : { range }),
        ...(box === undefined ? {} : { box }),
        ...(size === undefined ? {} : { size }),
      });
    },
  };
}
