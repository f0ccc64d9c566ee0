import type { BackendParts, HandlersOf } from './backend-parts.ts';

/** Selecting for the window: a click is answered from the frame as it was made ready. */
export function selectHandlers({ paths, selector, settings }: BackendParts): HandlersOf<'select.object'> {
  return {
    async 'select.object'({ clipPath, range, box, size, ...hints }) {
      const { segmenterId } = settings.current;
      return selector.select({
        ...hints,
        ...(segmenterId === null ? {} : { segmenterId }),
        clipPath: await paths.require(clipPath),
        ...(range === undefined ? {} : { range }),
        ...(box === undefined ? {} : { box }),
        ...(size === undefined ? {} : { size }),
      });
    },
  };
}
