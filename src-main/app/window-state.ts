import { z } from 'zod';

const rectangle = { x: z.int(), y: z.int(), width: z.int().positive(), height: z.int().positive() };

/** A rectangle of the desktop in device-independent pixels. */
export type Rectangle = Readonly<Record<keyof typeof rectangle, number>>;

const windowStateSchema = z.strictObject({ ...rectangle, maximised: z.boolean() });
/** Where the window was: its place when not maximised, and whether it was. */
export type WindowState = z.infer<typeof windowStateSchema>;

const preferred = { width: 1440, height: 900 };
/** Below this the panels overlap. */
export const smallestWindow = { width: 960, height: 600 };
/** This much of a window's top edge must be on a screen, else nobody can take hold of it. */
const graspable = { width: 120, height: 40 };

function centred({ x, y, width, height }: Rectangle): WindowState {
  const size = { width: Math.min(preferred.width, width), height: Math.min(preferred.height, height) };
  return {
    x: x + Math.floor((width - size.width) / 2),
    y: y + Math.floor((height - size.height) / 2),
    ...size,
    maximised: false,
  };
}

function overlap(startA: number, lengthA: number, startB: number, lengthB: number): number {
  return Math.min(startA + lengthA, startB + lengthB) - Math.max(startA, startB);
}

function isReachable(state: WindowState, area: Rectangle): boolean {
  return (
    overlap(state.x, state.width, area.x, area.width) >= graspable.width &&
    state.y >= area.y &&
    state.y + graspable.height <= area.y + area.height
  );
}

/**
 * Where the window opens. `stored` is what the settings file holds, of any shape; `workAreas` are those of the
 * screens, the primary one first. What is damaged, or is on a screen that is gone, becomes the default place.
 */
export function placeWindow(stored: unknown, workAreas: readonly Rectangle[]): WindowState {
  const parsed = windowStateSchema.safeParse(stored);
  if (!parsed.success) return centred(workAreas[0]);
  const area = workAreas.find((candidate) => isReachable(parsed.data, candidate));
  if (area === undefined) return { ...centred(workAreas[0]), maximised: parsed.data.maximised };
  const width = Math.max(smallestWindow.width, Math.min(parsed.data.width, area.width));
  const height = Math.max(smallestWindow.height, Math.min(parsed.data.height, area.height));
  return { ...parsed.data, width, height };
}
