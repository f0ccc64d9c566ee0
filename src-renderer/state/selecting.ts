import { create } from 'zustand';
import { decodeMask, encodeMask, usualFeatherPx } from '../../src-shared/core/mask/index.ts';
import type { Clip, Edit } from '../../src-shared/project/index.ts';
import {
  maskTextAt,
  nextColour,
  withTrackKey,
  type MaskPoint,
  type MaskShape,
  type TrackShape,
} from '../../src-shared/project/mask/index.ts';
import { text } from '../i18n/index.ts';
import { backend } from './backend.ts';
import { activeClip, activeEdit, changeEdit, useEditor } from './editor-store.ts';
import { showFailure, showInfo } from './notices.ts';
import { trackRange, useTracking } from './tracking.ts';
import { useView } from './view-store.ts';

/** What was pointed at in one frame, in the clip's pixels. */
interface Hints {
  readonly frame: number;
  readonly add: readonly MaskPoint[];
  readonly remove: readonly MaskPoint[];
  readonly box?: { readonly from: MaskPoint; readonly to: MaskPoint };
  /** So many objects larger than the likeliest one, or smaller. */
  readonly size: number;
}

/** A selected mask, with what it came from: further clicks go on from there, also after undo. */
interface Selection {
  readonly hints: Hints;
  /** What the mask had before, as text: it is kept where the object had been painted or followed; else empty. */
  readonly base: string;
  readonly smaller: boolean;
  readonly larger: boolean;
}

export const useSelecting = create<{ readonly running: boolean }>()(() => ({ running: false }));

const mostKnown = 100;
/** By the mask's text. */
const known = new Map<string, Selection>();

function remember(mask: string, selection: Selection): void {
  known.delete(mask);
  known.set(mask, selection);
  for (const oldest of known.keys()) {
    if (known.size <= mostKnown) return;
    known.delete(oldest);
  }
}

/** The object that is gone on with: the chosen one. */
function chosenObject(edit: Edit): TrackShape | undefined {
  const { shape } = useView.getState();
  const chosen = shape === null ? undefined : edit.mask.shapes.at(shape);
  return chosen?.kind === 'track' ? chosen : undefined;
}

function selectionAt(object: TrackShape | undefined, frame: number): Selection | undefined {
  const selection = object && known.get(maskTextAt(object, frame) ?? '');
  return selection?.hints.frame === frame ? selection : undefined;
}

/** Whether the object at the playhead was selected, and a smaller or larger one may be meant. */
export function otherSizes(
  edit: Edit,
  frame: number,
): { readonly smaller: boolean; readonly larger: boolean } {
  return selectionAt(chosenObject(edit), frame) ?? { smaller: false, larger: false };
}

const request = (clip: Clip, edit: Edit, { frame, ...hints }: Hints) => ({
  clipPath: clip.path,
  frame,
  range: trackRange(clip, edit),
  ...hints,
  reachPx: usualFeatherPx,
});

/** The frame at the playhead made ready, so that a click is answered at once. What is wrong with it a click says. */
export function readyToSelect(): void {
  const state = useEditor.getState();
  const [clip, edit] = [activeClip(state), activeEdit(state)];
  if (clip === undefined || edit === undefined || state.opened[clip.id] === undefined) return;
  backend()
    .call('select.object', request(clip, edit, { frame: state.frame, add: [], remove: [], size: 0 }))
    .catch(() => undefined);
}

/** `selected` added to what the object had before. */
function joined(base: string, selected: string, { width, height }: Clip): string {
  if (base === '') return selected;
  const mask = decodeMask(base, width * height);
  const more = decodeMask(selected, width * height);
  for (let pixel = 0; pixel < mask.length; pixel++) mask[pixel] = Math.max(mask[pixel], more[pixel]);
  return encodeMask(mask);
}

/** What is `selected` taken from what the object has. */
function without(base: string, selected: string, { width, height }: Clip): string {
  const mask = decodeMask(base, width * height);
  const less = decodeMask(selected, width * height);
  for (let pixel = 0; pixel < mask.length; pixel++) if (less[pixel] !== 0) mask[pixel] = 0;
  return encodeMask(mask);
}

