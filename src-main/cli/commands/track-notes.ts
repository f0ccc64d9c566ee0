import type { TrackRemark } from '../../../src-shared/project/mask/index.ts';

/** What ended a tracking early, in words. */
export function noteText(note: TrackRemark): string {
  switch (note.kind) {
    case 'cut':
      return `Tracking from frame ${note.from} ends at frame ${note.frame}: the shot changes there.`;
    case 'lost':
      return `The object is not seen from frame ${note.frame} on${note.backward ? ', backward' : ''}.`;
    case 'left':
      return `The shape has left the picture from frame ${note.frame} on${note.backward ? ', backward' : ''}.`;
    case 'hidden':
      return `The shape is hidden in frames ${note.frame} to ${note.last}: it goes straight through them.`;
  }
}
