import { useEditor, type Tool } from '../state/editor-store.ts';
import { goToMarker, markHere } from '../state/markers.ts';
import { isTaken, keysOf } from '../state/key-events.ts';
import { commandOf, toolNames, type Command } from '../state/key-map.ts';
import { goToEnd, setRangePoint, stepFrames, toggleLoop, togglePlay } from '../state/playing.ts';
import { selectOther } from '../state/selecting.ts';
import { stepZoom, useView, zoomToFit, zoomToFull } from '../state/view-store.ts';
import { nextRate } from './play-clock.ts';

/** Whether the key that stops is down: J and L step then, as on an edit controller. */
let stopHeld = false;
/** The place of that key. */
let stopKey = '';

function stop(): void {
  stopHeld = true;
  useEditor.setState({ playRate: 0 });
}

const run = (direction: 1 | -1) => (): void => {
  if (stopHeld) stepFrames(direction);
  else useEditor.setState(({ playRate }) => ({ playRate: nextRate(playRate, direction) }));
};

/** A sixth larger or smaller, at least a pixel. */
function changeBrush(direction: 1 | -1): void {
  useEditor.setState(({ brushRadius }) => {
    const step = Math.max(1, Math.round(brushRadius / 6));
    return { brushRadius: Math.min(256, Math.max(1, brushRadius + direction * step)) };
  });
}

/** Of the brush, or of the selected object. */
function changeSize(direction: 1 | -1): void {
  if (useEditor.getState().tool === 'select') void selectOther(direction);
  else changeBrush(direction);
}

/** By a tenth of the radius. */
function changeSoftness(direction: 1 | -1): void {
  useEditor.setState(({ brushSoftness }) => ({
    brushSoftness: Math.min(1, Math.max(0, Math.round(brushSoftness * 10 + direction) / 10)),
  }));
}

const setClipPoint = (point: 'in' | 'out') => (): void => {
  setRangePoint('clip', point, useEditor.getState().frame);
};

const setEditPoint = (point: 'in' | 'out') => (): void => {
  const { editId, frame } = useEditor.getState();
  if (editId !== null) setRangePoint({ editId }, point, frame);
};

const actions: Readonly<Record<Exclude<Command, Tool | OthersCommand>, () => void>> = {
  backwards: run(-1),
  stop,
  forwards: run(1),
  loop: toggleLoop,
  stepBack: () => stepFrames(-1),
  stepOn: () => stepFrames(1),
  editIn: setEditPoint('in'),
  editOut: setEditPoint('out'),
  clipIn: setClipPoint('in'),
  clipOut: setClipPoint('out'),
  marker: markHere,
  smaller: () => changeSize(-1),
  larger: () => changeSize(1),
};
/** Commands that another part of the window listens to. */
type OthersCommand =
  'trackBoth' | 'absent' | 'weakBefore' | 'weakNext' | 'keyframe' | 'overlay' | 'tokens' | 'sources';

/** By the keys as `keysOf` writes them. */
const fixed: Readonly<Record<string, () => void>> = {
  ArrowLeft: () => stepFrames(-1),
  ArrowRight: () => stepFrames(1),
  'Shift+ArrowLeft': () => stepFrames(-10),
  'Shift+ArrowRight': () => stepFrames(10),
  'Shift+ArrowUp': () => goToMarker(-1),
  'Shift+ArrowDown': () => goToMarker(1),
  Home: () => goToEnd('first'),
  End: () => goToEnd('last'),
  // What Shift makes of the brackets.
  '{': () => changeSoftness(-1),
  '}': () => changeSoftness(1),
  'Ctrl+ArrowUp': () => stepZoom(1),
  'Ctrl+ArrowDown': () => stepZoom(-1),
  'Ctrl+0': zoomToFit,
  'Ctrl+1': zoomToFull,
};

function actionOf(keys: string): (() => void) | undefined {
  const command = commandOf(keys);
  if (command === undefined) return fixed[keys];
  const tool = toolNames.find((name) => name === command);
  if (tool !== undefined) return () => useEditor.setState({ tool });
  return command in actions ? actions[command as keyof typeof actions] : undefined;
}

/** Listens until the function it returns is called. */
export function listenToPlaybackKeys(): () => void {
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.defaultPrevented || event.altKey || isTaken(event.target, event.key)) return;
    if (event.key === ' ') {
      event.preventDefault();
      if (event.repeat) return;
      // With the move tool Space and a drag move the view, so that it plays once it is let go.
      if (useEditor.getState().tool === 'move') useView.setState({ panning: true });
      else togglePlay();
      return;
    }
    const keys = keysOf(event);
    const action = actionOf(keys);
    if (action === undefined) return;
    event.preventDefault();
    // Held down, J and L would be at the fastest rate at once.
    if (event.repeat && !stopHeld && (action === actions.backwards || action === actions.forwards)) return;
    if (action === actions.stop) stopKey = event.code;
    action();
  };
  const onKeyUp = (event: KeyboardEvent): void => {
    if (event.code === stopKey) stopHeld = false;
    if (event.key !== ' ' || !useView.getState().panning) return;
    const { panned } = useView.getState();
    useView.setState({ panning: false, panned: false });
    if (!panned) togglePlay();
  };
  window.addEventListener('keydown', onKeyDown);
  window.addEventListener('keyup', onKeyUp);
  // The key may be let go over another window.
  const onBlur = (): void => {
    stopHeld = false;
  };
  window.addEventListener('blur', onBlur);
  return () => {
    window.removeEventListener('keydown', onKeyDown);
    window.removeEventListener('keyup', onKeyUp);
    window.removeEventListener('blur', onBlur);
  };
}
