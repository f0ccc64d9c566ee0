import { useEditor, type Tool } from '../state/editor-store.ts';
import { isTaken, keysOf } from '../state/key-events.ts';
import { goToEnd, setRangePoint, stepFrames, toggleLoop, togglePlay } from '../state/playing.ts';
import { toolKeys } from '../state/tool-keys.ts';
import { stepZoom, useView, zoomToFit, zoomToFull } from '../state/view-store.ts';
import { nextRate } from './play-clock.ts';

/** Whether K is down: J and L step then, as on an edit controller. */
let stopHeld = false;

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

/** By the keys as `keysOf` writes them. */
const actions: Readonly<Record<string, () => void>> = {
  K: stop,
  J: run(-1),
  L: run(1),
  'Shift+L': toggleLoop,
  ',': () => stepFrames(-1),
  '.': () => stepFrames(1),
  ArrowLeft: () => stepFrames(-1),
  ArrowRight: () => stepFrames(1),
  'Shift+ArrowLeft': () => stepFrames(-10),
  'Shift+ArrowRight': () => stepFrames(10),
  Home: () => goToEnd('first'),
  End: () => goToEnd('last'),
  I: setEditPoint('in'),
  O: setEditPoint('out'),
  'Shift+I': setClipPoint('in'),
  'Shift+O': setClipPoint('out'),
  '[': () => changeBrush(-1),
  ']': () => changeBrush(1),
  // What Shift makes of them.
  '{': () => changeSoftness(-1),
  '}': () => changeSoftness(1),
  'Ctrl+ArrowUp': () => stepZoom(1),
  'Ctrl+ArrowDown': () => stepZoom(-1),
  'Ctrl+0': zoomToFit,
  'Ctrl+1': zoomToFull,
};

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
    const tool = (Object.keys(toolKeys) as Tool[]).find((one) => toolKeys[one] === keys);
    const action = tool === undefined ? actions[keys] : () => useEditor.setState({ tool });
    if (action === undefined) return;
    event.preventDefault();
    // Held down, J and L would be at the fastest rate at once.
    if (event.repeat && !stopHeld && (keys === 'J' || keys === 'L')) return;
    action();
  };
  const onKeyUp = (event: KeyboardEvent): void => {
    if (event.code === 'KeyK' || event.key.toUpperCase() === 'K') stopHeld = false;
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