/** Clicks wait for those before them. */
let last: Promise<void> = Promise.resolve();

function inTurn(work: () => Promise<void>): Promise<void> {
  last = last.then(async () => {
    useSelecting.setState({ running: true });
    try {
      await work();
    } catch (error) {
      showFailure(error);
    } finally {
      useSelecting.setState({ running: false });
    }
  });
  return last;
}

/** Puts the mask of a frame into the object, or a new object with it into the edit's mask, as one step. */
function put(editId: string, object: TrackShape | undefined, frame: number, mask: string): void {
  const edit = activeEdit(useEditor.getState());
  if (edit?.id !== editId) return;
  const at = object === undefined ? -1 : edit.mask.shapes.indexOf(object);
  if (object !== undefined && at === -1) return;
  const colour = nextColour(edit.mask.shapes);
  const shape: TrackShape =
    object === undefined
      ? {
          kind: 'track',
          effect: 'remove',
          ...(colour === undefined ? {} : { colour }),
          keyframes: [{ frame, mask }],
          tracked: [],
        }
      : withTrackKey(object, frame, mask);
  changeEdit(text('step.select'), (draft) => {
    const shapes = draft.mask.shapes as MaskShape[];
    if (at === -1) shapes.push(shape);
    else shapes[at] = shape;
  });
  const shapes = activeEdit(useEditor.getState())?.mask.shapes ?? [];
  useView.setState({ shape: at === -1 ? shapes.length - 1 : at });
}

/** A click, or a box that was drawn; `takes`: what is there is taken away instead. */
export interface Pointed {
  readonly place: MaskPoint;
  readonly box?: Hints['box'];
  readonly takes: boolean;
}

/**
 * Selects the object at the playhead that was pointed at. The chosen object goes on: what was pointed at in its frame is
 * added to it or taken from it; without one, a new object comes of it.
 */
export function select(pointed: Pointed): Promise<void> {
  return inTurn(async () => {
    const state = useEditor.getState();
    const [clip, edit] = [activeClip(state), activeEdit(state)];
    if (clip === undefined || edit === undefined) return;
    if (useTracking.getState().running?.editId === edit.id) return showInfo(text('track.busy'));
    const { frame } = state;
    const object = chosenObject(edit);
    const before = selectionAt(object, frame);
    const base = object === undefined ? '' : (maskTextAt(object, frame) ?? '');
    const { place, box, takes } = pointed;
    if (takes && before === undefined) {
      if (object === undefined || base === '') return showInfo(text('select.nothingToTake'));
      const one: Hints = { frame, add: [place], remove: [], size: 0 };
      const { mask } = await backend().call('select.object', request(clip, edit, one));
      if (mask === '') return showInfo(text('select.empty'));
      return put(edit.id, object, frame, without(base, mask, clip));
    }
    const hints = before?.hints ?? { frame, add: [], remove: [], size: 0 };
    const next: Hints = {
      ...hints,
      size: 0,
      ...(box === undefined
        ? takes
          ? { remove: [...hints.remove, place] }
          : { add: [...hints.add, place] }
        : { box }),
    };
    await answer(clip, edit, object, next, before?.base ?? base);
  });
}

async function answer(
  clip: Clip,
  edit: Edit,
  object: TrackShape | undefined,
  hints: Hints,
  base: string,
): Promise<void> {
  const { mask, smaller, larger } = await backend().call('select.object', request(clip, edit, hints));
  if (mask === '') return showInfo(text('select.empty'));
  const whole = joined(base, mask, clip);
  remember(whole, { hints, base, smaller, larger });
  put(edit.id, object, hints.frame, whole);
}

/** A smaller or larger object at the same clicks. */
export function selectOther(direction: -1 | 1): Promise<void> {
  return inTurn(async () => {
    const state = useEditor.getState();
    const [clip, edit] = [activeClip(state), activeEdit(state)];
    if (clip === undefined || edit === undefined) return;
    const object = chosenObject(edit);
    const before = selectionAt(object, state.frame);
    if (before === undefined || !(direction === 1 ? before.larger : before.smaller)) return;
    const { hints, base } = before;
    await answer(clip, edit, object, { ...hints, size: hints.size + direction }, base);
  });
}
