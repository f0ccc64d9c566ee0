import { create } from 'zustand';
import type { TextKey } from '../i18n/index.ts';
import type { Tool } from './editor-store.ts';

interface KeyRow {
  readonly keys: string;
  readonly text: TextKey;
}

/** The keys that choose a tool. */
const tools = {
  move: { keys: 'V', text: 'tool.move' },
  brush: { keys: 'B', text: 'tool.brush' },
  eraser: { keys: 'E', text: 'tool.eraser' },
  lasso: { keys: 'F', text: 'tool.lasso' },
  box: { keys: 'R', text: 'tool.box' },
  ellipse: { keys: 'U', text: 'tool.ellipse' },
  polygon: { keys: 'P', text: 'tool.polygon' },
  select: { keys: 'S', text: 'tool.select' },
  track: { keys: 'G', text: 'tool.track' },
} as const satisfies Readonly<Record<Tool, KeyRow>>;
export const toolNames = Object.keys(tools) as Tool[];

/**
 * What a key does while clips are edited: its usual keys as `keysOf` writes them, and what it is called. An editor may
 * choose other keys for these. Those of the menus, Space and the arrows stay: the system and the controls know them.
 */
export const commands = {
  ...tools,
  backwards: { keys: 'J', text: 'shortcuts.backwards' },
  stop: { keys: 'K', text: 'shortcuts.stop' },
  forwards: { keys: 'L', text: 'shortcuts.forwards' },
  loop: { keys: 'Shift+L', text: 'viewer.loop' },
  stepBack: { keys: ',', text: 'viewer.stepBack' },
  stepOn: { keys: '.', text: 'viewer.stepOn' },
  editIn: { keys: 'I', text: 'step.edit.in' },
  editOut: { keys: 'O', text: 'step.edit.out' },
  clipIn: { keys: 'Shift+I', text: 'shortcuts.clipIn' },
  clipOut: { keys: 'Shift+O', text: 'shortcuts.clipOut' },
  smaller: { keys: '[', text: 'shortcuts.smaller' },
  larger: { keys: ']', text: 'shortcuts.larger' },
  marker: { keys: 'M', text: 'marker.set' },
  keyframe: { keys: 'Shift+K', text: 'timeline.addKey' },
  trackBoth: { keys: 'Shift+G', text: 'track.bothHelp' },
  absent: { keys: 'N', text: 'track.absent' },
  weakBefore: { keys: 'Shift+W', text: 'track.weakBefore' },
  weakNext: { keys: 'W', text: 'track.weakNext' },
  overlay: { keys: 'H', text: 'tool.overlay' },
  tokens: { keys: 'T', text: 'tool.tokens' },
  sources: { keys: 'Shift+T', text: 'tool.sources' },
} as const satisfies Readonly<Record<string, KeyRow>>;
export type Command = keyof typeof commands;
const names = Object.keys(commands) as Command[];

type Chosen = Readonly<Partial<Record<Command, string>>>;
const storageKey = 'hetcut-keys';

/** Only what still means something: the storage may be of another version. */
export function readChosenKeys(stored: string | null): Chosen {
  let kept: unknown;
  try {
    kept = JSON.parse(stored ?? '{}');
  } catch {
    return {};
  }
  if (typeof kept !== 'object' || kept === null) return {};
  return Object.fromEntries(
    Object.entries(kept).filter(([name, keys]) => Object.hasOwn(commands, name) && typeof keys === 'string'),
  );
}

const storage = typeof localStorage === 'undefined' ? undefined : localStorage;
const useChosenKeys = create<{ readonly chosen: Chosen }>()(() => ({
  chosen: readChosenKeys(storage?.getItem(storageKey) ?? null),
}));

const keysIn = (chosen: Chosen, command: Command): string => chosen[command] ?? commands[command].keys;

/** The keys of a command as they are now. */
export const keysFor = (command: Command): string => keysIn(useChosenKeys.getState().chosen, command);

/** As `keysFor`, for what is drawn again when they change. */
export function useKeysFor(): (command: Command) => string {
  const chosen = useChosenKeys((state) => state.chosen);
  return (command) => keysIn(chosen, command);
}

/** Whether any command has other keys than usual. */
export const useHasChosenKeys = (): boolean =>
  useChosenKeys(({ chosen }) => names.some((name) => keysIn(chosen, name) !== commands[name].keys));

/** What keys do; undefined where they do nothing of these. */
export const commandOf = (keys: string): Command | undefined => names.find((name) => keysFor(name) === keys);

function keep(chosen: Chosen): void {
  useChosenKeys.setState({ chosen });
  storage?.setItem(storageKey, JSON.stringify(chosen));
}

/** Keys that mean something everywhere, or without which a control could not be used. */
const fixed =
  /^(?: |Tab|Enter|Escape|Delete|Backspace|Home|End|\?|(?:.*\+)?(?:Arrow|Page).*|(?:Ctrl|Alt)\+.*)$/;

/**
 * Gives a command other keys. Returns what keeps them from it: the command that has them, or `fixed`; null where they
 * were given.
 */
export function chooseKeys(command: Command, keys: string): Command | 'fixed' | null {
  if (fixed.test(keys)) return 'fixed';
  const owner = commandOf(keys);
  if (owner !== undefined && owner !== command) return owner;
  keep({ ...useChosenKeys.getState().chosen, [command]: keys });
  return null;
}

/** All keys as they usually are. */
export function usualKeys(): void {
  keep({});
}
