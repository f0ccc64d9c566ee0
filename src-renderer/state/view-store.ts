import { create } from 'zustand';
import type { PlaneFreedom } from '../../src-shared/core/plane/index.ts';

export type Areas = 'tokens' | 'sources';

interface ViewState {
  /** Screen pixels per clip pixel; 'fit': as large as the place allows. */
  readonly zoom: 'fit' | number;
  /** Where the picture's middle lies from the place's middle, in screen pixels. */
  readonly pan: readonly [number, number];
  /** The zoom as it is on the screen, fitted or not. */
  readonly shownZoom: number;
  /** Index of the shape that is being changed, in the active edit's mask. */
  readonly shape: number | null;
  /** How Track follows a chosen box, ellipse or polygon: as a plane; null: as an object with an outline of its own. */
  readonly followAs: PlaneFreedom | null;
  /** What the keyboard last did to a shape, for those who hear it. */
  readonly heard: string;
  /** The mask of the frames beside this one shows faintly. */
  readonly onionSkin: boolean;
  /** What is laid over the frame: the tokens as a grid, or where the filled pixels come from. */
  readonly areas: Areas | null;
  /** Where the wipe's divider stands: 0 left, 1 right. */
  readonly wipe: number;
  /** Space is held: a drag moves the view. */
  readonly panning: boolean;
  /** A drag has moved the view since Space was pressed. */
  readonly panned: boolean;
}

/** How the clip is looked at: the window's, not the project's. */
export const useView = create<ViewState>()(() => ({
  zoom: 'fit',
  pan: [0, 0],
  shownZoom: 1,
  shape: null,
  followAs: null,
  heard: '',
  onionSkin: false,
  areas: null,
  wipe: 0.5,
  panning: false,
  panned: false,
}));

/** One at a time: both have their legend in the same place. */
export function toggleAreas(which: Areas): void {
  useView.setState(({ areas }) => ({ areas: areas === which ? null : which }));
}

const zoomSteps = [1 / 16, 1 / 8, 1 / 4, 1 / 3, 1 / 2, 2 / 3, 1, 1.5, 2, 3, 4, 6, 8, 16];

/** To the next step in or out, about the middle. */
export function stepZoom(direction: 1 | -1): void {
  const { shownZoom, pan } = useView.getState();
  const next =
    direction === 1
      ? zoomSteps.find((step) => step > shownZoom * 1.001)
      : zoomSteps.filter((step) => step < shownZoom / 1.001).at(-1);
  if (next === undefined) return;
  useView.setState({ zoom: next, pan: [(pan[0] * next) / shownZoom, (pan[1] * next) / shownZoom] });
}

export function zoomToFit(): void {
  useView.setState({ zoom: 'fit', pan: [0, 0] });
}

export function zoomToFull(): void {
  useView.setState({ zoom: 1, pan: [0, 0] });
}
