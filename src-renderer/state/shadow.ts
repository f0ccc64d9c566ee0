import {
  maskTextAt,
  maskedFrames,
  nextColour,
  type TrackShape,
} from '../../src-shared/project/mask/index.ts';
import { text } from '../i18n/index.ts';
import { backend } from './backend.ts';
import { activeClip, activeEdit, useEditor } from './editor-store.ts';
import { showInfo } from './notices.ts';
import { addObject, objectName } from './objects.ts';
import { listenToTracking, trackRange, useTracking } from './tracking.ts';

/** Finds the shadow of a tracked object and puts it into the mask as an object of its own. */
export async function addShadow(index: number): Promise<void> {
  const state = useEditor.getState();
  const [clip, edit] = [activeClip(state), activeEdit(state)];
  const object = edit?.mask.shapes.at(index);
  if (clip === undefined || edit === undefined || object?.kind !== 'track') return;
  if (useTracking.getState().running !== null) return showInfo(text('track.busy'));
  const range = trackRange(clip, edit);
  const masks = maskedFrames(object)
    .filter((frame) => frame >= range.startFrame && frame < range.endFrame)
    .map((frame) => ({ frame, mask: maskTextAt(object, frame) ?? '' }));
  if (masks.length === 0) return showInfo(text('shadow.noObject'));
  const name = text('shadow.name', { name: objectName(edit.mask, index) });
  const trackId = crypto.randomUUID();
  // The object stays as it is: the bar shows how far it is, and stops it.
  const shown = { clipId: clip.id, editId: edit.id, replaces: [object], range, object };
  useTracking.setState({ running: { trackId, ...shown, share: 0, stopping: false } });
  listenToTracking();
  try {
    const end = await backend().call('track.shadow', { trackId, clipPath: clip.path, range, masks });
    const found = end.frames.filter(({ mask }) => mask !== '');
    if (activeEdit(useEditor.getState())?.id !== edit.id) return;
    if (found.length === 0) return end.stopped ? undefined : showInfo(text('shadow.none'));
    addObject('step.shadow', shadowOf(found, name, nextColour(edit.mask.shapes)));
  } finally {
    useTracking.setState({ running: null });
  }
}

/** Its surest frame counts as painted, so that Track can go on from there. */
function shadowOf(found: TrackShape['tracked'], name: string, colour: string | undefined): TrackShape {
  const surest = found.reduce((best, one) => (one.confidence > best.confidence ? one : best));
  return {
    kind: 'track',
    effect: 'remove',
    name,
    ...(colour === undefined ? {} : { colour }),
    keyframes: [{ frame: surest.frame, mask: surest.mask }],
    tracked: found.filter((one) => one !== surest),
  };
}
